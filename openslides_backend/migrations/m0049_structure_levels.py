"""The texts that tell of participants where they belong become models."""

from openslides_backend.migrations.data import Data, Model


def migrate(data: Data) -> None:
    for meeting in data.models("meeting"):
        meeting.default("structure_level_ids", [])
    levels = {(level.id_of("meeting_id"), level.text("name")): level for level in data.models("structure_level")}
    for member in data.models("meeting_user"):
        user = data.find("user", member.id_of("user_id"))
        if name := member.text("structure_level") or (user.text("default_structure_level") if user else ""):
            _assign(data, levels, member, name)
    data.remove_fields("meeting_user", "structure_level")
    data.remove_fields("user", "default_structure_level")


def _assign(data: Data, levels: dict[tuple[int | None, str], Model], member: Model, name: str) -> None:
    meeting_id = member.id_of("meeting_id")
    if meeting_id is None:
        raise member.failure("meeting_id", "is missing")
    level = levels.get((meeting_id, name))
    if level is None:
        level = levels[meeting_id, name] = data.create("structure_level", name=name, meeting_id=meeting_id)
        if (meeting := data.find("meeting", meeting_id)) is not None:
            meeting.append("structure_level_ids", level.id)
    level.append("meeting_user_ids", member.id)
    member.set(structure_level_ids=[level.id])
