"""Writes the mails with access data (user_passwords_and_mail.md, "user.send_invitation_email")."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from openslides_backend.actions.shared.participation import Pair, participation_needs, participations
from openslides_backend.engine.run import Run
from openslides_backend.engine.unit_of_work import models_query
from openslides_backend.permissions.evaluation import Steps, question
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.questions import has_permission, level_of
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.services.mail_message import Mail
from openslides_backend.services.mail_template import fill_placeholders
from openslides_backend.shared.exceptions import ModelDoesNotExist
from openslides_backend.shared.fqid import ORGANIZATION_ID
from openslides_backend.shared.mail_address import is_valid_address, is_valid_sender
from openslides_backend.shared.record import Record
from openslides_backend.shared.typing import Fields

_USER = ("id", "username", "title", "first_name", "last_name", "email", "default_password", "meeting_ids")
_SENDER = ("name", "users_email_sender", "users_email_replyto", "users_email_subject", "users_email_body")
_MEETING = ("id", "is_active_in_organization_id", *_SENDER)
_LISTS = {"groups": "group", "structure_levels": "structure_level"}
"""Placeholders for names of what the participant has, and the collections of it."""


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

    def __init__(self, run: Run, pairs: Sequence[Pair]) -> None:
        self._uow = run.uow
        self._members = participations(run.uow, _in_meetings(pairs))
        for collection in _LISTS.values():
            ids = {id_ for member in self._members.values() for id_ in member[f"{collection}_ids"] or ()}
            run.uow.load(collection, sorted(ids), "name")
        meetings = list(dict.fromkeys(meeting_id for _, meeting_id in pairs))
        verdicts = run.checker.ask_all(_may_invite(run.user_id, meeting_id) for meeting_id in meetings)
        self._allowed = dict(zip(meetings, verdicts, strict=True))

    def write(self, user_id: int, meeting_id: int) -> Mail:
        """The mail to a user. Raises NotSent or TemplateError."""
        sender = self._uow.find("meeting", meeting_id, *_MEETING) if meeting_id else self._organization()
        if meeting_id and sender is not None and not sender["is_active_in_organization_id"]:
            raise NotSent(f"Meeting {meeting_id} is archived.", None)
        if self._allowed[meeting_id] is False:
            needed = Permissions.User.CAN_UPDATE if meeting_id else Level.CAN_MANAGE_USERS.text
            raise NotSent(f"Missing permission: {needed}.", Kind.USER)
        user = self._uow.find("user", user_id, *_USER)
        if user is None or sender is None:
            raise NotSent("The user or the meeting does not exist.", Kind.OTHER)
        username, email = user["username"], user["email"]
        if not email:
            raise NotSent(f"{username} has no email address.", Kind.USER)
        if not is_valid_address(email):
            raise NotSent(f"The email address of {username} is not valid.", Kind.USER)
        if meeting_id and meeting_id not in (user["meeting_ids"] or ()):
            raise NotSent(f"{username} does not take part in meeting {meeting_id}.", Kind.USER, email)
        member = self._members.get((user_id, meeting_id), Record()) if meeting_id else None
        return self._written(user, member, sender)

    def _written(self, user: Fields, member: Fields | None, sender: Fields) -> Mail:
        name, reply_to = (sender["users_email_sender"] or "").strip(), sender["users_email_replyto"] or ""
        if not is_valid_sender(name):
            raise NotSent("The name of the sender has a forbidden character.", Kind.SETTINGS, user["email"])
        if reply_to and not is_valid_address(reply_to):
            raise NotSent("The address for replies is not valid.", Kind.SETTINGS, user["email"])
        in_subject: Fields = {name: user[name] for name in ("username", "title", "first_name", "last_name")}
        in_subject.update(event_name=sender["name"], name=full_name(user))
        if member is not None:
            lists = _LISTS.items()
            in_subject |= {key: self._names(collection, member[f"{collection}_ids"]) for key, collection in lists}
        in_body = {**in_subject, "password": user["default_password"], "url": self._organization()["url"]}
        subject, body = sender["users_email_subject"] or "", sender["users_email_body"] or ""
        return Mail(
            user["email"], fill_placeholders(subject, in_subject), fill_placeholders(body, in_body), name, reply_to
        )

    def _organization(self) -> Fields:
        return self._uow.find_fields("organization", ORGANIZATION_ID, "url", *_SENDER)

    def _names(self, collection: str, ids: Iterable[int] | None) -> str:
        return ", ".join(model["name"] or "" for model in self._uow.get_many(collection, ids or (), "name").values())


def letter_needs(run: Run, pairs: Sequence[Pair]) -> list[Query]:
    """What `Letters` reads first."""
    return [
        models_query("user", (user_id for user_id, _ in pairs), *_USER),
        models_query("meeting", (meeting_id for _, meeting_id in _in_meetings(pairs)), *_MEETING),
        GetMany("organization", (ORGANIZATION_ID,), ("url", *_SENDER)),
        *participation_needs(run.uow, _in_meetings(pairs)),
    ]


def full_name(user: Fields) -> str:
    """Title, first and last name; the username for somebody without names."""
    title, *names = ((user[name] or "").strip() for name in ("title", "first_name", "last_name"))
    name = " ".join(filter(None, names)) or user["username"] or ""
    return f"{title} {name}" if title else name


def _in_meetings(pairs: Iterable[Pair]) -> set[Pair]:
    return {pair for pair in pairs if pair[1]}


@question
def _may_invite(user_id: int, meeting_id: int) -> Steps[bool | None]:
    """Whether the user may send mails of a meeting, or (0) of the organization; None if there is no such meeting."""
    if not meeting_id:
        return (yield from level_of(user_id)) >= Level.CAN_MANAGE_USERS
    try:
        return (yield from has_permission(user_id, meeting_id, Permissions.User.CAN_UPDATE))
    except ModelDoesNotExist:
        return None
