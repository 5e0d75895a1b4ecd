"""There may be several default projectors for one thing."""

import re

from openslides_backend.migrations.data import Data

_SINGLE = re.compile(r"default_projector_\$\w+_id")


def migrate(data: Data) -> None:
    for meeting in data.models("meeting"):
        meeting.rename("default_projector_$_id", "default_projector_$_ids")
        for name in [name for name in meeting.fields if _SINGLE.fullmatch(name)]:
            projector_id = meeting.id_of(name)
            meeting.pop(name)
            if projector_id is not None:
                meeting.fields[f"{name}s"] = [projector_id]
