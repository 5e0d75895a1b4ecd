"""`user.forwarding_committee_ids` is gone."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    data.remove_fields("user", "forwarding_committee_ids")
