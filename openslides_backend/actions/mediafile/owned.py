"""What all actions on files share: their owners, and the trees that they are in."""

from collections.abc import Iterable, Iterator

from openslides_backend.engine.action import Action, Look
from openslides_backend.engine.unit_of_work import UnitOfWork, filter_query
from openslides_backend.services.datastore import FilterModels
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.filters import equals
from openslides_backend.shared.fqid import split_fqid
from openslides_backend.shared.typing import Fields

PUBLISHED = "published_to_meetings_in_organization_id"
TREE_FIELDS = ("id", "child_ids", "meeting_mediafile_ids", "owner_id", "parent_id", PUBLISHED)


def meeting_of_owner(owner_id: str | None) -> int | None:
    """The meeting that an owner is; None for the organization.

    Raises BadRequest if it is no fqid.
    """
    if owner_id is None:
        return None
    collection, id_ = split_fqid(owner_id)
    return id_ if collection == "meeting" else None


class FileAction(Action):
    """An action on files: their meeting is their owner, whatever `meeting_id` says."""

    def find_meeting(self, element: Fields, look: Look) -> int | None:
        """The meeting that owns the file; None for files of the organization."""
        if "owner_id" in element:
            return meeting_of_owner(element["owner_id"])
        if not isinstance(element.get("id"), int):
            return None
        stored = look("mediafile", element["id"], "owner_id")
        return None if stored is None else meeting_of_owner(stored["owner_id"])

    def owner(self, element: Fields) -> str:
        """The fqid of the owner.

        Raises ModelDoesNotExist if there is no such file, BadRequest if it has no owner.
        """
        owner_id = element.get("owner_id") or self.uow.get("mediafile", element["id"], "owner_id")["owner_id"]
        if not isinstance(owner_id, str):
            raise BadRequest(f"mediafile/{element['id']} has no owner_id.")
        return owner_id


def tree_query(owner_id: str) -> FilterModels:
    """The query for all files of an owner, so that their trees can be looked at."""
    return filter_query("mediafile", equals(owner_id=owner_id), *TREE_FIELDS)


def peek_owners_of_parents(uow: UnitOfWork, ids: Iterable[int]) -> Iterator[str]:
    """The owners of those of the files that something is in, as far as they are known."""
    for id_ in ids:
        file = uow.peek("mediafile", id_, "child_ids", "owner_id")
        if file is not None and file["child_ids"] and file["owner_id"] is not None:
            yield file["owner_id"]


def below(uow: UnitOfWork, roots: Iterable[int]) -> list[int]:
    """The ids of all files in these directories, at any depth, parents first.

    Costs no reads if `tree_query` was read before, else one for each level.
    """
    seen = dict.fromkeys(roots)
    level, found = list(seen), list[int]()
    while level:
        files = uow.get_many("mediafile", level, "child_ids")
        level = list(dict.fromkeys(c for file in files.values() for c in file["child_ids"] or () if c not in seen))
        uow.load("mediafile", level, *TREE_FIELDS)
        seen.update(dict.fromkeys(level))
        level = [id_ for id_ in level if uow.is_live("mediafile", id_)]
        found += level
    return found
