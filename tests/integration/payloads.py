"""Elements that fit the schema of an action, made out of the example data with two meetings."""

from typing import Any

from openslides_backend.actions.registry import load_actions
from openslides_backend.models.base import Model
from openslides_backend.models.fields import RelationField
from openslides_backend.models.models import MODELS, AgendaItem, MeetingMediafile, MeetingUser
from openslides_backend.shared.fqid import make_fqid, split_fqid
from openslides_backend.shared.typing import Fields
from tests.integration.two_meetings import two_meetings

DATA = two_meetings()
MEETING = 1
ACTIONS = load_actions()
STORED = {c: sorted(split_fqid(fqid)[1] for fqid in DATA if split_fqid(fqid)[0] == c) for c in MODELS}
"""The ids of the stored models, by collection."""

GIVEN: Fields = {"meeting_id": MEETING, "agenda_create": True}
"""What is given wherever it can be."""
MORE: dict[str, Fields] = {
    "motion.create": {"text": "x"},
    "poll.create": {"type": "named", "pollmethod": "YNA", "options": [{"text": "x"}]},
    "speaker.create": {"meeting_user_id": 2, "point_of_order": True, "point_of_order_category_id": 1},
    "speaker.update": {"point_of_order": True},
    "user.create": {"username": "x"},
}
"""What is needed besides, so that the foreign model is what is wrong with an element."""


def relation_of(name: str, key: str) -> RelationField | None:
    """The relation that a key of an action's elements sets, of the model or of those that come along with it."""
    models: list[tuple[type[Model], str]] = [(MODELS[ACTIONS[name].model.collection], key), (MeetingUser, key)]
    if key.startswith("agenda_"):
        models.append((AgendaItem, key.removeprefix("agenda_")))
    if key == "attachment_mediafile_ids":
        models.append((MeetingMediafile, "mediafile_id"))
    return next((f for model, field in models if isinstance(f := model.fields.get(field), RelationField)), None)


def naming(name: str, key: str, fqid: str) -> Any:
    """A value that names just this model."""
    field = relation_of(name, key)
    entry: Any = fqid if field and field.is_generic else split_fqid(fqid)[1]
    return [entry] if key.endswith("_ids") else entry


def needed(name: str, key: str, schema: Fields) -> Any:
    """A value for a required key, of the first meeting."""
    if key in ("id", "ids"):
        own = STORED[ACTIONS[name].model.collection][0]
        return own if key == "id" else [own]
    if field := relation_of(name, key):
        target = next(iter(field.targets))
        return naming(name, key, make_fqid(target, STORED[target][0]))
    if "enum" in schema:
        return schema["enum"][0]
    return {"integer": 1, "array": [], "object": {}}.get(str(schema.get("type")), "x")


def element(name: str) -> Fields:
    """What an action on the first meeting asks for."""
    schema = ACTIONS[name].payload.element_schema
    given = {key: value for key, value in GIVEN.items() if key in schema["properties"]}
    return (
        {key: needed(name, key, schema["properties"][key]) for key in schema["required"]} | given | MORE.get(name, {})
    )
