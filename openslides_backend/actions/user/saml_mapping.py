"""Reads what an identity provider sends, by the mapping of the organization (user.md, "user.save_saml_account")."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from openslides_backend.models.fields import FieldError, parse_boolean
from openslides_backend.models.models import User
from openslides_backend.shared.exceptions import InvalidField, PayloadError
from openslides_backend.shared.typing import Fields, ReadOnlyFields

SAML_ID = "saml_id"
GENDER = "gender"
ACCOUNT_FIELDS = (
    SAML_ID,
    "title",
    "first_name",
    "last_name",
    "email",
    GENDER,
    "pronoun",
    "is_active",
    "is_physical_person",
    "member_number",
)
"""Model fields that can be mapped; `gender` stands for the name of a gender."""

_TRUE_WORDS = {"1", "true", "yes", "t", "y"}
_WEIGHT = re.compile(r"(?:[1-9][0-9]*|0(?=\.))(?:\.[0-9]{0,6})?")
_DECIMALS = 6


def account_values(mapping: ReadOnlyFields, attributes: ReadOnlyFields) -> Fields:
    """The values for the account, as far as they were sent, in the types of the model.

    Raises PayloadError naming the attribute.
    """
    values: Fields = {}
    for name in ACCOUNT_FIELDS:
        attribute = mapping.get(name)
        if isinstance(attribute, str) and attribute in attributes:
            value = _first(name, attribute, attributes[attribute])
            if value is not None:
                values[name] = value
    if not values.get(SAML_ID):
        raise _refused(mapping[SAML_ID], "The attribute that names the account is needed.")
    return values


def _first(name: str, attribute: str, sent: Any) -> Any:
    """The first item of a list, or what was sent in place of a list."""
    items = sent if isinstance(sent, list) else [sent]
    if name == SAML_ID and (not items or not all(items)):
        raise _refused(attribute, "It must not be empty.")
    # The name of a gender is a text as any other; its model is not at hand here.
    model_field = User.title if name == GENDER else User.fields[name]
    cleaned = []
    for item in items:
        try:
            cleaned.append(model_field.clean(item))
        except FieldError:
            raise _refused(attribute, f"It does not fit {name}.") from None
    return cleaned[0] if cleaned else None


def _refused(attribute: Any, problem: str) -> PayloadError:
    return PayloadError(f"{attribute}: {problem}", field=str(attribute))


@dataclass(slots=True)
class Membership:
    """What was sent for one meeting: names of groups and structure levels without duplicates, in order."""

    groups: dict[str, None] = field(default_factory=dict)
    structure_levels: dict[str, None] = field(default_factory=dict)
    comments: list[str] = field(default_factory=list)
    number: str | None = None
    vote_weight: str | None = None
    present: bool = False

    def data(self) -> Fields:
        """What is said of the participant himself."""
        comment = " ".join(self.comments) or None
        values = {"number": self.number, "vote_weight": self.vote_weight, "comment": comment}
        return {name: value for name, value in values.items() if value is not None}

    def read(self, mappings: ReadOnlyFields, attributes: ReadOnlyFields) -> None:
        """Add what one mapper finds. Raises BadRequest if `present` can't be understood."""
        self.groups |= dict.fromkeys(_names(mappings.get("groups"), attributes))
        self.structure_levels |= dict.fromkeys(_names(mappings.get("structure_levels"), attributes))
        if (comment := _value(mappings.get("comment"), attributes)) is not None:
            self.comments.append(str(comment))
        number = mappings.get("number")
        without_default = isinstance(number, Mapping) and {"attribute": number.get("attribute")}
        if (sent := _value(without_default, attributes)) is not None:
            self.number = str(sent)
        if (weight := _weight(_value(mappings.get("vote_weight"), attributes))) is not None:
            self.vote_weight = weight
        source = mappings.get("present") or {}
        if (present := _value(source, attributes)) is not None:
            self.present = _boolean(present, source.get("attribute"))


def memberships(mapping: ReadOnlyFields, attributes: ReadOnlyFields, *, is_new: bool) -> dict[str, Membership]:
    """What was sent for meetings, by their external ids. Raises BadRequest."""
    found: dict[str, Membership] = {}
    for mapper in mapping.get("meeting_mappers") or ():
        if not isinstance(mapper, Mapping) or not mapper.get("external_id"):
            continue
        if not is_new and not _is_true(mapper.get("allow_update", True)):
            continue
        if all(_holds(condition, attributes) for condition in mapper.get("conditions") or () if condition):
            membership = found.setdefault(str(mapper["external_id"]), Membership())
            membership.read(mapper.get("mappings") or {}, attributes)
    return found


def _is_true(value: Any) -> bool:
    return value.lower() in _TRUE_WORDS if isinstance(value, str) else bool(value)


def _holds(condition: ReadOnlyFields, attributes: ReadOnlyFields) -> bool:
    value = attributes.get(str(condition.get("attribute")))
    if not value:
        return False
    try:
        pattern = re.compile(str(condition.get("condition") or ""))
    except re.error:
        raise InvalidField("saml_attr_mapping", "A condition is no valid regular expression.") from None
    return any(pattern.search(str(item)) for item in (value if isinstance(value, list) else [value]))


def _value(source: Any, attributes: ReadOnlyFields) -> Any:
    """The value of the attribute, else the default; of lists the first item. None for none."""
    value = _sent(source, attributes)
    return next(iter(value), None) if isinstance(value, list) else value


def _sent(source: Any, attributes: ReadOnlyFields) -> Any:
    if not isinstance(source, Mapping):
        return None
    return attributes.get(str(source.get("attribute"))) or source.get("default")


def _names(sources: Iterable[Any] | None, attributes: ReadOnlyFields) -> Iterator[str]:
    for source in sources or ():
        value = _sent(source, attributes)
        for item in value if isinstance(value, list) else [value]:
            if item is not None:
                yield from (part for part in str(item).split(", ") if part.strip())


def _weight(value: Any) -> str | None:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not (isinstance(value, int) or _WEIGHT.fullmatch(text)):
        return None
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.ljust(_DECIMALS, '0')}"


def _boolean(value: Any, attribute: Any) -> bool:
    parsed = parse_boolean(value)
    if parsed is None:
        raise _refused(attribute, "It must be a boolean, as it tells who is present.")
    return parsed
