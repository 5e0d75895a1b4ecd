"""The roles that projectors have in their meeting (meeting.md, "Default projectors")."""

DEFAULT_PROJECTOR_NAMES = (
    "agenda_item_list",
    "topic",
    "list_of_speakers",
    "current_los",
    "motion",
    "amendment",
    "motion_block",
    "assignment",
    "mediafile",
    "message",
    "countdown",
    "assignment_poll",
    "motion_poll",
    "poll",
)
"""What is shown by projectors of its own, unless another one is chosen."""

DEFAULT_PROJECTORS = tuple(f"default_projector_{name}_ids" for name in DEFAULT_PROJECTOR_NAMES)
"""Fields of `meeting`, none of which may be empty."""

USED_AS_DEFAULT = tuple(f"used_as_default_projector_for_{name}_in_meeting_id" for name in DEFAULT_PROJECTOR_NAMES)
"""Their reverse fields of `projector`, in the same order."""

USED_AS_REFERENCE = "used_as_reference_projector_meeting_id"
"""The field of `projector` that marks the reference projector."""
