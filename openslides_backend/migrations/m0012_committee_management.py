"""Who manages which committee is no matter of meetings."""

from openslides_backend.migrations.data import Data
from openslides_backend.migrations.template_fields import take


def migrate(data: Data) -> None:
    for user in data.models("user"):
        take(user, "committee_", "_management_level")
