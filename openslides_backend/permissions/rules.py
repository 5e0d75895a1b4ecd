"""Permission rules, the way they are declared on actions and presenters.

A rule judges one element of the data for one user. It knows nothing of the other elements; `evaluate` runs it for all
of them in lock step (see `evaluation`). Combine these declarations where possible:

    permission = in_meeting(Permissions.Tag.CAN_MANAGE)
    permission = all_of(in_meeting(Permissions.User.CAN_MANAGE), when_given("external_id", meeting_admin()))

and write what they can't say as a generator function with the decorator `rule` (docs/permissions.md has an example).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from inspect import isgeneratorfunction
from typing import Any

from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import AnswersQueries, Question, Steps, ask, question, until
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.permissions import implied_by
from openslides_backend.permissions.questions import (
    existing,
    is_active,
    level_of,
    manages_committee,
    manages_meeting,
    meeting_of,
    rights_in,
)
from openslides_backend.shared.context import ANONYMOUS
from openslides_backend.shared.exceptions import BackendError

Verdict = str | None
"""None: allowed; otherwise a sentence that says why not."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Who wants to do what: a user's id (0 for anonymous) and the name of an action or presenter."""

    user_id: int
    name: str

    @property
    def collection(self) -> str:
        """The collection that an action works on."""
        return self.name.partition(".")[0]


class Rule(ABC):
    """Says whether a user may do something with one element of data."""

    @abstractmethod
    def judge(self, inquiry: Inquiry, element: Element) -> Question[Verdict]:
        """The verdict, as a question to be asked.

        Asking raises a BackendError (400) if the element refers to something that doesn't exist or can't be judged.
        """


@dataclass(frozen=True, slots=True)
class Refusal:
    """A verdict about a list of elements: `index` is the first one that isn't allowed."""

    reason: str
    index: int


def evaluate(rule: Rule, inquiry: Inquiry, data: Sequence[dict[str, Any]], source: AnswersQueries) -> Refusal | None:
    """Judge all elements; None if all of them are allowed.

    A presenter without data (an empty list) is judged once, with an element without fields. The first element that
    isn't allowed or can't be judged decides: raises the BackendError of the latter, with its `action_data_error_index`.
    Users who are inactive or deleted may do nothing but what is allowed to everybody.
    """
    elements = [Element(fields) for fields in data]
    if not elements and "." not in inquiry.name:
        elements = [Element()]
    if rule is not everybody:
        rule = all_of(_active, rule)
    verdicts = ask(source, until(_refused, (_judge(rule, inquiry, *item) for item in enumerate(elements))))
    if not verdicts or verdicts[-1] is None:
        return None
    return Refusal(f"You are not allowed to perform {inquiry.name}. {verdicts[-1]}", len(verdicts) - 1)


@question
def _judge(rule: Rule, inquiry: Inquiry, index: int, element: Element) -> Steps[Verdict]:
    try:
        return (yield from rule.judge(inquiry, element))
    except BackendError as error:
        error.action_data_error_index = index
        raise


def _refused(verdict: Verdict) -> bool:
    return verdict is not None


def _allowed(verdict: Verdict) -> bool:
    return verdict is None


RuleFunction = Callable[[Inquiry, Element], Generator[Any, Any, Verdict]]


@dataclass(frozen=True, slots=True)
class _Special(Rule):
    function: RuleFunction

    def judge(self, inquiry: Inquiry, element: Element) -> Question[Verdict]:
        return Question(lambda: self.function(inquiry, element))


def rule(function: RuleFunction) -> Rule:
    """Makes a rule of a generator function `(inquiry, element)` that asks questions with `yield from`.

    It returns None (allowed) or a sentence that says why not. Raises TypeError if it is no generator function.
    """
    if not isgeneratorfunction(function):
        raise TypeError(f"The rule {function.__name__} must ask its questions with `yield from`.")
    return _Special(function)


@dataclass(frozen=True, slots=True)
class _Immediate(Rule):
    """A rule that needs no stored data."""

    decide: Callable[[Inquiry, Element], Verdict]

    @question
    def judge(self, inquiry: Inquiry, element: Element) -> Steps[Verdict]:
        yield from ()
        return self.decide(inquiry, element)


everybody: Rule = _Immediate(lambda inquiry, element: None)
"""Allowed to all, anonymous included."""
nobody: Rule = _Immediate(lambda inquiry, element: "Nobody is.")
"""Refused to all, whatever level they have."""
logged_in: Rule = _Immediate(
    lambda inquiry, element: None if inquiry.user_id > ANONYMOUS else "Anonymous users are not."
)
"""Allowed to all but anonymous."""


@rule
def _active(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """Sessions may outlive their account for a moment."""
    return None if (yield from is_active(inquiry.user_id)) else "Your account is not active."


def is_user_self(field: str) -> Rule:
    """The element's field holds the id of the requesting user."""

    def decide(inquiry: Inquiry, element: Element) -> Verdict:
        own = inquiry.user_id > ANONYMOUS and element.optional_id(field) == inquiry.user_id
        return None if own else f"'{field}' is not your own user."

    return _Immediate(decide)


@dataclass(frozen=True, slots=True)
class _Oml(Rule):
    level: Level

    @question
    def judge(self, inquiry: Inquiry, element: Element) -> Steps[Verdict]:
        has_level = (yield from level_of(inquiry.user_id)) >= self.level
        return None if has_level else f"Missing organization management level: {self.level.text}."


def oml(level: Level) -> Rule:
    """The user has this organization management level or a higher one."""
    return _Oml(level)


Place = Callable[[Inquiry, Element], Question[int]]
"""Finds the meeting that an element is judged in."""


def _own_meeting(collection: str | None) -> Place:
    """`meeting_id` of the element, else that of the stored model with its `id` (permissions.md, last section)."""

    @question
    def find(inquiry: Inquiry, element: Element) -> Steps[int]:
        meeting_id = element.optional_id("meeting_id")
        if meeting_id is not None:
            return meeting_id
        return (yield from meeting_of(collection or inquiry.collection, element.id("id")))

    return find


def _meeting_at(field: str, collection: str | None) -> Place:
    """The meeting of the model that a field names by its fqid or id."""

    @question
    def find(inquiry: Inquiry, element: Element) -> Steps[int]:
        if isinstance(element[field], str):
            target = element.fqid(field)
        else:
            target = (collection or field.removesuffix("_id"), element.id(field))
        return (yield from meeting_of(*target))

    return find


@dataclass(frozen=True, slots=True)
class _InMeeting(Rule):
    place: Place
    permission: str

    def __post_init__(self) -> None:
        implied_by(self.permission)  # fails at once if there is no such permission

    @question
    def judge(self, inquiry: Inquiry, element: Element) -> Steps[Verdict]:
        meeting_id = yield from self.place(inquiry, element)
        if (yield from rights_in(inquiry.user_id, meeting_id)).has(self.permission):
            return None
        return f"Missing permission in meeting {meeting_id}: {self.permission}."


def in_meeting(permission: str, collection: str | None = None) -> Rule:
    """The user has the permission in the element's meeting.

    That is `meeting_id` of the element if given, else the meeting of the stored model with the element's `id`, in the
    action's own collection unless another one is named.
    """
    return _InMeeting(_own_meeting(collection), permission)


def in_meeting_of(field: str, permission: str, collection: str | None = None) -> Rule:
    """The user has the permission in the meeting of the model that the element's field names by its fqid or id.

    An id's collection is the field's name without `_id` unless another one is named.
    """
    return _InMeeting(_meeting_at(field, collection), permission)


@dataclass(frozen=True, slots=True)
class _AdminInMeeting(Rule):
    place: Place

    @question
    def judge(self, inquiry: Inquiry, element: Element) -> Steps[Verdict]:
        meeting_id = yield from self.place(inquiry, element)
        if (yield from rights_in(inquiry.user_id, meeting_id)).is_admin:
            return None
        return f"Only admins of meeting {meeting_id} are."


def meeting_admin(collection: str | None = None) -> Rule:
    """The user is admin of the element's meeting (found as in `in_meeting`; "is admin of M", permissions.md)."""
    return _AdminInMeeting(_own_meeting(collection))


@dataclass(frozen=True, slots=True)
class _ManagesMeeting(Rule):
    place: Place

    @question
    def judge(self, inquiry: Inquiry, element: Element) -> Steps[Verdict]:
        meeting_id = yield from self.place(inquiry, element)
        if (yield from manages_meeting(inquiry.user_id, meeting_id)):
            return None
        return f"Only managers of the committee of meeting {meeting_id} are."


def meeting_committee_manager(collection: str | None = None) -> Rule:
    """The user manages the committee of the element's meeting (found as in `in_meeting`), locked or not."""
    return _ManagesMeeting(_own_meeting(collection))


@dataclass(frozen=True, slots=True)
class _ManagesCommittee(Rule):
    field: str

    @question
    def judge(self, inquiry: Inquiry, element: Element) -> Steps[Verdict]:
        committee_id = element.id(self.field)
        if (yield from manages_committee(inquiry.user_id, committee_id)):
            return None
        if inquiry.user_id > ANONYMOUS:
            # Costs no read: the question has looked at the committee in its only round.
            yield from existing("committee", committee_id, "all_parent_ids")
        return f"Only managers of committee {committee_id} are."


def committee_manager(field: str) -> Rule:
    """The user manages the committee that the element's field names; 400 if he doesn't and there is none."""
    return _ManagesCommittee(field)


@dataclass(frozen=True, slots=True)
class _AllOf(Rule):
    rules: tuple[Rule, ...]

    @question
    def judge(self, inquiry: Inquiry, element: Element) -> Steps[Verdict]:
        verdicts = yield from until(_refused, [part.judge(inquiry, element) for part in self.rules])
        return verdicts[-1]


def all_of(first: Rule, *others: Rule) -> Rule:
    """All of the rules allow it; the first one, in order, that doesn't says why (or raises its error).

    They are asked at the same time: a rule needn't be cheap to come late.
    """
    return _AllOf((first, *others))


@dataclass(frozen=True, slots=True)
class _AnyOf(Rule):
    rules: tuple[Rule, ...]

    @question
    def judge(self, inquiry: Inquiry, element: Element) -> Steps[Verdict]:
        verdicts = yield from until(_allowed, [part.judge(inquiry, element) for part in self.rules])
        if verdicts[-1] is None:
            return None
        return " ".join(dict.fromkeys(verdict for verdict in verdicts if verdict is not None))


def any_of(first: Rule, *others: Rule) -> Rule:
    """One of the rules allows it. They are tried in order: an error (400) of one before the one that allows counts."""
    return _AnyOf((first, *others))


@dataclass(frozen=True, slots=True)
class _When(Rule):
    condition: Callable[[Element], bool]
    then: Rule
    otherwise: Rule

    def judge(self, inquiry: Inquiry, element: Element) -> Question[Verdict]:
        chosen = self.then if self.condition(element) else self.otherwise
        return chosen.judge(inquiry, element)


def when_given(fields: str | Iterable[str], then: Rule, otherwise: Rule = everybody) -> Rule:
    """The rule holds for elements with at least one of the fields, whatever its value; others are allowed by it."""
    return _When(_has_one(fields), then, otherwise)


def unless_given(fields: str | Iterable[str], then: Rule) -> Rule:
    """The rule holds for elements with none of the fields; others are allowed by it."""
    return _When(_has_one(fields), everybody, then)


def when_set(field: str, then: Rule, otherwise: Rule = everybody) -> Rule:
    """The rule holds for elements where the field is neither left out, null, false, 0 nor empty; else `otherwise`."""
    return _When(lambda element: bool(element.get(field)), then, otherwise)


def _has_one(fields: str | Iterable[str]) -> Callable[[Element], bool]:
    names = (fields,) if isinstance(fields, str) else tuple(fields)
    return lambda element: element.has(*names)
