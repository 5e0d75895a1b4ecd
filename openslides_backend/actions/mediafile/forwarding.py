"""Duplicates files that topics are forwarded with for a target meeting (agenda_forward.md, "Files")."""

from openslides_backend.actions.mediafile.copies import FileCopies, Files, for_admins_only
from openslides_backend.engine.action import Action


def forward_files(action: Action, files: Files, target: int) -> dict[int, int]:
    """Duplicate the files for the target meeting; ids of the duplicates by those of the originals.

    Raises BadRequest or ServiceError if the media service doesn't duplicate the content of a file.
    """
    copies = FileCopies(action)
    ids = copies.plan(target, files)
    copies.make()
    links = [
        {
            "meeting_id": target,
            "mediafile_id": ids[id_],
            **for_admins_only(action, target, is_in_folder=files[id_].get("parent_id") in ids),
        }
        for id_ in ids
    ]
    action.execute("meeting_mediafile.create", links)
    return ids
