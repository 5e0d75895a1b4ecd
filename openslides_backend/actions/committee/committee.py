"""Create, change and delete committees."""

from collections.abc import Sequence

from openslides_backend.actions.committee.rules import FORWARDINGS, may_create, may_update
from openslides_backend.actions.committee.tree import Paths, check_depth
from openslides_backend.actions.shared.unique import Unique
from openslides_backend.engine.action import Part, blaming
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.parts import Related, Stored
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.run import Results
from openslides_backend.models.models import Committee
from openslides_backend.permissions.rules import committee_manager
from openslides_backend.shared.exceptions import BackendError, BadRequest, InvalidField
from openslides_backend.shared.typing import Fields

_FIELDS = ("description", "external_id", "parent_id", "manager_ids", *FORWARDINGS, "organization_tag_ids")
_NAMED_MEETINGS = 3


class _OwnForwarding(Part):
    """Where both sides of the forwardings are given, they must agree on whether the committee forwards to itself."""

    def check(self, element: Fields) -> None:
        lists = [element.get(name) for name in FORWARDINGS]
        if None not in lists and len({element["id"] in (ids or ()) for ids in lists}) > 1:
            raise BadRequest(f"{' and '.join(FORWARDINGS)}: the committee itself must be in both or in none.")


class _DefaultMeeting(Related):
    """The default meeting is one of the committee's own, and not archived."""

    def __init__(self) -> None:
        super().__init__("default_meeting_id", "committee_id", "is_active_in_organization_id")

    def check_early(self, elements: Sequence[Fields]) -> None:
        for index, element in enumerate(elements):
            for meeting in self.found(element):
                if not meeting["is_active_in_organization_id"]:
                    with blaming(index):
                        raise InvalidField(self.field, "an archived meeting can not be the default.")

    def check(self, element: Fields) -> None:
        for meeting in self.found(element):
            if meeting["committee_id"] != element["id"]:
                raise InvalidField(self.field, "the meeting does not belong to the committee.")


class CommitteeCreate(CreateAction):
    """Create a committee, below another one or not."""

    name = "committee.create"
    model = Committee
    payload = Payload(Committee, required=["organization_id", "name"], optional=_FIELDS)
    permission = may_create
    parts = (Unique("external_id", early=True), _OwnForwarding())
    above = Related("parent_id", "all_parent_ids")

    def prepare(self, elements: list[Fields]) -> None:
        for index, element in enumerate(elements):
            with blaming(index):
                if (parent := self.above.of(element)) is not None:
                    element["all_parent_ids"] = [*(parent["all_parent_ids"] or ()), element["parent_id"]]

    def check(self, element: Fields) -> None:
        check_depth(element.get("all_parent_ids") or ())


class CommitteeUpdate(UpdateAction):
    """Change committees; where they get new parents, all below them follow."""

    name = "committee.update"
    model = Committee
    payload = Payload(Committee, required=["id"], optional=["name", *_FIELDS, "default_meeting_id"])
    permission = may_update
    parts = (Unique("external_id", early=True), Paths(), _OwnForwarding(), _DefaultMeeting())
    result_is_null = True

    def work(self, elements: list[Fields]) -> Results:
        """Change the committees as if at once; the last element of each counts."""
        kept = list({element["id"]: index for index, element in enumerate(elements)}.values())
        try:
            return super().work([elements[index] for index in kept])
        except BackendError as error:
            if error.action_data_error_index is not None:
                error.action_data_error_index = kept[error.action_data_error_index]
            raise


class CommitteeDelete(DeleteAction):
    """Delete a committee that has neither meetings nor committees below it."""

    name = "committee.delete"
    model = Committee
    payload = Payload(Committee, required=["id"])
    permission = committee_manager("id")
    parts = (Stored("child_ids", "meeting_ids"),)

    def prepare(self, elements: list[Fields]) -> None:
        self._going: set[int] = set()

    def check(self, element: Fields) -> None:
        committee = self.stored(element)
        if set(committee["child_ids"] or ()) - self._going:
            raise BadRequest(f"committee/{element['id']} has committees below it and can not be deleted.")
        meetings = self.uow.get_many("meeting", committee["meeting_ids"] or (), "name")
        if meetings:
            names = [meeting["name"] or f"meeting/{id_}" for id_, meeting in meetings.items()][:_NAMED_MEETINGS]
            raise BadRequest(f"committee/{element['id']} has meetings and can not be deleted: {', '.join(names)}.")

    def fill(self, element: Fields) -> None:
        self._going.add(element["id"])
