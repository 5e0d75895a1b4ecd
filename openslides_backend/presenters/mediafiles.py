"""Questions on files."""

from collections import defaultdict
from collections.abc import Iterable

from openslides_backend.models.models import MODELS
from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import Steps, question, until
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.questions import has_permission, level_of, models
from openslides_backend.permissions.rules import Inquiry, Verdict, rule
from openslides_backend.presenting.presenter import IDS, Presenter, takes
from openslides_backend.services.datastore import FilterModels, GetMany
from openslides_backend.shared.filters import any_of
from openslides_backend.shared.fqid import ORGANIZATION, ORGANIZATION_ID, split_fqid
from openslides_backend.shared.typing import Fields, Models, ReadOnlyFields

_FILE = ("child_ids", "meeting_mediafile_ids", "owner_id", "published_to_meetings_in_organization_id")
_LOGO, _FONT = "used_as_logo_", "used_as_font_"
_PROJECTORS = {
    "holds_current_projections": "current_projector_id",
    "holds_history_projections": "history_projector_id",
    "holds_preview_projections": "preview_projector_id",
}


def _owner(file: ReadOnlyFields) -> str:
    """The fqid of a file's owner; the field is required, and broken data are the organization's business."""
    return file.get("owner_id") or ORGANIZATION


@question
def _owner_refusal(user_id: int, owner: str) -> Steps[Verdict]:
    collection, id_ = split_fqid(owner)
    if collection == "meeting":
        allowed = yield from has_permission(user_id, id_, Permissions.Mediafile.CAN_MANAGE)
    else:
        allowed = (yield from level_of(user_id)) >= Level.CAN_MANAGE_ORGANIZATION
    return None if allowed else f"Missing the right to manage the files of {owner}."


@rule
def _may_manage_files(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """The user may manage the files of all owners of the `mediafile_ids` that are stored."""
    files = yield from models("mediafile", element.ids("mediafile_ids"), "owner_id")
    owners = sorted({_owner(file) for file in files.values()})
    verdicts = yield from until(
        lambda verdict: verdict is not None, [_owner_refusal(inquiry.user_id, owner) for owner in owners]
    )
    return verdicts[-1] if verdicts else None


class GetMediafileContext(Presenter):
    """What files and folders, with all that is below them, are used for in meetings."""

    name = "get_mediafile_context"
    data = takes({"mediafile_ids": IDS})
    permission = _may_manage_files

    def present(self, data: Fields) -> object:
        return self.checker.ask(_contexts(Element(data).ids("mediafile_ids")))


@question
def _contexts(ids: tuple[int, ...]) -> Steps[Fields]:
    """The contexts by the ids of the files, in four reads, however deep the folders are nested."""
    files: Models = yield from models("mediafile", ids, *_FILE)
    if not files:
        return {}
    # All files of the owners: folders and what is in them have the same one.
    owners = {_owner(file) for file in files.values()}
    (found,) = yield [FilterModels("mediafile", any_of("owner_id", owners), _FILE)]
    below = {**found.models, **files}
    trees = {id_: list(_tree(id_, below)) for id_ in files}
    uses_of = {
        id_: [use for part in tree for use in below[part].get("meeting_mediafile_ids") or ()]
        for id_, tree in trees.items()
    }
    uses = yield from models("meeting_mediafile", sorted({use for part in uses_of.values() for use in part}), *_use())
    projections, meetings = yield [
        GetMany("projection", _listed(uses, "projection_ids"), ("meeting_id", *_PROJECTORS.values())),
        GetMany("meeting", tuple(sorted({use["meeting_id"] for use in uses.values()})), ("name",)),
    ]
    return {
        str(id_): {
            "owner_id": _owner(file),
            "published": file.get("published_to_meetings_in_organization_id") == ORGANIZATION_ID,
            "children_amount": len(trees[id_]) - 1,
            "meetings_of_interest": _of_interest(
                [uses[use] for use in uses_of[id_] if use in uses], projections, meetings
            ),
        }
        for id_, file in files.items()
    }


def _use() -> tuple[str, ...]:
    """The fields of a `meeting_mediafile` that tell what it is used for."""
    special = [name for name in MODELS["meeting_mediafile"].fields if name.startswith((_LOGO, _FONT))]
    return ("attachment_ids", "meeting_id", "projection_ids", *special)


def _listed(uses: Models, field: str) -> tuple[int, ...]:
    return tuple(sorted({id_ for use in uses.values() for id_ in use.get(field) or ()}))


def _tree(root: int, files: Models) -> Iterable[int]:
    """The ids of a file and of all below it."""
    seen, waiting = set(), [root]
    while waiting:
        id_ = waiting.pop()
        if id_ in files and id_ not in seen:
            seen.add(id_)
            waiting.extend(files[id_].get("child_ids") or ())
            yield id_


def _of_interest(uses: list[Fields], projections: Models, meetings: Models) -> Fields:
    flags: defaultdict[int, dict[str, bool]] = defaultdict(dict)
    for use in uses:
        meeting_flags = flags[use["meeting_id"]]
        for flag, is_set in _flags(use, projections).items():
            meeting_flags[flag] = is_set or meeting_flags.get(flag, False)
    return {
        str(id_): {"name": meetings.get(id_, {}).get("name") or "", **told}
        for id_, told in sorted(flags.items())
        if any(told.values())
    }


def _flags(use: ReadOnlyFields, projections: Models) -> dict[str, bool]:
    stored = (projections.get(id_, {}) for id_ in use.get("projection_ids") or ())
    own = [projection for projection in stored if projection.get("meeting_id") == use["meeting_id"]]
    return {
        "holds_attachments": bool(use.get("attachment_ids")),
        "holds_logos": any(value for name, value in use.items() if name.startswith(_LOGO)),
        "holds_fonts": any(value for name, value in use.items() if name.startswith(_FONT)),
        **{flag: any(projection.get(field) for projection in own) for flag, field in _PROJECTORS.items()},
    }
