"""The attachments of forwarded motions (motion_forwarding.md, "F8")."""

from collections.abc import Sequence

from openslides_backend.actions.mediafile.copies import FileCopies, for_admins_only
from openslides_backend.actions.motion.forwarding_tree import Copy, Forest
from openslides_backend.actions.shared.attachments import Link, known_links
from openslides_backend.engine.action import Action
from openslides_backend.engine.parts import ids_in
from openslides_backend.engine.run import ids_of
from openslides_backend.shared.fqid import ORGANIZATION
from openslides_backend.shared.typing import Fields, Models

_ATTACHED = "attachment_meeting_mediafile_ids"
_WANTED = "with_attachments"

_Use = tuple[int, int]
"""Ids of the meeting mediafile of an origin, and of a target meeting."""

_Counterpart = tuple[int, bool]
"""The id of the file that a target meeting uses instead of an attachment, and whether it is in a folder."""


def forward_attachments(action: Action, forest: Forest) -> dict[int, list[int]]:
    """The meeting mediafiles of all copies that ask for attachments, by the ids of the new motions.

    Each attachment gets one counterpart in each target meeting. A fixed number of reads.
    """
    used = ids_in((copy.origin for copy in forest if copy.wants(_WANTED)), _ATTACHED)
    links = action.uow.get_many("meeting_mediafile", used, "mediafile_id", "is_public")
    files = action.uow.get_many("mediafile", ids_in(links.values(), "mediafile_id"), "owner_id", "parent_id")
    links = {id_: link for id_, link in links.items() if link["mediafile_id"] in files}
    new = _linked(action, links, _copied(action, links, files, _steps(forest, links)))
    transferred: set[int] = set()
    result: dict[int, list[int]] = {}
    for group in forest.groups():
        transferred.update(target for copy in group for _, target in _uses(copy))
        for copy in group:
            attached = [new[use] for use in _uses(copy) if use in new]
            if attached or (copy.wants(_WANTED) and copy.target in transferred):
                result[copy.id] = list(dict.fromkeys(attached))
    return result


def _uses(copy: Copy) -> list[_Use]:
    return [(id_, copy.target) for id_ in copy.origin[_ATTACHED] or () if copy.wants(_WANTED)]


def _steps(forest: Forest, links: Models) -> list[list[_Use]]:
    """What is transferred in each step, in ascending order."""
    steps, seen = [], set[_Use]()
    for group in forest.groups():
        wanted = {use for copy in group for use in _uses(copy) if use[0] in links}
        steps.append(sorted(wanted - seen))
        seen |= wanted
    return steps


def _copied(action: Action, links: Models, files: Models, steps: Sequence[Sequence[_Use]]) -> dict[_Use, _Counterpart]:
    """The files of the target meetings: those of the organization themselves, copies of others."""
    copies, parts = FileCopies(action), dict[_Use, _Counterpart]()
    action.uow.reserve({"mediafile": sum(map(len, steps))})
    for step in steps:
        for target in dict.fromkeys(target for _, target in step):
            here = {link: links[link]["mediafile_id"] for link, to in step if to == target}
            own = {id_: files[id_] for id_ in here.values() if files[id_]["owner_id"] != ORGANIZATION}
            ids = copies.plan(target, own)
            for link, file_id in here.items():
                folder = files[file_id]["parent_id"]
                is_in_folder = folder in ids if file_id in ids else folder is not None
                parts[link, target] = ids.get(file_id, file_id), is_in_folder
    copies.make()
    return parts


def _linked(action: Action, links: Models, parts: dict[_Use, _Counterpart]) -> dict[_Use, int]:
    """The ids of the meeting mediafiles in the target meetings; those that are missing are created."""
    stored: dict[int, set[int]] = {}
    for (_, target), (file_id, _) in parts.items():
        if not action.uow.is_created("mediafile", file_id):
            stored.setdefault(target, set()).add(file_id)
    known = known_links(action.uow, stored)
    missing: dict[Link, Fields] = {}
    for (link, target), (file_id, is_in_folder) in parts.items():
        if (target, file_id) not in known and (target, file_id) not in missing:
            is_public = links[link]["is_public"]
            access = {"is_public": True} if is_public else for_admins_only(action, target, is_in_folder=is_in_folder)
            missing[target, file_id] = {"meeting_id": target, "mediafile_id": file_id, **access}
    created = ids_of(action.execute("meeting_mediafile.create", list(missing.values())))
    known.update(zip(missing, created, strict=True))
    return {(link, target): known[target, file_id] for (link, target), (file_id, _) in parts.items()}
