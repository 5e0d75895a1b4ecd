"""The attachments of forwarded motions (motion_forwarding.md, "F8")."""

from collections.abc import Sequence
from dataclasses import dataclass

from openslides_backend.actions.mediafile.copies import FileCopies, for_admins_only
from openslides_backend.actions.motion.forwarding_tree import Copy, Forest
from openslides_backend.engine.action import Action
from openslides_backend.engine.run import ids_of
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.shared.filters import And, Filter, any_of, equals
from openslides_backend.shared.fqid import ORGANIZATION
from openslides_backend.shared.typing import Fields, Models

_LINK = "meeting_mediafile"

_Use = tuple[int, int]
"""Ids of the meeting mediafile of an origin, and of a target meeting."""


@dataclass(slots=True)
class _Source:
    """The meeting mediafiles that are attached to origins, and their files."""

    links: Models
    files: Models


@dataclass(slots=True)
class _Counterpart:
    """The file that a target meeting uses instead of an attachment, and the folder that it is in."""

    file_id: int
    parent_id: int | None


def forward_attachments(action: Action, forest: Forest) -> dict[int, list[int]]:
    """The meeting mediafiles of all copies that ask for attachments, by the ids of the new motions.

    Each attachment gets one counterpart in each target meeting. A fixed number of reads.
    """
    source, steps = _read(action, forest), _steps(forest)
    parts = _copied(action, source, steps)
    links = _linked(action, source, parts)
    transferred: set[int] = set()
    result: dict[int, list[int]] = {}
    for group in forest.groups():
        asking = [copy for copy in group if copy.wants("with_attachments")]
        transferred.update(target for copy in asking for _, target in _uses(copy))
        for copy in asking:
            attached = [links[use] for use in _uses(copy) if use in links]
            if attached or copy.target in transferred:
                result[copy.id] = list(dict.fromkeys(attached))
    return result


def _uses(copy: Copy) -> list[_Use]:
    return [(id_, copy.target) for id_ in copy.origin["attachment_meeting_mediafile_ids"] or ()]


def _read(action: Action, forest: Forest) -> _Source:
    ids = {id_ for copy in forest if copy.wants("with_attachments") for id_, _ in _uses(copy)}
    links = action.uow.get_many(_LINK, sorted(ids), "mediafile_id", "is_public")
    files = action.uow.get_many("mediafile", sorted(_file_ids(links)), "owner_id", "parent_id")
    return _Source({id_: link for id_, link in links.items() if link.get("mediafile_id") in files}, files)


def _file_ids(links: Models) -> set[int]:
    return {link["mediafile_id"] for link in links.values() if link.get("mediafile_id") is not None}


def _steps(forest: Forest) -> list[list[_Use]]:
    """What is transferred in each step, in ascending order."""
    steps, seen = [], set[_Use]()
    for group in forest.groups():
        wanted = {use for copy in group if copy.wants("with_attachments") for use in _uses(copy)}
        steps.append(sorted(wanted - seen))
        seen |= wanted
    return steps


def _copied(action: Action, source: _Source, steps: Sequence[Sequence[_Use]]) -> dict[_Use, _Counterpart]:
    """The files of the target meetings: those of the organization themselves, copies of others."""
    copies, parts = FileCopies(action), dict[_Use, _Counterpart]()
    uses = [[use for use in step if use[0] in source.links] for step in steps]
    action.uow.reserve({"mediafile": sum(len(step) for step in uses)})
    for step in uses:
        for target in dict.fromkeys(target for _, target in step):
            here = {link: source.links[link]["mediafile_id"] for link, to in step if to == target}
            own = {id_: source.files[id_] for id_ in here.values() if source.files[id_].get("owner_id") != ORGANIZATION}
            ids = copies.plan(target, own)
            for link, file_id in here.items():
                parent_id = source.files[file_id].get("parent_id")
                parts[link, target] = (
                    _Counterpart(ids[file_id], ids.get(parent_id or 0))
                    if file_id in ids
                    else _Counterpart(file_id, parent_id)
                )
    copies.make()
    return parts


def _linked(action: Action, source: _Source, parts: dict[_Use, _Counterpart]) -> dict[_Use, int]:
    """The ids of the meeting mediafiles in the target meetings; those that are missing are created."""
    known = _known_links(action, parts)
    missing: dict[tuple[int, int], Fields] = {}
    for (link, target), part in parts.items():
        place = (target, part.file_id)
        if place not in known and place not in missing:
            access = (
                {"is_public": True}
                if source.links[link].get("is_public")
                else for_admins_only(action, target, is_in_folder=part.parent_id is not None)
            )
            missing[place] = {"meeting_id": target, "mediafile_id": part.file_id, **access}
    created = ids_of(action.execute("meeting_mediafile.create", list(missing.values())))
    known.update(zip(missing, created, strict=True))
    return {(link, target): known[target, part.file_id] for (link, target), part in parts.items()}


def _known_links(action: Action, parts: dict[_Use, _Counterpart]) -> dict[tuple[int, int], int]:
    """Meeting mediafiles that are there already, by meeting and file."""
    files: dict[int, set[int]] = {}
    for (_, target), part in parts.items():
        if not action.uow.is_created("mediafile", part.file_id):
            files.setdefault(target, set()).add(part.file_id)
    scopes: dict[int, Filter] = {
        target: And(equals(meeting_id=target), any_of("mediafile_id", ids)) for target, ids in files.items()
    }
    action.uow.prefetch(filter_query(_LINK, scope, "mediafile_id") for scope in scopes.values())
    return {
        (target, link["mediafile_id"]): id_
        for target, scope in scopes.items()
        for id_, link in action.uow.filter(_LINK, scope, "mediafile_id").items()
    }
