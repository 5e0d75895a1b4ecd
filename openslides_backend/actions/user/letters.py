"""Writes the mails with access data (user_passwords_and_mail.md, "user.send_invitation_email")."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from openslides_backend.actions.shared.participation import Pair, participation_needs, participations
from openslides_backend.engine.run import Run
from openslides_backend.permissions.evaluation import Question, Steps, question
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.questions import has_permission, level_of
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.services.mail_message import Mail
from openslides_backend.services.mail_template import fill_placeholders
from openslides_backend.shared.exceptions import ModelDoesNotExist
from openslides_backend.shared.fqid import ORGANIZATION_ID
from openslides_backend.shared.mail_address import is_valid_address
from openslides_backend.shared.typing import Fields

_USER = ("id", "username", "title", "first_name", "last_name", "email", "default_password", "meeting_ids")
_SENDER = ("name", "users_email_sender", "users_email_replyto", "users_email_subject", "users_email_body")
_MEETING = ("id", "is_active_in_organization_id", *_SENDER)
_FORBIDDEN_IN_NAMES = "[]\\"


class Kind(StrEnum):
    """The `type` of a mail that isn't sent."""

    OTHER = "other_error"
    USER = "user_error"
    SETTINGS = "settings_error"
    CONFIGURATION = "configuration_error"


class NotSent(Exception):
    """Why a mail isn't sent; `kind` None: none is told. `recipient` is the address where the result tells it."""

    def __init__(self, message: str, kind: Kind | None, recipient: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind
        self.recipient = recipient


class Letters:
    """The mails to users, each in a meeting or (0) in the name of the organization.

    All that any of them needs is read in bulk, in at most five reads.
    """

    def __init__(self, run: Run, pairs: Iterable[Pair]) -> None:
        self._run = run
        self._uow = run.uow
        self._pairs = list(pairs)
        run.uow.prefetch(letter_needs(run, self._pairs))
        self._members = participations(run.uow, _in_meetings(self._pairs))
        self._load_names("group", "group_ids")
        self._load_names("structure_level", "structure_level_ids")
        meetings = list(dict.fromkeys(meeting_id for _, meeting_id in self._pairs))
        verdicts = run.checker.ask_all(_may_invite(run.user_id, meeting_id) for meeting_id in meetings)
        self._allowed = dict(zip(meetings, verdicts, strict=True))

    def write(self, user_id: int, meeting_id: int) -> Mail:
        """The mail to a user. Raises NotSent or TemplateError."""
        self._check_allowed(meeting_id)
        user = self._uow.find("user", user_id, *_USER)
        if user is None or (meeting_id and self._meeting(meeting_id) is None):
            raise NotSent("The user or the meeting does not exist.", Kind.OTHER)
        email = user.get("email")
        if not email:
            raise NotSent(f"{user.get('username')} has no email address.", Kind.USER)
        if not is_valid_address(email):
            raise NotSent(f"The email address of {user.get('username')} is not valid.", Kind.USER)
        if meeting_id and meeting_id not in (user.get("meeting_ids") or ()):
            raise NotSent(f"{user.get('username')} does not take part in meeting {meeting_id}.", Kind.USER, email)
        return self._written(user_id, user, meeting_id)

    def _check_allowed(self, meeting_id: int) -> None:
        meeting = self._meeting(meeting_id) if meeting_id else None
        if meeting is not None and not meeting.get("is_active_in_organization_id"):
            raise NotSent(f"Meeting {meeting_id} is archived.", None)
        if self._allowed[meeting_id] is False:
            needed = Permissions.User.CAN_UPDATE if meeting_id else Level.CAN_MANAGE_USERS.text
            raise NotSent(f"Missing permission: {needed}.", Kind.USER)

    def _written(self, user_id: int, user: Fields, meeting_id: int) -> Mail:
        sender = (self._meeting(meeting_id) if meeting_id else self._organization()) or {}
        name, reply_to = (sender.get("users_email_sender") or "").strip(), sender.get("users_email_replyto") or ""
        if any(character in name for character in _FORBIDDEN_IN_NAMES):
            raise NotSent("The name of the sender has a forbidden character.", Kind.SETTINGS, user["email"])
        if reply_to and not is_valid_address(reply_to):
            raise NotSent("The address for replies is not valid.", Kind.SETTINGS, user["email"])
        in_subject = self._in_subject(user_id, user, meeting_id, sender)
        in_body = {
            **in_subject,
            "password": user.get("default_password"),
            "url": self._organization().get("url"),
        }
        return Mail(
            user["email"],
            fill_placeholders(sender.get("users_email_subject") or "", in_subject),
            fill_placeholders(sender.get("users_email_body") or "", in_body),
            name,
            reply_to,
        )

    def _in_subject(self, user_id: int, user: Fields, meeting_id: int, sender: Fields) -> dict[str, str | None]:
        values: dict[str, str | None] = {"event_name": sender.get("name"), "name": full_name(user)}
        values |= {name: user.get(name) for name in ("username", "title", "first_name", "last_name")}
        if meeting_id:
            member = self._members.get((user_id, meeting_id), {})
            values["groups"] = self._names("group", member.get("group_ids") or ())
            values["structure_levels"] = self._names("structure_level", member.get("structure_level_ids") or ())
        return values

    def _meeting(self, meeting_id: int) -> Fields | None:
        return self._uow.find("meeting", meeting_id, *_MEETING)

    def _organization(self) -> Fields:
        return self._uow.find_fields("organization", ORGANIZATION_ID, "url", *_SENDER)

    def _load_names(self, collection: str, name: str) -> None:
        ids = {id_ for member in self._members.values() for id_ in member.get(name) or ()}
        self._uow.load(collection, sorted(ids), "name")

    def _names(self, collection: str, ids: Sequence[int]) -> str:
        found = (self._uow.find(collection, id_, "name") for id_ in ids)
        return ", ".join(model.get("name") or "" for model in found if model is not None)


def letter_needs(run: Run, pairs: Sequence[Pair]) -> list[Query]:
    """What `Letters` reads first."""
    users = tuple(sorted({user_id for user_id, _ in pairs}))
    meetings = tuple(sorted({meeting_id for _, meeting_id in _in_meetings(pairs)}))
    return [
        GetMany("user", users, _USER),
        GetMany("meeting", meetings, _MEETING),
        GetMany("organization", (ORGANIZATION_ID,), ("url", *_SENDER)),
        *participation_needs(run.uow, _in_meetings(pairs)),
    ]


def full_name(user: Fields) -> str:
    """Title, first and last name; the username for somebody without names."""
    names = [(user.get(name) or "").strip() for name in ("first_name", "last_name")]
    title = (user.get("title") or "").strip()
    name = " ".join(part for part in names if part) or user.get("username") or ""
    return f"{title} {name}" if title else name


def _in_meetings(pairs: Iterable[Pair]) -> set[Pair]:
    return {pair for pair in pairs if pair[1]}


def _may_invite(user_id: int, meeting_id: int) -> Question[bool | None]:
    """Whether the user may send mails of a meeting, or (0) of the organization; None if there is no such meeting."""
    return _may_invite_to(user_id, meeting_id) if meeting_id else _may_invite_at_all(user_id)


@question
def _may_invite_to(user_id: int, meeting_id: int) -> Steps[bool | None]:
    try:
        return (yield from has_permission(user_id, meeting_id, Permissions.User.CAN_UPDATE))
    except ModelDoesNotExist:
        return None


@question
def _may_invite_at_all(user_id: int) -> Steps[bool | None]:
    return (yield from level_of(user_id)) >= Level.CAN_MANAGE_USERS
