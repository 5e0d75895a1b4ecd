"""Files tell who may see them, folders above them considered."""

from collections import defaultdict
from typing import Final

from openslides_backend.migrations.data import Data, Model
from openslides_backend.models.mediafile_access import inherit_access

MAX_INHERITED: Final = 10_000_000
"""How many groups files may inherit together: those of a folder count for each file in it."""


def migrate(data: Data) -> None:
    done: dict[int, Model] = {}
    left = MAX_INHERITED
    for mediafile in data.models("mediafile"):
        for file in _from_above(data, mediafile, done):
            left -= _calculate(file, done)
            if left < 0:
                raise file.failure("parent_id", "too many groups are inherited")
    groups = defaultdict[int, list[int]](list)
    for mediafile in data.models("mediafile"):
        for group_id in mediafile.ids("inherited_access_group_ids"):
            groups[group_id].append(mediafile.id)
    for group in data.models("group"):
        group.put_list("mediafile_inherited_access_group_ids", groups.get(group.id, []))


def _from_above(data: Data, mediafile: Model, done: dict[int, Model]) -> list[Model]:
    """The file and the folders above it that aren't done, the uppermost first."""
    chain: dict[int, Model] = {}
    file: Model | None = mediafile
    while file is not None and file.id not in done:
        if file.id in chain:
            raise file.failure("parent_id", "the folders form a circle")
        chain[file.id] = file
        file = data.find("mediafile", file.id_of("parent_id"))
    return list(reversed(chain.values()))


def _calculate(file: Model, done: dict[int, Model]) -> int:
    """Set what the file inherits; how many groups the folder above has."""
    parent = done.get(file.id_of("parent_id") or 0)
    above = (None, None) if parent is None else (parent.get("is_public"), parent.ids("inherited_access_group_ids"))
    is_public, groups = inherit_access(file.ids("access_group_ids"), *above)
    file.set(is_public=is_public, inherited_access_group_ids=groups)
    done[file.id] = file
    return len(above[1] or ())
