"""Users belong to the organization."""

from openslides_backend.migrations.data import Data
from openslides_backend.shared.fqid import ORGANIZATION_ID


def migrate(data: Data) -> None:
    for user in data.models("user"):
        user.set(organization_id=ORGANIZATION_ID)
