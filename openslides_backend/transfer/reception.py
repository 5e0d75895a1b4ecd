"""A meeting object from elsewhere, before it is written (meeting_clone_import.md, "meeting.import").

Nothing of it is trusted. What is wrong with it is told as `CheckFailed`, each error with the model and the field.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from openslides_backend.models.fields import FieldError, HTMLStrictField, OnDelete, RelationField
from openslides_backend.models.html import clean_strict, is_the_same
from openslides_backend.models.html_rules import HTMLTooComplexError
from openslides_backend.models.models import MODELS
from openslides_backend.shared.fqid import MAX_ID, is_fqid, split_fqid
from openslides_backend.shared.typing import Fields
from openslides_backend.transfer.checker import (
    FORWARDING_FIELDS,
    MIGRATION_KEY,
    CheckMode,
    Data,
    allowed_collections,
    check_data,
    check_shape,
)
from openslides_backend.transfer.findings import CheckFailed, Findings

_IGNORED_COLLECTIONS = ("action_worker", "import_preview")
_IGNORED_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "user": ("organization_management_level", "committee_ids", "committee_management_ids", "home_committee_id"),
    "meeting": ("organization_tag_ids",),
}
"""What isn't even judged."""
_REMOVED_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "meeting": ("forwarded_motion_ids",),
    "motion": FORWARDING_FIELDS,
    "user": ("password", "default_password", "last_email_sent", "last_login", "committee_ids"),
}
_TREES: Final = (
    ("agenda_item", "parent_id"),
    ("mediafile", "parent_id"),
    ("motion", "lead_motion_id"),
    ("motion", "sort_parent_id"),
)
"""Relations to what stands above: nothing stands above itself."""
_SET_LATER = ("committee_id", "is_active_in_organization_id")


@dataclass(slots=True)
class Received:
    """A meeting object, and what was taken out of it: genders of users by their names, contents of files as base64,
    both by the ids of users and files in the object."""

    data: Data
    genders: dict[int, str] = field(default_factory=dict)
    blobs: dict[int, str] = field(default_factory=dict)

    @property
    def meeting(self) -> Fields:
        """The one meeting."""
        (meeting,) = self.data["meeting"].values()
        fields: Fields = meeting
        return fields


def receive(data: Data) -> Received:
    """Take out of an object what is no part of the meeting; before its migration. It is changed in place.

    Raises CheckFailed if it has not the shape of a meeting object.
    """
    check_shape(data)
    if len(data.get("meeting", {})) != 1:
        raise CheckFailed(["meeting: there must be exactly one meeting"])
    received = Received(data)
    for name in _IGNORED_COLLECTIONS:
        data.pop(name, None)
    for collection, names in _IGNORED_FIELDS.items():
        for model in data.get(collection, {}).values():
            for name in names:
                model.pop(name, None)
    findings = Findings(
        f"{collection}/{key[:20]}: the id must be between 1 and {MAX_ID}"
        for collection, key, _ in _models(data)
        if not is_fqid(f"{collection}/{key}")
    )
    findings.fail()
    findings.extend(_take_out(received, "user", "gender", received.genders))
    findings.fail()
    return received


def prepare(received: Received) -> None:
    """Make of a migrated object what is going to be judged, in place.

    Raises CheckFailed if there are files without content that could be one, or HTML that can't be cleaned.
    """
    data = received.data
    for user in data.get("user", {}).values():
        if isinstance(user.get("username"), str):
            user["username"] = user["username"].strip()
    findings = Findings(_take_out(received, "mediafile", "blob", received.blobs))
    _remove_foreign_files(data)
    received.meeting.update(dict.fromkeys(_SET_LATER))
    findings.extend(_clean(data))
    findings.fail()


def judge(received: Received) -> None:
    """The acceptance check; missing fields get their defaults.

    Raises CheckFailed.
    """
    data = received.data
    check_data(data, mode=CheckMode.EXTERNAL, repair=True, fields_to_remove=_REMOVED_FIELDS)
    Findings(error for collection, name in _TREES for error in _circles(data, collection, name)).fail()
    Findings(
        f"{collection}/{key}/{name}: {error}"
        for collection, key, model in _models(data)
        for name, value in model.items()
        if (error := _problem(collection, name, value))
    ).fail()


def _models(data: Data) -> Iterator[tuple[str, str, Fields]]:
    for collection, models in data.items():
        if collection != MIGRATION_KEY:
            for key, model in models.items():
                yield collection, key, model


def _circles(data: Data, collection: str, name: str) -> Iterator[str]:
    """The errors of models that stand above themselves; one for each circle."""
    models: Mapping[str, Fields] = data.get(collection, {})
    judged: set[str] = set()
    for first in models:
        way: dict[str, None] = {}
        key = first
        while key in models and key not in judged and key not in way:
            way[key] = None
            key = str(models[key].get(name))
        if key in way:
            yield f"{collection}/{key}/{name}: it stands above itself"
        judged |= way.keys()


def _problem(collection: str, name: str, value: Any) -> str:
    """What the final check of models would say, which knows the new ids only."""
    if value is None or (type(value) is int and value > 0 and name in _relations(collection)):
        return ""
    try:
        MODELS[collection].fields[name].check(value)
    except FieldError as error:
        return str(error)
    return ""


def _take_out(received: Received, collection: str, name: str, taken: dict[int, str]) -> Iterator[str]:
    """Texts that are no fields of the model; the errors."""
    for key, model in received.data.get(collection, {}).items():
        text = model.pop(name, None)
        if isinstance(text, str):
            taken[int(key)] = text
        elif text is not None:
            yield f"{collection}/{key}/{name}: must be a string"


def _clean(data: Data) -> Iterator[str]:
    """Clean all HTML; the errors."""
    for collection, key, model in _models(data):
        for name, html in _html_fields(collection).items():
            if isinstance(text := model.get(name), str):
                try:
                    cleaned = html.clean_html(text)
                    model[name] = text if is_the_same(text, cleaned) else cleaned
                except FieldError as error:
                    yield f"{collection}/{key}/{name}: {error}"
        if collection == "motion" and isinstance(paragraphs := model.get("amendment_paragraphs"), dict):
            try:
                model["amendment_paragraphs"] = {
                    number: clean_strict(text) if isinstance(text, str) else text
                    for number, text in paragraphs.items()
                    if text is not None
                }
            except HTMLTooComplexError:
                yield f"{collection}/{key}/amendment_paragraphs: has too many tags that are nested or not closed"


@cache
def _html_fields(collection: str) -> Mapping[str, HTMLStrictField]:
    fields = MODELS[collection].fields if collection in MODELS else {}
    return {name: html for name, html in fields.items() if isinstance(html, HTMLStrictField)}


# Files of the old instance


def _remove_foreign_files(data: Data) -> None:
    """What files of another organization mean to the meeting goes, and what hangs on it."""
    files = data.get("mediafile", {})
    gone = {
        ("meeting_mediafile", key)
        for key, model in data.get("meeting_mediafile", {}).items()
        if str(model.get("mediafile_id")) not in files
    }
    pending = list(gone)
    while pending:
        collection, key = pending.pop()
        for target in _cascade(collection, data[collection][key]):
            if target not in gone and target[1] in data.get(target[0], {}):
                gone.add(target)
                pending.append(target)
    for collection, key in gone:
        del data[collection][key]
    if gone:
        for collection, _, model in _models(data):
            _forget(collection, model, gone)


def _cascade(collection: str, model: Fields) -> Iterator[tuple[str, str]]:
    for name, relation in _relations(collection).items():
        if relation.on_delete is OnDelete.CASCADE:
            value = model.get(name)
            for target in value if isinstance(value, list) else [value]:
                yield from _target(relation, target)


def _forget(collection: str, model: Fields, gone: set[tuple[str, str]]) -> None:
    for name, relation in _relations(collection).items():
        value = model.get(name)
        if isinstance(value, list):
            model[name] = [item for item in value if gone.isdisjoint(_target(relation, item))]
        elif value is not None and not gone.isdisjoint(_target(relation, value)):
            model[name] = None


@cache
def _relations(collection: str) -> Mapping[str, RelationField]:
    if collection not in allowed_collections(CheckMode.EXTERNAL):
        return {}
    return {name: f for name, f in MODELS[collection].fields.items() if isinstance(f, RelationField)}


def _target(relation: RelationField, value: Any) -> Iterator[tuple[str, str]]:
    """Collection and key of what a value names, as far as it names anything."""
    if not relation.is_generic and isinstance(value, int):
        yield relation.target, str(value)
    elif is_fqid(value):
        collection, id_ = split_fqid(value)
        yield collection, str(id_)
