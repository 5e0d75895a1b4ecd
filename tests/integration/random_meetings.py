"""Random meetings: the example data with models of all collections, some of them several times, with random values."""

from random import Random
from typing import Any

from openslides_backend.models.fields import (
    MISSING,
    BooleanField,
    ColorField,
    DecimalField,
    Field,
    HTMLStrictField,
    NumberField,
    RelationField,
    StringListField,
    TextField,
)
from openslides_backend.models.models import MODELS
from openslides_backend.shared.fqid import make_fqid, split_fqid
from openslides_backend.shared.typing import Fields
from tests.integration.two_meetings import SHIFT, in_a_meeting, two_meetings

_TEXTS = ("x", "ä & <b>", "two\nlines", "12", "[motion/1]", "x" * 30)
_HTML = ("<p>Text</p>", "x", '<h2>T</h2><p>ä &amp; <a href="https://example.com">b</a></p>', "")
_KEPT = {
    "user": {"username", "organization_management_level", "password", "default_password", "is_active"},
    "meeting": {"locked_from_inside", "external_id", "language", "name"},
    "mediafile": set(MODELS["mediafile"].fields),
    "meeting_mediafile": set(MODELS["meeting_mediafile"].fields),
}
_REFERENCES = ("state_extension", "recommendation_extension")
_FIRST_NEW = 1000


def random_meetings(seed: int) -> dict[str, Fields]:
    """All models of an organization with two meetings by fqid, consistent; those of `meeting/1` are random.

    The second meeting may be archived.
    """
    random = Random(seed)
    models = two_meetings()
    fqids = [fqid for fqid in models if _is_of_first_meeting(models, fqid)]
    for number in range(random.randrange(60)):
        _add_like(models, random.choice(fqids), _FIRST_NEW + number)
    for fqid in [fqid for fqid in models if _is_of_first_meeting(models, fqid)]:
        _vary(random, models, fqid)
    _delegate(random, models)
    if random.random() < 0.5:
        other = models[f"meeting/{1 + SHIFT}"]
        del other["is_active_in_organization_id"]
        other["is_archived_in_organization_id"] = 1
        models["organization/1"]["active_meeting_ids"].remove(1 + SHIFT)
        models["organization/1"].setdefault("archived_meeting_ids", []).append(1 + SHIFT)
    return models


def _is_of_first_meeting(models: dict[str, Fields], fqid: str) -> bool:
    collection, id_ = split_fqid(fqid)
    if collection == "user":
        return 1 in models[fqid].get("meeting_ids", ())
    return in_a_meeting(collection) and (models[fqid].get("meeting_id", id_) == 1)


def _add_like(models: dict[str, Fields], fqid: str, id_: int) -> None:
    """Another model beside this one, if there can be two with the same relations."""
    collection, _ = split_fqid(fqid)
    original, copy = models[fqid], Fields()
    if collection in ("user", "meeting", "mediafile", "meeting_mediafile", "meeting_user", "history_entry"):
        return
    relations: list[tuple[RelationField, str]] = []
    for name, value in original.items():
        field = MODELS[collection].fields[name]
        if not isinstance(field, RelationField):
            copy[name] = value
        elif not field.is_list:
            target = value if field.is_generic else make_fqid(field.target, value)
            if field.reverse(split_fqid(target)[0]).is_list:
                copy[name] = value
                relations.append((field, target))
            elif field.required:
                return
    copy["id"] = id_
    models[make_fqid(collection, id_)] = copy
    for field, target in relations:
        reverse = field.reverse(split_fqid(target)[0])
        entry: Any = make_fqid(collection, id_) if reverse.is_generic else id_
        models[target][reverse.name] = [*models[target].get(reverse.name, ()), entry]


def _vary(random: Random, models: dict[str, Fields], fqid: str) -> None:
    """Random values of some fields that are no relations."""
    collection, id_ = split_fqid(fqid)
    model = models[fqid]
    for name, field in MODELS[collection].fields.items():
        if name in _KEPT.get(collection, ()) or random.random() < 0.5:
            continue
        if name in ("saml_id", "member_number"):
            model[name] = f"{id_} {random.random()}"
        elif name in _REFERENCES:
            model[name] = random.choice(["[motion/1] ", ""]) + random.choice(["x [motion/2]", "y"])
        elif (value := _value(random, field)) is not None:
            model[name] = value
        elif name in model and isinstance(field, TextField) and not field.required and field.default is MISSING:
            del model[name]


def _value(random: Random, field: Field) -> Any:
    """A value that fits the field; None for nothing, or if it is one that must not be changed."""
    value: Any = None
    if field.enum is not None:
        value = random.choice(field.enum)
    elif isinstance(field, HTMLStrictField):
        value = random.choice(_HTML[: 3 if field.required else 4])
    elif isinstance(field, TextField):
        value = random.choice([*_TEXTS, None])
        value = value and value[: field.max_length]
    elif isinstance(field, BooleanField):
        value = random.random() < 0.5
    elif isinstance(field, DecimalField):
        value = f"{random.randrange(1, 9)}.{random.randrange(10**6):06}"
    elif isinstance(field, ColorField):
        value = f"#{random.randrange(16**6):06x}"
    elif isinstance(field, StringListField) and field.items_enum:
        value = random.sample(field.items_enum, random.randrange(4) % len(field.items_enum))
    elif isinstance(field, NumberField) and field.name not in ("id", "sequential_number"):
        value = max(random.randrange(1, 20), int(field.minimum or 0))
    return value


def _delegate(random: Random, models: dict[str, Fields]) -> None:
    """Some participants vote for others."""
    members = [id_ for c, id_ in map(split_fqid, models) if c == "meeting_user" and id_ < SHIFT]
    random.shuffle(members)
    half = len(members) // 2
    for member in members:
        for name in ("vote_delegated_to_id", "vote_delegations_from_ids"):
            models[f"meeting_user/{member}"].pop(name, None)
    for member in members[:half]:
        other = random.choice(members[half:])
        models[f"meeting_user/{member}"]["vote_delegated_to_id"] = other
        models[f"meeting_user/{other}"].setdefault("vote_delegations_from_ids", []).append(member)
