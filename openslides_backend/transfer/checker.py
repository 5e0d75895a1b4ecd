"""Checks complete data: a meeting's export or the whole database (checker.md)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from typing import Any, Final

from openslides_backend.models.base import Model
from openslides_backend.models.fields import (
    MISSING,
    BooleanField,
    DecimalField,
    Field,
    HTMLStrictField,
    RelationField,
    parse_boolean,
)
from openslides_backend.models.html import clean_strict
from openslides_backend.models.html_rules import HTMLTooComplexError
from openslides_backend.models.mediafile_access import inherit_access, parent_values
from openslides_backend.models.migration import MIGRATION_INDEX
from openslides_backend.models.models import MODELS
from openslides_backend.shared.fqid import ORGANIZATION
from openslides_backend.transfer.checker_types import fits_type
from openslides_backend.transfer.findings import Findings

MIGRATION_KEY: Final = "_migration_index"

FORWARDING_FIELDS: Final = (
    "origin_id",
    "origin_meeting_id",
    "derived_motion_ids",
    "all_origin_ids",
    "all_derived_motion_ids",
)
"""Fields of motions that point out of their meeting; uses of the checker on single meetings have them removed."""

# Names are no longer than those of the datastore: thousands of errors may tell the same collection and id.
_COLLECTION = re.compile(r"[a-z](?:[a-z_]{2,31}(?<=[a-z]))?")
_ID = re.compile(r"[1-9][0-9]{0,9}")
_FIELD = re.compile(r"(?=.{1,128}\Z)[a-z][a-z0-9_]*+(?:\$[a-z0-9_]*+)?")
_FQID = re.compile(r"([^/]+)/([0-9]+)")
_REFERENCE = re.compile(r"\[(\w+)/([0-9]+)\]")
_PARAGRAPH = re.compile(r"0|[1-9][0-9]*")

_MEETING_COLLECTIONS = frozenset({"meeting", "mediafile", "user"})
_MAY_BE_EMPTY = frozenset({("meeting", "committee_id"), ("meeting", "is_active_in_organization_id")})
_UNCHECKED_RELATIONS = frozenset({("user", "organization_id")})
_SHORT_LIST = 20
_MOST_INHERITED: Final = 10_000_000
"""Items of lists that are looked at to judge what files inherit: a long list of a folder counts for each file in it."""
_EXTENSIONS = ("state_extension", "recommendation_extension")

Data = dict[str, Any]
StoredModel = dict[str, Any]


class CheckMode(StrEnum):
    """What the data are: everything, a meeting of this organization, or one from elsewhere."""

    ALL = "all"
    INTERNAL = "internal"
    EXTERNAL = "external"


class MigrationMode(StrEnum):
    """Whether data of an older migration index are accepted (permissive) or not (strict)."""

    STRICT = "strict"
    PERMISSIVE = "permissive"


def check_data(
    data: Data,
    *,
    mode: CheckMode = CheckMode.ALL,
    migration_mode: MigrationMode = MigrationMode.STRICT,
    repair: bool = False,
    stored: bool = False,
    fields_to_remove: Mapping[str, Iterable[str]] | None = None,
) -> None:
    """Checks data of the form `{"_migration_index": N, collection: {"<id>": {...}}}`, parsed from JSON.

    With `repair`, and only then, the data are changed in place: `fields_to_remove` (by collection) are taken out, and
    missing fields that have a default get it.

    `stored` says that the data are what the datastore has. It keeps no nulls, so that a field with a default is missing
    where somebody has unset it: unless it is required, that is no error.

    Raises CheckFailed.
    """
    _Checker(data, mode, migration_mode, fields_to_remove or {} if repair else None, stored=stored).run()


def check_shape(data: Data) -> None:
    """Checks that data have the shape of objects of objects, and the names of what could be collections and fields.

    Raises CheckFailed.
    """
    checker = _Checker(data, CheckMode.ALL, MigrationMode.PERMISSIVE, None, stored=False)
    checker.check_shape()
    checker.findings.fail()


@cache
def allowed_collections(mode: CheckMode) -> frozenset[str]:
    """The collections that data may hold."""
    if mode is CheckMode.ALL:
        return frozenset(MODELS)
    return _MEETING_COLLECTIONS | {name for name, model in MODELS.items() if "meeting_id" in model.fields}


class _Checker:
    """One check of one data set; collects errors in `findings`."""

    def __init__(
        self,
        data: Data,
        mode: CheckMode,
        migration_mode: MigrationMode,
        repair: Mapping[str, Iterable[str]] | None,
        *,
        stored: bool,
    ) -> None:
        self.data = data
        self.mode = mode
        self.migration_mode = migration_mode
        self.repair = repair
        self.is_stored = stored
        self.allowed = allowed_collections(mode)
        self.findings = Findings()
        self.inherited_left = _MOST_INHERITED
        self.reverse_lists: dict[tuple[str, str, str], frozenset[int | str]] = {}

    def run(self) -> None:
        self.check_shape()
        self.findings.fail()
        self.check_migration_index()
        self.check_collections()
        examined = [
            (collection, key, model)
            for collection, models in self.models()
            for key, model in models.items()
            if self.check_model(collection, key, model)
        ]
        for collection, key, model in examined:
            self.check_relations(collection, key, model)
            if collection == "meeting_mediafile":
                self.check_access(key, model)
        self.findings.fail()

    def error(self, place: str, problem: str) -> None:
        self.findings.add(f"{place}: {problem}")

    def models(self) -> Iterator[tuple[str, dict[str, StoredModel]]]:
        """The models of each collection that the data have, by their keys."""
        return ((collection, models) for collection, models in self.data.items() if collection != MIGRATION_KEY)

    def stored(self, collection: str, key: str) -> StoredModel | None:
        """A model of the data."""
        model: StoredModel | None = self.data.get(collection, {}).get(key)
        return model

    # Shape, migration index, collections

    def check_shape(self) -> None:
        index = self.data.get(MIGRATION_KEY)
        if not isinstance(index, int) or isinstance(index, bool) or index < 1:
            self.error(MIGRATION_KEY, "must be an integer, at least 1")
        for collection, models in self.data.items():
            if collection == MIGRATION_KEY:
                continue
            if not _COLLECTION.fullmatch(collection):
                self.error(collection, "is no name of a collection")
            elif not isinstance(models, dict):
                self.error(collection, "must be an object")
            else:
                for key, model in models.items():
                    self.check_model_shape(f"{collection}/{key}", key, model)

    def check_model_shape(self, place: str, key: str, model: object) -> None:
        if not _ID.fullmatch(key):
            self.error(place, "is no name of a model")
        elif not isinstance(model, dict):
            self.error(place, "must be an object")
        else:
            if not isinstance(model.get("id"), int | float) or isinstance(model["id"], bool):
                self.error(place, "needs a number as its id")
            for name in model:
                if not _FIELD.fullmatch(name):
                    self.error(f"{place}/{name}", "is no name of a field")

    def check_migration_index(self) -> None:
        index = self.data[MIGRATION_KEY]
        if index > MIGRATION_INDEX:
            self.error(MIGRATION_KEY, f"is {index}, higher than that of the service, {MIGRATION_INDEX}")
        elif index < MIGRATION_INDEX and self.migration_mode is MigrationMode.STRICT:
            self.error(MIGRATION_KEY, f"is {index}, lower than that of the service, {MIGRATION_INDEX}")

    def check_collections(self) -> None:
        forbidden = [collection for collection, _ in self.models() if collection not in self.allowed]
        if forbidden:
            self.findings.extend(f"{collection}: is not allowed (mode {self.mode})" for collection in forbidden)
            self.findings.fail()

    # Single models

    def check_model(self, collection: str, key: str, model: StoredModel) -> bool:
        """Checks a model by itself; False if its fields are so wrong that nothing further can be told about it."""
        place = f"{collection}/{key}"
        if str(model["id"]) != key:
            self.error(place, f"has the id {model['id']}")
        if self.repair is not None:
            for name in self.repair.get(collection, ()):
                model.pop(name, None)
        before = self.findings.count
        self.check_fields(place, MODELS[collection], model)
        if self.findings.count > before:
            return False
        for name, value in model.items():
            self.check_value(place, MODELS[collection].fields[name], value)
        if collection == "motion":
            self.check_motion(place, model)
        return True

    def check_fields(self, place: str, definition: type[Model], model: StoredModel) -> None:
        for name, field in _expected(definition.collection):
            if name in model:
                continue
            has_default = field.default is not MISSING
            if has_default and self.repair is not None:
                model[name] = field.default
            elif field.required or (has_default and not self.is_stored):
                self.error(f"{place}/{name}", "is missing")
        fields, judged = definition.fields, _judged(definition.collection)
        for name, value in model.items():
            if name not in fields:
                self.error(f"{place}/{name}", "is no field of the collection")
            elif name in judged and value is not None and (problem := _field_problem(fields[name], value)):
                self.error(f"{place}/{name}", problem)

    def check_value(self, place: str, field: Field, value: Any) -> None:
        if value is not None and not fits_type(field, value):
            self.error(f"{place}/{field.name}", "has the wrong type")
        if field.required and field.is_empty(value) and (field.collection, field.name) not in _MAY_BE_EMPTY:
            self.error(f"{place}/{field.name}", "is required, but empty")
        if field.enum is not None and value not in field.enum and (field.required or value is not None):
            self.error(f"{place}/{field.name}", f"is none of {', '.join(map(repr, field.enum))}")

    def check_motion(self, place: str, motion: StoredModel) -> None:
        if "amendment_paragraphs" in motion:
            paragraphs = motion["amendment_paragraphs"]
            if not _are_paragraphs(paragraphs):
                self.error(f"{place}/amendment_paragraphs", "must map numbers of paragraphs to texts")
                return
            for number, text in paragraphs.items():
                if not _is_clean(text):
                    self.error(f"{place}/amendment_paragraphs", f"paragraph {number} has HTML that isn't allowed")
        self.check_references(f"{place}/recommendation_extension", motion.get("recommendation_extension"))

    def check_references(self, place: str, text: object) -> None:
        """References such as `[motion/1]` in a text."""
        if not isinstance(text, str):
            return
        for collection, number in map(re.Match.groups, _REFERENCE.finditer(text)):
            if collection != "motion":
                self.error(place, f"refers to {collection}/{number}, which is no motion")
            elif self.stored(collection, number.lstrip("0")) is None:
                self.error(place, f"refers to {collection}/{number}, which isn't among the data")

    # Relations

    def check_relations(self, collection: str, key: str, model: StoredModel) -> None:
        fqid, relations = f"{collection}/{key}", _relations(collection)
        for name, value in model.items():
            if not value or name not in relations or (collection, name) in _UNCHECKED_RELATIONS:
                continue
            field = relations[name]
            if not fits_type(field, value):
                continue
            check = self.check_fqids if field.is_generic else self.check_ids
            check(fqid, model["id"], field, value if field.is_list else [value])
        if collection == "motion":
            for name in _EXTENSIONS:
                self.check_references(f"{fqid}/{name}", model.get(name))

    def check_fqids(self, fqid: str, id_: int, field: RelationField, targets: Iterable[Any]) -> None:
        """Checks the values of a generic relation, each of a collection of its own."""
        place = f"{fqid}/{field.name}"
        for target in targets:
            if target is None:
                continue
            match = _FQID.fullmatch(target)
            if match is None:
                self.error(place, f"{target!r} is no fqid")
            elif match[1] not in field.targets:
                self.error(place, f"must not point to the collection {match[1]}")
            else:
                self.check_targets(fqid, id_, field, match[1], [match[2]])

    def check_ids(self, fqid: str, id_: int, field: RelationField, targets: Iterable[Any]) -> None:
        """Checks the values of a relation that isn't generic."""
        self.check_targets(fqid, id_, field, field.target, [str(target) for target in targets if target is not None])

    def check_targets(self, fqid: str, id_: int, field: RelationField, collection: str, keys: Iterable[str]) -> None:
        """Checks what a relation names of one collection."""
        if collection in self.allowed:
            reverse = field.reverse(collection)
            models, expected = self.data.get(collection, {}), fqid if reverse.is_generic else id_
            broken = [key for key in keys if not self.points_back(collection, key, models.get(key), reverse, expected)]
            problem = f"{reverse.name} doesn't point to {fqid}"
            for key in broken:
                self.error(f"{fqid}/{field.name}", f"reverse relation broken: {collection}/{key}/{problem}")
        elif self.mode is CheckMode.EXTERNAL:
            for key in keys:
                problem = f"points to {collection}/{key}, of a collection that is not allowed (mode {self.mode})"
                self.error(f"{fqid}/{field.name}", problem)

    def points_back(
        self, collection: str, key: str, model: StoredModel | None, reverse: RelationField, expected: int | str
    ) -> bool:
        if model is None:
            return False
        value = model.get(reverse.name)
        if not reverse.is_list:
            return bool(value == expected)
        if isinstance(value, list) and len(value) <= _SHORT_LIST:
            return expected in value
        return expected in self.reverse_list(collection, key, reverse.name, value)

    def reverse_list(self, collection: str, key: str, name: str, value: object) -> frozenset[int | str]:
        """A list of a model as a set, made once: lists can be long and all of their models ask."""
        found = self.reverse_lists.get((collection, key, name))
        if found is None:
            items = value if isinstance(value, list) else []
            found = frozenset(item for item in items if isinstance(item, int | str))
            self.reverse_lists[collection, key, name] = found
        return found

    # Calculated fields of meeting_mediafile

    def check_access(self, key: str, model: StoredModel) -> None:
        mediafile = self.stored("mediafile", str(model["mediafile_id"]))
        meeting = self.stored("meeting", str(model["meeting_id"]))
        if mediafile is None or meeting is None:
            return
        admins = [meeting.get("admin_group_id")]
        access = _ids(model.get("access_group_ids"))
        stored = _ids(model.get("inherited_access_group_ids"))
        public: bool | None = None
        inherited: list[Any] | None = None
        if parent_id := mediafile.get("parent_id"):
            parent = self.stored("mediafile", str(parent_id))
            if parent is None:
                return
            self.charge(key, parent.get("meeting_mediafile_ids"))
            link = self.link_in_meeting(meeting, parent)
            public, inherited = parent_values(link, parent_id, meeting.get("admin_group_id"))
            self.charge(key, inherited)
        elif _is_published(mediafile) and stored == admins:
            access = admins
        is_public, groups = inherit_access(access, public, inherited)
        place = f"meeting_mediafile/{key}"
        if model["is_public"] is not is_public:
            self.error(f"{place}/is_public", f"should be {str(is_public).lower()}")
        if set(stored) != set(groups):
            self.error(f"{place}/inherited_access_group_ids", f"should be {groups}")

    def charge(self, key: str, items: object) -> None:
        """Give up if the lists that are inherited from have become too many and too long."""
        self.inherited_left -= len(items) if isinstance(items, list) else 0
        if self.inherited_left < 0:
            self.findings.end(f"meeting_mediafile/{key}: folders have too many groups or places to be inherited from")

    def link_in_meeting(self, meeting: StoredModel, file: StoredModel) -> StoredModel | None:
        """What a file means to the meeting, as far as access is concerned; None if it has no meeting_mediafile."""
        ids = meeting.get("meeting_mediafile_ids")
        in_meeting = self.reverse_list("meeting", str(meeting["id"]), "meeting_mediafile_ids", ids)
        for id_ in _ids(file.get("meeting_mediafile_ids")):
            if id_ in in_meeting and (found := self.stored("meeting_mediafile", str(id_))) is not None:
                groups = _ids(found.get("inherited_access_group_ids"))
                return {"is_public": found.get("is_public"), "inherited_access_group_ids": groups}
        return None


@cache
def _expected(collection: str) -> tuple[tuple[str, Field], ...]:
    """The fields that models must have."""
    fields = MODELS[collection].fields.items()
    return tuple((name, field) for name, field in fields if field.required or field.default is not MISSING)


@cache
def _judged(collection: str) -> frozenset[str]:
    """The fields about which `_field_problem` may have something to say."""
    kinds = (DecimalField, BooleanField, HTMLStrictField)
    fields = MODELS[collection].fields.items()
    return frozenset(name for name, field in fields if isinstance(field, kinds) or getattr(field, "is_generic", False))


@cache
def _relations(collection: str) -> Mapping[str, RelationField]:
    return {name: field for name, field in MODELS[collection].fields.items() if isinstance(field, RelationField)}


def _field_problem(field: Field, value: Any) -> str:
    """What is wrong with a value before its type is even looked at, empty if nothing is."""
    if isinstance(field, DecimalField) and field.minimum is not None and isinstance(value, str):
        try:
            too_small = Decimal(value) < field.minimum
        except InvalidOperation:
            too_small = False
        return f"is below {field.minimum}" if too_small else ""
    if isinstance(field, RelationField) and field.is_generic and isinstance(value, list) != field.is_list:
        return "must be a list" if field.is_list else "must not be a list"
    if isinstance(field, BooleanField) and parse_boolean(value) is None:
        return "is no boolean"
    if isinstance(field, HTMLStrictField) and not isinstance(value, str):
        return "must be a string"
    return ""


def _are_paragraphs(value: object) -> bool:
    return isinstance(value, dict) and all(
        _PARAGRAPH.fullmatch(number) and isinstance(text, str) for number, text in value.items()
    )


def _is_clean(text: str) -> bool:
    try:
        return clean_strict(text) == text
    except HTMLTooComplexError:
        return False


def _is_published(mediafile: StoredModel) -> bool:
    return mediafile.get("owner_id") == ORGANIZATION and bool(mediafile.get("published_to_meetings_in_organization_id"))


def _ids(value: object) -> list[Any]:
    """The ids of a list that may be unset or no list at all."""
    return [item for item in value if isinstance(item, int)] if isinstance(value, list) else []
