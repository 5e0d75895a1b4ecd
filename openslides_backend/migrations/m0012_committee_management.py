"""Who manages which committee is no matter of meetings."""

from openslides_backend.migrations.data import Data

_START, _END = "committee_$", "_management_level"


def migrate(data: Data) -> None:
    for user in data.models("user"):
        user.pop(*[name for name in user.fields if name.startswith(_START) and name.endswith(_END)])
