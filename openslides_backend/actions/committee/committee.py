"""Create, change and delete committees."""

from collections.abc import Iterable, Sequence

from openslides_backend.actions.committee.rules import FORWARDINGS, may_create, may_update
from openslides_backend.actions.committee.tree import paths_after, tree_needs
from openslides_backend.engine.action import Action, blaming
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.run import Results
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.models import Committee
from openslides_backend.permissions.rules import committee_manager
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import BackendError, BadRequest, InvalidField
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.typing import Fields

_FIELDS = ("description", "external_id", "parent_id", "manager_ids", *FORWARDINGS, "organization_tag_ids")
_MEETING_FIELDS = ("id", "committee_id", "is_active_in_organization_id")
_NAMED_MEETINGS = 3


def _external_ids(elements: Iterable[Fields]) -> dict[str, Filter]:
    ids = (element["external_id"] for element in elements if element.get("external_id"))
    return {external_id: equals(external_id=external_id) for external_id in ids}


def _external_id_needs(elements: Iterable[Fields]) -> list[Query]:
    return [filter_query("committee", filter_, "id") for filter_ in _external_ids(elements).values()]


def _check_external_ids(action: Action, elements: Sequence[Fields]) -> None:
    """External ids are unique among all committees; empty ones may repeat."""
    filters, given = _external_ids(elements), set()
    for index, element in enumerate(elements):
        external_id = element.get("external_id")
        if not external_id:
            continue
        others = action.uow.filter("committee", filters[external_id], "id").keys() - {element.get("id")}
        if others or external_id in given:
            with blaming(index):
                raise InvalidField("external_id", f"there is a committee '{external_id}' already.")
        given.add(external_id)


def _check_own_forwarding(element: Fields) -> None:
    """Where both sides of the forwardings are given, they must agree on whether the committee forwards to itself."""
    lists = [element.get(name) for name in FORWARDINGS]
    if None not in lists and len({element["id"] in (ids or ()) for ids in lists}) > 1:
        raise BadRequest(f"{' and '.join(FORWARDINGS)}: the committee itself must be in both or in none.")


class CommitteeCreate(CreateAction):
    """Create a committee, below another one or not."""

    name = "committee.create"
    model = Committee
    payload = Payload(Committee, required=["organization_id", "name"], optional=_FIELDS)
    permission = may_create

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        parents = sorted({element["parent_id"] for element in elements if element.get("parent_id")})
        above = GetMany("committee", tuple(parents), ("id", "all_parent_ids"))
        return [*super().reads(elements), *_external_id_needs(elements), above]

    def check_early(self, elements: Sequence[Fields]) -> None:
        _check_external_ids(self, elements)

    def prepare(self, elements: list[Fields]) -> None:
        for index, element in enumerate(elements):
            parent_id = element.get("parent_id")
            if parent_id is not None:
                with blaming(index):
                    parent = self.uow.get("committee", parent_id, "all_parent_ids")
                element["all_parent_ids"] = [*(parent.get("all_parent_ids") or ()), parent_id]

    def check(self, element: Fields) -> None:
        _check_own_forwarding(element)


class CommitteeUpdate(UpdateAction):
    """Change committees; where they get new parents, all below them follow."""

    name = "committee.update"
    model = Committee
    payload = Payload(Committee, required=["id"], optional=["name", *_FIELDS, "default_meeting_id"])
    permission = may_update
    result_is_null = True

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        meetings = sorted({e["default_meeting_id"] for e in elements if e.get("default_meeting_id") is not None})
        moved = [element for element in elements if "parent_id" in element]
        defaults = GetMany("meeting", tuple(meetings), _MEETING_FIELDS)
        return [defaults, *_external_id_needs(elements), *tree_needs(moved)]

    def check_early(self, elements: Sequence[Fields]) -> None:
        _check_external_ids(self, elements)
        for index, element in enumerate(elements):
            meeting = self._default_meeting(element)
            if meeting is not None and "is_active_in_organization_id" not in meeting:
                with blaming(index):
                    raise InvalidField("default_meeting_id", "an archived meeting can not be the default.")

    def work(self, elements: list[Fields]) -> Results:
        """Change the committees as if at once; the last element of each counts."""
        kept = list({element["id"]: index for index, element in enumerate(elements)}.values())
        try:
            return super().work([elements[index] for index in kept])
        except BackendError as error:
            if error.action_data_error_index is not None:
                error.action_data_error_index = kept[error.action_data_error_index]
            raise

    def prepare(self, elements: list[Fields]) -> None:
        self._below: dict[int, list[int]] = {}
        if any("parent_id" in element for element in elements):
            self._below = paths_after(self.uow, elements)
            for element in elements:
                if element["id"] in self._below:
                    element["all_parent_ids"] = self._below.pop(element["id"])

    def check(self, element: Fields) -> None:
        _check_own_forwarding(element)
        meeting = self._default_meeting(element)
        if meeting is not None and meeting.get("committee_id") != element["id"]:
            raise InvalidField("default_meeting_id", "the meeting does not belong to the committee.")

    def follow_up(self, elements: Sequence[Fields]) -> None:
        self.run.relations.load(Committee, [{"id": id_, "all_parent_ids": path} for id_, path in self._below.items()])
        for id_, path in self._below.items():
            self.run.relations.update(Committee, id_, {"all_parent_ids": path})

    def _default_meeting(self, element: Fields) -> Fields | None:
        meeting_id = element.get("default_meeting_id")
        return None if meeting_id is None else self.uow.find("meeting", meeting_id, *_MEETING_FIELDS)


class CommitteeDelete(DeleteAction):
    """Delete a committee that has neither meetings nor committees below it."""

    name = "committee.delete"
    model = Committee
    payload = Payload(Committee, required=["id"])
    permission = committee_manager("id")

    def prepare(self, elements: list[Fields]) -> None:
        self._going: set[int] = set()
        committees = self.uow.get_many("committee", [element["id"] for element in elements], "child_ids", "meeting_ids")
        meetings = [id_ for committee in committees.values() for id_ in committee.get("meeting_ids", ())]
        self.uow.load("meeting", meetings, "id", "name")

    def check(self, element: Fields) -> None:
        self._going.add(element["id"])
        committee = self.uow.get("committee", element["id"], "child_ids", "meeting_ids")
        if set(committee.get("child_ids", ())) - self._going:
            raise BadRequest(f"committee/{element['id']} has committees below it and can not be deleted.")
        meetings = self.uow.get_many("meeting", committee.get("meeting_ids", ()), "name")
        if meetings:
            names = [meeting.get("name", f"meeting/{id_}") for id_, meeting in meetings.items()][:_NAMED_MEETINGS]
            raise BadRequest(f"committee/{element['id']} has meetings and can not be deleted: {', '.join(names)}.")
