"""The life of a motion: what its states allow, and what becomes of it on its way through them (motion.md).

| field of the state | what it allows or brings about |
| --- | --- |
| `set_number` | a motion that comes into the state without a number gets one (`numbers`) |
| `set_workflow_timestamp` | the time at which a motion comes into the state is kept (`stamped`) |
| `allow_submitter_edit` | submitters may change and delete the motion, and take it along the graph (`permission`) |
| `submitter_withdraw_state_id` | submitters who see motions may take it there |
| `next_state_ids`, `previous_state_ids` | the graph: where those may go who may not go anywhere |
| `allow_support` | the motion can be supported, also by those who don't manage metadata |
| `recommendation_label` | the state can be recommended to motions of its workflow |
| `EXTENSION_FIELDS_SHOWN` | both: the extension of a recommendation that is followed becomes that of the state |
| `allow_motion_forwarding` | the motion can be forwarded |
| `allow_amendment_forwarding` | the amendment can be forwarded along with its lead motion |
"""

from typing import Any

from openslides_backend.shared.typing import Fields

SETS_NUMBER = "set_number"
SETS_TIMESTAMP = "set_workflow_timestamp"
GRAPH = ("next_state_ids", "previous_state_ids")
EXTENSION_FIELDS_SHOWN = ("show_state_extension_field", "show_recommendation_extension_field")


def stamped(sets_timestamp: Any, stored: int | None, now: int, *, anew: bool = False) -> Fields:
    """The change of `workflow_timestamp` of a motion that comes into a state ("R3"), if there is any.

    It gets the state's own, `now`, if the state sets one and the motion has none `stored` (both in Unix seconds). What
    is stored doesn't count for a motion that begins `anew`: it has none if the state doesn't set one.
    """
    if sets_timestamp and (anew or not stored):
        return {"workflow_timestamp": now}
    return {"workflow_timestamp": None} if anew else {}
