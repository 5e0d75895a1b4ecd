"""Forward motions and amendments to other meetings (motion_forwarding.md)."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar

from openslides_backend.actions.motion.arrival import FirstState
from openslides_backend.actions.motion.forwarding_files import forward_attachments
from openslides_backend.actions.motion.forwarding_names import OriginalSubmitters
from openslides_backend.actions.motion.forwarding_tree import (
    FLAGS,
    ORIGIN_FIELDS,
    STATE_FIELDS,
    Copy,
    Forest,
    read_forest,
)
from openslides_backend.actions.motion.identical import IdenticalMotions
from openslides_backend.actions.motion.numbering import Wish
from openslides_backend.actions.motion.numbers import Numbers
from openslides_backend.actions.motion_category.numbering import Style
from openslides_backend.actions.shared.agenda import AgendaItem, ListOfSpeakers
from openslides_backend.actions.shared.executing import execute_for
from openslides_backend.engine.action import Part, Visibility, blaming
from openslides_backend.engine.generics import CreateAction
from openslides_backend.engine.parts import OfMeeting, Organization, ids_in
from openslides_backend.engine.payload import BOOLEAN, Payload
from openslides_backend.engine.run import Results
from openslides_backend.engine.unit_of_work import models_query
from openslides_backend.i18n.languages import DEFAULT_LANGUAGE
from openslides_backend.models.models import Motion
from openslides_backend.models.motion_text import PARAGRAPHS
from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import Steps
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.questions import existing, rights_in
from openslides_backend.permissions.rules import Inquiry, Verdict, rule
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import BackendError, BadRequest
from openslides_backend.shared.filters import any_of, equals
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields

_RECOMMENDATION = "motion_change_recommendation"
_RECOMMENDATION_FIELDS = ("rejected", "internal", "type", "other_description", "line_from", "line_to", "text")
_COMMITTEE = ("forward_to_committee_ids", "name")
_LONGEST = 256


@rule
def _may_forward(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """Who may forward motions of the meeting that the motion is in; amendments go with their motions only."""
    origin = yield from existing("motion", element.id("origin_id"), "meeting_id", "lead_motion_id")
    if not (yield from rights_in(inquiry.user_id, origin["meeting_id"])).has(Permissions.Motion.CAN_FORWARD):
        return f"Missing permission in meeting {origin['meeting_id']}: {Permissions.Motion.CAN_FORWARD.value}."
    return None if origin.get("lead_motion_id") is None else "An amendment is forwarded with its lead motion only."


class _ForwardedNumbers(Numbers):
    """Forwarded motions get numbers as new ones do, or keep that which they have ("F5")."""

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        yield from super().reads([element for element in elements if not element["use_original_number"]])

    def fill(self, element: Fields) -> None:
        super().fill(element)
        if self._original(element):
            del element["number_value"]

    def _due(self, element: Fields) -> Wish | None:
        return self._original(element) or super()._due(element)

    def _original(self, element: Fields) -> Wish | None:
        if not element.get("use_original_number"):
            return None
        number = self.uow.get("motion", element["origin_id"], "number")["number"]
        if not number:
            return None
        scope, style = equals(origin_id=element["origin_id"]), Style.of_meeting(self.action.meeting(element))
        return Wish(element["meeting_id"], scope, style, id=element["id"], original=number)


class _AmendmentsFirst(Part):
    """What comes with a motion is made after what comes with its amendments ("F7")."""

    action: "ForwardAction"

    def follow_up(self, elements: Sequence[Fields]) -> None:
        super().follow_up([copy.element for copy in self.action.forest.amendments_first()])


class _AgendaItems(_AmendmentsFirst, AgendaItem):
    """The agenda items of forwarded motions."""


class _ListsOfSpeakers(_AmendmentsFirst, ListOfSpeakers):
    """The lists of speakers of forwarded motions."""


class ForwardAction(CreateAction):
    """Creates copies of motions in other meetings, with their amendments.

    Everything is created together, so that the number of reads and writes doesn't depend on how much it is: what `work`
    is called with becomes a forest first, and the parts see all motions of it, each before its amendments.
    """

    model = Motion
    organization = Organization("disable_forward_with_attachments", "default_language")
    parts = (
        OfMeeting("committee_id", "language"),
        FirstState(forwarded=True),
        _ForwardedNumbers(),
        IdenticalMotions(),
        _AgendaItems(asks=False),
        _ListsOfSpeakers(),
    )
    marks_key: ClassVar[str] = "marked_forwarded"
    """The key that says whether amendments that come along get `marked_forwarded`."""
    forest: Forest
    _extra: ClassVar = dict.fromkeys(FLAGS, BOOLEAN)

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        ids = ids_in(elements, "origin_id")
        yield models_query("motion", ids, *ORIGIN_FIELDS)
        origins = self.uow.peek_all("motion", ids, *ORIGIN_FIELDS)
        yield models_query("motion_state", ids_in(origins, "state_id"), *STATE_FIELDS)
        sources = ids_in(origins, "meeting_id")
        yield models_query("meeting", sources, "id", "committee_id")
        meetings = self.uow.peek_all("meeting", sources, "committee_id")
        yield models_query("committee", ids_in(meetings, "committee_id"), *_COMMITTEE)
        # They get new derived motions; which of them are identical to something is judged then.
        yield models_query("motion", ids_in(origins, "all_origin_ids"), *ORIGIN_FIELDS)

    def takes_amendments(self, element: Fields) -> bool:
        """Whether amendments come along."""
        return True

    def work(self, elements: list[Fields]) -> Results:
        """Find out what is forwarded, check whether it may be, and create it all."""
        for index, element in enumerate(elements):
            with blaming(index):
                self._check_way(element)
        self.forest = read_forest(self.uow, [self._root(element, index) for index, element in enumerate(elements)])
        copies = list(self.forest)
        self._reserve(len(copies) - len(elements))
        self._complete(copies)
        with self._blaming_roots(copies):
            self._read(copies)
            super().work([copy.element for copy in copies])
        return [_result(root) for root in self.forest.roots]

    def check(self, element: Fields) -> None:
        _check_length(element, "additional_submitter")

    def apply(self, element: Fields) -> None:
        _check_length(element, "number")
        super().apply(element)

    def follow_up(self, elements: Sequence[Fields]) -> None:
        self._forward_recommendations()
        attached = forward_attachments(self, self.forest)
        changes = {id_: {"attachment_meeting_mediafile_ids": links} for id_, links in attached.items()}
        self.run.relations.load(Motion, [{"id": id_, **change} for id_, change in changes.items()])
        for id_, change in changes.items():
            self.run.relations.update(Motion, id_, dict(change))

    def tell_history(self, elements: Sequence[Fields]) -> None:
        below = [copy.amendments for copy in self.forest.amendments_first()]
        for group in (*below, self.forest.roots):
            for copy in group:
                target = make_fqid("meeting", copy.target)
                self.tell(make_fqid("motion", copy.origin["id"]), "Motion forwarded to {}", target)
            for copy in group:
                self.tell(make_fqid("motion", copy.id), "Motion created (forwarded)")

    def _root(self, element: Fields, index: int) -> Copy:
        origin = self.uow.get("motion", element["origin_id"], *ORIGIN_FIELDS)
        return Copy(element, origin, index, self.takes_amendments(element), bool(element.get(self.marks_key)))

    def _check_way(self, element: Fields) -> None:
        """Raises BadRequest if nothing may be forwarded from the one meeting to the other, or not in this way."""
        origin = self.uow.get("motion", element["origin_id"], *ORIGIN_FIELDS)
        committee = self._committee_of(origin["meeting_id"])
        target = self.meeting(element)["committee_id"]
        if target is None or target not in (committee["forward_to_committee_ids"] or ()):
            raise BadRequest(
                f"meeting_id: the committee of meeting {origin['meeting_id']} does not forward to that of meeting "
                f"{element['meeting_id']}."
            )
        if element.get("with_attachments") and self.organization.record["disable_forward_with_attachments"]:
            raise BadRequest("with_attachments: the organization does not allow to forward attachments.")

    def _committee_of(self, meeting_id: int | None) -> Fields:
        """The committee that forwards; it forwards to nobody if there is none."""
        meeting = self.uow.find_fields("meeting", meeting_id or 0, "committee_id")
        return self.uow.find_fields("committee", meeting["committee_id"] or 0, *_COMMITTEE)

    def _reserve(self, more: int) -> None:
        """Reserve the ids of all motions, and give them out: to the amendments of each motion as one block."""
        self.uow.reserve({"motion": more + len(self.forest.roots)})
        for group in self.forest.groups():
            for copy, id_ in zip(group, self.uow.next_ids("motion", len(group)), strict=True):
                copy.element["id"] = id_
                # Numbers and identical motions of amendments depend on lead motions that nobody else can know of.
                self.uow.create("motion", id_, {})
        for copy in self.forest:
            for amendment in copy.amendments:
                amendment.element["lead_motion_id"] = copy.id

    def _complete(self, copies: Sequence[Copy]) -> None:
        """What follows from the origins."""
        submitters = OriginalSubmitters(
            self.uow, [copy.origin["id"] for copy in copies if copy.wants("use_original_submitter")]
        )
        for copy in copies:
            source = copy.origin["meeting_id"]
            copy.element["origin_meeting_id"] = source
            copy.element["all_origin_ids"] = [*(copy.origin["all_origin_ids"] or ()), copy.origin["id"]]
            if copy.wants("use_original_submitter"):
                text = submitters.text(copy, self._language(copy))
            else:
                text = self._committee_of(source)["name"]
            if text is not None:
                copy.element["additional_submitter"] = text

    def _language(self, copy: Copy) -> str:
        of_meeting: str | None = self.meeting(copy.element)["language"]
        return of_meeting or self.organization.record["default_language"] or DEFAULT_LANGUAGE

    def _read(self, copies: Sequence[Copy]) -> None:
        """Read and reserve what the parts need for all motions, as it is done for elements that are given."""
        elements, targets = [copy.element for copy in copies], [copy.target for copy in copies]
        while unknown := self.uow.unknown(self.run.reads_of(self.name, elements, targets)):
            self.uow.prefetch(unknown)
        self.uow.reserve(self.run.reserves_of(self.name, elements, targets))

    @contextmanager
    def _blaming_roots(self, copies: Sequence[Copy]) -> Iterator[None]:
        """An error of any motion is blamed on the element that it is forwarded for."""
        try:
            yield
        except BackendError as error:
            if error.action_data_error_index is not None:
                error.action_data_error_index = copies[error.action_data_error_index].root
            raise

    def _forward_recommendations(self) -> None:
        asking = [(i, copy) for i, copy in enumerate(self.forest) if copy.wants("with_change_recommendations")]
        if not asking:
            return
        scope = any_of("motion_id", {copy.origin["id"] for _, copy in asking})
        stored = self.uow.filter(_RECOMMENDATION, scope, "motion_id", *_RECOMMENDATION_FIELDS)
        by_motion: dict[int, list[Fields]] = {}
        for original in stored.values():
            by_motion.setdefault(original["motion_id"], []).append(original)
        work = [
            (index, {name: original.get(name) for name in _RECOMMENDATION_FIELDS} | {"motion_id": copy.id})
            for index, copy in asking
            for original in by_motion.get(copy.origin["id"], ())
        ]
        execute_for(self, f"{_RECOMMENDATION}.create", work)


class MotionCreateForwarded(ForwardAction):
    """Forward motions, with their amendments if that is wanted."""

    name = "motion.create_forwarded"
    payload = Payload(
        Motion,
        required=["meeting_id", "origin_id", "title"],
        required_keys=["text"],
        optional=["reason"],
        extra_optional={**ForwardAction._extra, "with_amendments": BOOLEAN, "mark_amendments_as_forwarded": BOOLEAN},
    )
    permission = _may_forward
    marks_key = "mark_amendments_as_forwarded"

    def takes_amendments(self, element: Fields) -> bool:
        return bool(element.get("with_amendments"))

    def _check_way(self, element: Fields) -> None:
        origin = self.uow.get("motion", element["origin_id"], *ORIGIN_FIELDS)
        state = self.uow.find_fields("motion_state", origin["state_id"] or 0, *STATE_FIELDS)
        if not state["allow_motion_forwarding"]:
            raise BadRequest(f"origin_id: the state of motion/{element['origin_id']} does not allow to forward it.")
        super()._check_way(element)


class MotionCreateForwardedAmendment(ForwardAction):
    """Forward amendments with everything below them to a motion of another meeting."""

    name = "motion.create_forwarded_amendment"
    payload = Payload(
        Motion,
        required=["meeting_id", "origin_id", "lead_motion_id", "title"],
        optional=["text", "reason", PARAGRAPHS, "marked_forwarded", "attachment_meeting_mediafile_ids"],
        extra_optional=ForwardAction._extra,
        narrowed={PARAGRAPHS: {"type": ["object", "null"]}},
    )
    visibility = Visibility.BACKEND_INTERNAL


def _check_length(element: Fields, name: str) -> None:
    if len(element.get(name) or "") > _LONGEST:
        raise BadRequest(f"{name}: what it is made of is longer than {_LONGEST} characters.")


def _result(root: Copy) -> Fields:
    """What is answered about a copy and all below it, without recursion: chains of amendments may be long."""
    results: dict[int, Fields] = {}
    for copy in Forest([root]).amendments_first():
        results[copy.id] = {
            "id": copy.id,
            "sequential_number": copy.element["sequential_number"],
            "non_forwarded_amendment_amount": copy.left_out,
            "amendment_result_data": [results[amendment.id] for amendment in copy.amendments],
        }
    return results[root.id]
