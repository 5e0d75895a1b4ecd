"""The fields of elements that several actions on accounts have in common (user.md, "Shared rules")."""

from collections.abc import Iterable

from openslides_backend.actions.meeting_user.delegation import DELEGATIONS
from openslides_backend.actions.shared.participation import Pair
from openslides_backend.engine.payload import BOOLEAN, ID, OPTIONAL_ID, Schema
from openslides_backend.models.fields import FieldError
from openslides_backend.models.models import MeetingUser
from openslides_backend.permissions.user_fields import PARTICIPANT_FIELDS
from openslides_backend.shared.characters import is_invisible
from openslides_backend.shared.exceptions import InvalidField, PayloadError
from openslides_backend.shared.mail_address import is_valid_address
from openslides_backend.shared.typing import Fields

PERSONAL_FIELDS = ("title", "first_name", "last_name", "email", "username", "default_vote_weight")
"""Fields whose change is told as one of personal data."""

PARTICIPANT_SCHEMAS: dict[str, Schema] = {
    **{name: MeetingUser.fields[name].payload_schema(required=True) for name in PARTICIPANT_FIELDS},
    "meeting_id": OPTIONAL_ID,
    "vote_delegated_to_id": OPTIONAL_ID,
    "locked_out": BOOLEAN,
}
"""Data of the account's meeting_user in `meeting_id`."""

DELEGATION_SCHEMAS: dict[str, Schema] = {
    "meeting_id": ID,
    **{name: MeetingUser.fields[name].payload_schema(required=False) for name in DELEGATIONS},
}
"""What everybody may say about his own delegations."""

TRIMMED = ("username", "first_name", "last_name", "email", "saml_id")
"""Texts that are stored without blanks around them."""


def clean_account(element: Fields) -> Fields:
    """The element with its texts stripped (user_permissions.md, 14.1); null for `meeting_id` is as if it were absent.

    Raises PayloadError for data of a meeting_user that don't fit the model, or have no meeting.
    """
    if element.get("meeting_id", 0) is None:
        del element["meeting_id"]
    given = meeting_data(element)
    if given and "meeting_id" not in element:
        raise PayloadError(f"{', '.join(given)} can only be given together with meeting_id.", field="meeting_id")
    for name, value in given.items():
        try:
            MeetingUser.fields[name].check(value)
        except FieldError as error:
            raise PayloadError(str(error), field=name) from error
    for name in TRIMMED:
        if isinstance(element.get(name), str):
            element[name] = element[name].strip()
    return element


def meeting_data(element: Fields) -> Fields:
    """What the element holds for the meeting_user, without `meeting_id`."""
    return {name: element[name] for name in PARTICIPANT_SCHEMAS if name in element and name != "meeting_id"}


def account_pairs(elements: Iterable[Fields]) -> set[Pair]:
    """The accounts and meetings that elements hold data for, as far as the accounts exist."""
    return {(element["id"], element["meeting_id"]) for element in elements if "id" in element and meeting_data(element)}


def check_email(element: Fields) -> None:
    """Raises BadRequest for anything that isn't an address (user_permissions.md, 14.8); empty is fine."""
    if element.get("email") and not is_valid_address(element["email"]):
        raise InvalidField("email", "This is not a valid address.")


def check_username(username: str) -> None:
    """Raises BadRequest if there is white space inside, or what can't be seen: two names must not look the same."""
    if any(character.isspace() for character in username):
        raise InvalidField("username", "It must not contain white space.")
    if any(map(is_invisible, username)):
        raise InvalidField("username", "It must not contain invisible characters.")


def check_home_committee(element: Fields) -> None:
    """Who is external has no home committee. Raises BadRequest."""
    if element.get("external") and element.get("home_committee_id"):
        raise InvalidField("external", "Who has a home committee can not be external.")


def differs(before: Fields, given: Fields, name: str) -> bool:
    """Whether the field is given with another value than it had; the order of ids doesn't matter."""
    if name not in given:
        return False
    old, new = before.get(name), given[name]
    return sorted(old or ()) != sorted(new or ()) if list in (type(old), type(new)) else old != new
