"""Duplicates attached files for a target meeting (agenda_forward.md, "Files")."""

from openslides_backend.actions.agenda_item.forwarding_source import Source
from openslides_backend.actions.shared.file_copies import FileCopies, for_admins_only
from openslides_backend.engine.action import Action


def forward_files(action: Action, source: Source, target: int) -> dict[int, int]:
    """Duplicate the files of the origin; ids of the duplicates by those of the originals."""
    copies = FileCopies(action)
    ids = copies.plan(target, source.files)
    copies.make()
    links = [
        {
            "meeting_id": target,
            "mediafile_id": ids[id_],
            **for_admins_only(action, target, is_in_folder=source.files[id_].get("parent_id") in ids),
        }
        for id_ in ids
    ]
    action.execute("meeting_mediafile.create", links)
    return ids
