"""What is forwarded: motions, and amendments below them (motion_forwarding.md, "F7")."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from openslides_backend.engine.parts import ids_in
from openslides_backend.engine.unit_of_work import UnitOfWork
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.typing import Fields, Models

FLAGS = ("use_original_submitter", "use_original_number", "with_change_recommendations", "with_attachments")
"""What an element says for its motion and for all amendments that are forwarded with it."""

MOST_MOTIONS = 10_000
"""How many motions one action forwards at most, amendments included."""

TAKEN_OVER = ("title", "text", "amendment_paragraphs", "reason")
"""What an amendment keeps; of a motion the element says it."""

ORIGIN_FIELDS = (
    *TAKEN_OVER,
    "id",
    "meeting_id",
    "state_id",
    "number",
    "additional_submitter",
    "amendment_ids",
    "all_origin_ids",
    "attachment_meeting_mediafile_ids",
    "lead_motion_id",
    "text_hash",
)
"""What is read of all motions that are forwarded; the last two are judged when identical motions are looked for."""

STATE_FIELDS = ("allow_motion_forwarding", "allow_amendment_forwarding")


@dataclass(slots=True, eq=False)
class Copy:
    """A motion that is forwarded: the element that its copy is made of, and what it is the copy of.

    `root` is the index of the action's element that it is made for. `takes_amendments`: amendments come along as far as
    their states allow it, with `marks` as their `marked_forwarded`. `left_out` are amendments that stay behind.
    """

    element: Fields
    origin: Fields
    root: int
    takes_amendments: bool
    marks: bool
    amendments: list["Copy"] = field(default_factory=list)
    left_out: int = 0

    @property
    def id(self) -> int:
        """The id of the new motion, once there is one."""
        return int(self.element["id"])

    @property
    def target(self) -> int:
        """The id of the meeting that it is forwarded to."""
        return int(self.element["meeting_id"])

    def wants(self, flag: str) -> bool:
        """Whether one of `FLAGS` is set."""
        return bool(self.element.get(flag))


@dataclass(slots=True)
class Forest:
    """The copies of all elements of an action with what is below them."""

    roots: list[Copy]

    def __iter__(self) -> Iterator[Copy]:
        """All copies, each before its amendments, and those before its next sibling."""
        pending = self.roots[::-1]
        while pending:
            copy = pending.pop()
            yield copy
            pending += reversed(copy.amendments)

    def groups(self) -> Iterator[list[Copy]]:
        """What is forwarded in one step: the roots, then the amendments of each copy."""
        yield self.roots
        yield from (copy.amendments for copy in self if copy.amendments)

    def amendments_first(self) -> list[Copy]:
        """All copies, each after its amendments."""
        backwards, pending = [], list(self.roots)
        while pending:
            copy = pending.pop()
            backwards.append(copy)
            pending += copy.amendments
        return backwards[::-1]


def read_forest(uow: UnitOfWork, roots: list[Copy]) -> Forest:
    """All that is forwarded with these; two reads for each level of amendments.

    Raises BadRequest if that is too much.
    """
    level, amount, seen = roots, len(roots), {(copy.root, copy.origin["id"]) for copy in roots}
    while level:
        allowed = _read_amendments(uow, [copy for copy in level if copy.takes_amendments])
        for copy in level:
            ids = copy.origin["amendment_ids"] or ()
            for id_ in ids if copy.takes_amendments else ():
                if id_ in allowed and (copy.root, id_) not in seen:
                    seen.add((copy.root, id_))
                    copy.amendments.append(_amendment(copy, allowed[id_]))
            copy.left_out = len(ids) - len(copy.amendments)
        level = [amendment for copy in level for amendment in copy.amendments]
        amount += len(level)
        if amount > MOST_MOTIONS:
            raise BadRequest(f"No more than {MOST_MOTIONS} motions can be forwarded at once.")
    return Forest(roots)


def _read_amendments(uow: UnitOfWork, copies: Iterable[Copy]) -> Models:
    """The amendments of these motions that are to be forwarded."""
    found = uow.get_many("motion", ids_in((copy.origin for copy in copies), "amendment_ids"), *ORIGIN_FIELDS)
    states = uow.get_many("motion_state", ids_in(found.values(), "state_id"), *STATE_FIELDS)
    may = {id_ for id_, state in states.items() if state.get("allow_amendment_forwarding")}
    return {id_: motion for id_, motion in found.items() if motion["state_id"] in may}


def _amendment(lead: Copy, origin: Fields) -> Copy:
    element: Fields = {name: origin[name] for name in TAKEN_OVER if origin[name] is not None}
    element |= {name: lead.element[name] for name in FLAGS if name in lead.element}
    element |= {"meeting_id": lead.target, "origin_id": origin["id"], "marked_forwarded": lead.marks}
    return Copy(element, origin, lead.root, takes_amendments=True, marks=lead.marks)
