"""Models that tests begin with."""

from collections.abc import Mapping
from typing import Any

from openslides_backend.actions.shared.projectors import DEFAULT_PROJECTOR_NAMES
from openslides_backend.shared.typing import Fields


def meeting_fields(base: int, committee_id: int, fields: Mapping[str, Any]) -> Fields:
    """A meeting with these fields on top of what it must have."""
    return {
        "name": f"Meeting {base}",
        "language": "en",
        "is_active_in_organization_id": 1,
        "projector_countdown_default_time": 60,
        "projector_countdown_warning_time": 0,
        "motion_poll_projection_name_order_first": "last_name",
        "motion_poll_projection_max_columns": 6,
        "committee_id": committee_id,
        "group_ids": [base, base + 1, base + 2],
        "default_group_id": base,
        "admin_group_id": base + 1,
        "motion_workflow_ids": [base],
        "motion_state_ids": [base],
        "motions_default_workflow_id": base,
        "motions_default_amendment_workflow_id": base,
        "projector_ids": [base],
        "reference_projector_id": base,
        **{f"default_projector_{purpose}_ids": [base] for purpose in DEFAULT_PROJECTOR_NAMES},
        **fields,
    }


def meeting_models(base: int) -> dict[str, Fields]:
    """What a meeting must have, by fqid."""
    in_meeting = {"meeting_id": base}
    default_for = {
        f"used_as_default_projector_for_{purpose}_in_meeting_id": base for purpose in DEFAULT_PROJECTOR_NAMES
    }
    return {
        f"group/{base}": {"name": "Default", "weight": 1, "default_group_for_meeting_id": base, **in_meeting},
        f"group/{base + 1}": {"name": "Admin", "weight": 2, "admin_group_for_meeting_id": base, **in_meeting},
        f"group/{base + 2}": {"name": "Delegates", "weight": 3, **in_meeting},
        f"motion_workflow/{base}": {
            "name": "Workflow",
            "sequential_number": 1,
            "state_ids": [base],
            "first_state_id": base,
            "default_workflow_meeting_id": base,
            "default_amendment_workflow_meeting_id": base,
            **in_meeting,
        },
        f"motion_state/{base}": {
            "name": "submitted",
            "weight": 1,
            "css_class": "lightblue",
            "workflow_id": base,
            "first_state_of_workflow_id": base,
            **in_meeting,
        },
        f"projector/{base}": {
            "name": "Projector",
            "sequential_number": 1,
            "used_as_reference_projector_meeting_id": base,
            **default_for,
            **in_meeting,
        },
    }
