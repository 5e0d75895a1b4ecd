"""Topics have no tags."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    data.remove_fields("topic", "tag_ids")
    for tag in data.models("tag"):
        tag.put_list("tagged_ids", [fqid for fqid in tag.texts("tagged_ids") if not fqid.startswith("topic/")])
