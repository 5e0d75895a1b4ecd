"""References in the extensions of states and recommendations have the form of fqids, and are relations as well."""

import re
from collections import defaultdict

from openslides_backend.migrations.data import Data, Model
from openslides_backend.shared.fqid import make_fqid

_OLD = re.compile(r"\[motion:([0-9]+)\]")
_REFERENCE = re.compile(r"\[motion/([1-9][0-9]{0,9})\]")


def migrate(data: Data) -> None:
    for kind in ("state", "recommendation"):
        referring = defaultdict[int, list[int]](list)
        for motion in data.models("motion"):
            if motion.get(f"{kind}_extension") is not None:
                for id_ in _refer(data, motion, kind):
                    referring[id_].append(motion.id)
        for motion in data.models("motion"):
            motion.put_list(f"referenced_in_motion_{kind}_extension_ids", referring.get(motion.id, []))


def _refer(data: Data, motion: Model, kind: str) -> list[int]:
    """Mend the text and set the references of a motion; the ids of the motions that it names."""
    text = _OLD.sub(r"[motion/\1]", motion.text(f"{kind}_extension"))
    ids = dict.fromkeys(int(id_) for id_ in _REFERENCE.findall(text))
    found = [id_ for id_ in ids if data.find("motion", id_) is not None]
    motion.fields[f"{kind}_extension"] = text
    motion.fields[f"{kind}_extension_reference_ids"] = [make_fqid("motion", id_) for id_ in found]
    return found
