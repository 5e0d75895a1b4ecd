"""Delete motions."""

from collections.abc import Mapping, Sequence

from openslides_backend.actions.motion.permission import may_delete
from openslides_backend.engine.generics import DeleteAction
from openslides_backend.models.models import Motion
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields


class MotionDelete(DeleteAction):
    """Delete motions with their amendments and everything that hangs on them.

    History tells it of the motions that are named, not of all that goes with them; and it tells the motions that they
    were forwarded from and to, unless a motion goes only because its lead motion does.
    """

    name = "motion.delete"
    model = Motion
    permission = may_delete
    result_is_null = True
    _told_before: Mapping[str, int] = {}

    def begin(self, elements: Sequence[Fields]) -> None:
        self._told_before = self.run.history.mark()

    def tell_history(self, elements: Sequence[Fields]) -> None:
        self.run.history.forget_since(self._told_before)
        named = list(dict.fromkeys(element["id"] for element in elements))
        amendments = self._amendments_of(named)
        direct = [id_ for id_ in named if id_ not in amendments]
        texts: dict[int, dict[str, None]] = {id_: {"Motion deleted": None} for id_ in named}
        for name, text in (
            ("all_origin_ids", "Forwarded motion deleted"),
            ("all_derived_motion_ids", "Origin motion deleted"),
        ):
            for id_ in direct:
                for other in self._before(id_, name):
                    texts.setdefault(other, {})[text] = None
        for id_, told in texts.items():
            self.tell(make_fqid("motion", id_), *told)

    def _amendments_of(self, ids: Sequence[int]) -> set[int]:
        """All amendments below these motions."""
        found: set[int] = set()
        pending = list(ids)
        while pending:
            new = [id_ for id_ in self._before(pending.pop(), "amendment_ids") if id_ not in found]
            found.update(new)
            pending += new
        return found

    def _before(self, id_: int, name: str) -> list[int]:
        return self.uow.last_value("motion", id_, name) or []
