"""References to motions in the extensions of states and recommendations (motion.md, "R6")."""

import re
from collections.abc import Iterable, Sequence

from openslides_backend.actions.motion.identical import JUDGED_FIELDS
from openslides_backend.engine.action import Part
from openslides_backend.engine.unit_of_work import models_query
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.fqid import MAX_ID, make_fqid, split_fqid
from openslides_backend.shared.typing import Fields

EXTENSIONS = ("recommendation_extension", "state_extension")

_REFERENCES = "_reference_ids"
_REFERENCE = re.compile(r"\[([a-z](?:[a-z_]+[a-z]+)?)/([1-9][0-9]*)\]")


def referenced(text: str | None) -> list[tuple[str, int]]:
    """Collections and ids that a text names as `[motion/1]`, each once, in the order of their first mention."""
    found = ((collection, int(id_)) for collection, id_ in _REFERENCE.findall(text or ""))
    return list(dict.fromkeys((collection, id_) for collection, id_ in found if id_ <= MAX_ID))


class References(Part):
    """The motions that the extensions name become `..._reference_ids`; those that don't exist are left out."""

    stored_fields = tuple(f"{name}{_REFERENCES}" for name in EXTENSIONS)

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        given = [(element, name) for element in elements for name in EXTENSIONS if name in element]
        ids = {id_ for element, name in given for _, id_ in referenced(element[name])}
        ids.update(id_ for element, name in given for id_ in self._former(element, f"{name}{_REFERENCES}"))
        return [models_query("motion", ids, *JUDGED_FIELDS)]

    def check(self, element: Fields) -> None:
        for name in EXTENSIONS:
            for collection, id_ in referenced(element.get(name)):
                if collection != "motion":
                    raise InvalidField(name, f"{make_fqid(collection, id_)} is no motion, only those can be named.")

    def fill(self, element: Fields) -> None:
        for name in EXTENSIONS:
            if name in element:
                named = referenced(element[name])
                existing = [make_fqid(*target) for target in named if self.uow.exists(*target)]
                element[f"{name}{_REFERENCES}"] = existing

    def _former(self, element: Fields, name: str) -> list[int]:
        motion = self.uow.peek("motion", element["id"], name)
        return [split_fqid(fqid)[1] for fqid in (motion and motion[name]) or ()]
