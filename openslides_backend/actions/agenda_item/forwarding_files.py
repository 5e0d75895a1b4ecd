"""Duplicates attached files for a target meeting (agenda_forward.md, "Files")."""

from openslides_backend.actions.agenda_item.forwarding_source import Source
from openslides_backend.engine.action import Action
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields


def forward_files(action: Action, source: Source, target: int) -> dict[int, int]:
    """Duplicate the files of the origin; ids of the duplicates by those of the originals.

    Ids follow the order of the originals; directories are made before what is in them.
    """
    ids = dict(zip(source.files, action.uow.next_ids("mediafile", len(source.files)), strict=True))
    order = sorted(ids, key=lambda id_: (_depth(source, id_), id_))
    duplicates: list[Fields] = [
        {
            "id": ids[id_],
            "owner_id": make_fqid("meeting", target),
            "origin_id": id_,
            "parent_id": ids.get(source.files[id_].get("parent_id", 0)),
        }
        for id_ in order
    ]
    action.execute("mediafile.duplicate_to_another_meeting", duplicates)
    admins = action.uow.get("meeting", target, "admin_group_id").get("admin_group_id")
    groups = [] if admins is None else [admins]
    links = [
        {
            "meeting_id": target,
            "mediafile_id": ids[id_],
            "is_public": False,
            "inherited_access_group_ids": groups,
            "access_group_ids": [] if source.files[id_].get("parent_id") in ids else groups,
        }
        for id_ in ids
    ]
    action.execute("meeting_mediafile.create", links)
    return ids


def _depth(source: Source, id_: int) -> int:
    """How many directories that are duplicated, too, a file is in."""
    seen = {id_}
    parent_id = source.files[id_].get("parent_id")
    while parent_id in source.files and parent_id not in seen:
        seen.add(parent_id)
        parent_id = source.files[parent_id].get("parent_id")
    return len(seen)
