"""What must be unique is so: what can't be mended is refused, the rest is renamed, merged or removed."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import count
from math import inf

from openslides_backend.migrations.data import Data, Model
from openslides_backend.migrations.relations import remove

Names = tuple[str, ...]

_REFUSED: Sequence[tuple[str, Names]] = (
    ("group", ("meeting_id", "external_id")),
    ("meeting_user", ("meeting_id", "user_id")),
    ("meeting_mediafile", ("meeting_id", "mediafile_id")),
    ("motion", ("meeting_id", "number")),
    ("option", ("poll_id", "content_object_id")),
    ("structure_level_list_of_speakers", ("meeting_id", "structure_level_id", "list_of_speakers_id")),
    ("user", ("username",)),
    ("user", ("member_number",)),
    ("user", ("saml_id",)),
)
_RENAMED: Sequence[tuple[str, Names, str]] = (
    ("chat_group", ("meeting_id",), "name"),
    ("projector_countdown", ("meeting_id",), "title"),
    ("structure_level", ("meeting_id",), "name"),
    ("motion_state", ("workflow_id",), "name"),
    ("mediafile", ("owner_id", "parent_id"), "title"),
    ("mediafile", (), "token"),
)
_OF_PERSON_AND_MOTION = ("meeting_user_id", "motion_id")
_KEPT: Sequence[tuple[str, Names]] = (
    ("motion_comment", ("motion_id", "section_id")),
    ("personal_note", ("meeting_user_id", "content_object_id")),
    ("motion_supporter", _OF_PERSON_AND_MOTION),
    ("motion_editor", _OF_PERSON_AND_MOTION),
    ("motion_working_group_speaker", _OF_PERSON_AND_MOTION),
    ("motion_submitter", _OF_PERSON_AND_MOTION),
)


def migrate(data: Data) -> None:
    for collection, names in _REFUSED:
        for first, second, *_ in _duplicates(data, collection, names):
            raise second.failure(names[-1], f"{first.fqid} has the same")
    for collection, scope, name in _RENAMED:
        _rename(data, collection, scope, name)
    gone = defaultdict[str, list[int]](list)
    for collection, names in _KEPT:
        for models in _duplicates(data, collection, names):
            kept, *others = _merged(models)
            gone[collection] += [other.id for other in others if other.id != kept.id]
    remove(data, gone)


def _duplicates(data: Data, collection: str, names: Names) -> list[list[Model]]:
    """Models with the same values, none of which is empty, by ascending ids."""
    found = defaultdict[tuple[object, ...], list[Model]](list)
    for model in data.models(collection):
        key = tuple(_value(model, name) for name in names)
        if all(key):
            found[key].append(model)
    return [sorted(models, key=_id) for models in found.values() if len(models) > 1]


def _rename(data: Data, collection: str, scope: Names, name: str) -> None:
    scopes = defaultdict[tuple[object, ...], list[Model]](list)
    for model in sorted(data.models(collection), key=_id):
        if model.text(name):
            scopes[tuple(_value(model, place) for place in scope)].append(model)
    for models in scopes.values():
        taken = {model.text(name) for model in models}
        seen = set[str]()
        numbers = defaultdict[str, Iterator[int]](lambda: count(2))
        for model in models:
            text = model.text(name)
            if text in seen:
                text = next(new for number in numbers[text] if (new := f"{text} ({number})") not in taken)
                taken.add(text)
                model.fields[name] = text
            seen.add(text)


def _merged(models: list[Model]) -> list[Model]:
    """The model that stays, with what it takes over from the others, and the others."""
    first = models[0]
    match first.collection:
        case "motion_submitter":
            models.sort(key=_weight)
        case "motion_comment":
            _join(models, "comment")
        case "personal_note":
            _join(models, "note")
            if any(model.get("star") is True for model in models):
                first.set(star=True)
    return models


def _join(models: list[Model], name: str) -> None:
    if texts := [text for model in models if (text := model.text(name))]:
        models[0].fields[name] = "\n".join(texts)


def _id(model: Model) -> int:
    return model.id


def _weight(model: Model) -> tuple[float, int]:
    weight = model.integer("weight")
    return (inf if weight is None else weight, model.id)


def _value(model: Model, name: str) -> object:
    value = model.get(name)
    if value is None or isinstance(value, str | int):
        return value
    raise model.failure(name, "must be a string or an id")
