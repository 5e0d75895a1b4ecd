"""What a new meeting holds (meeting_create.md, "What is created with it")."""

from collections.abc import Mapping

from openslides_backend.i18n.translations import translate
from openslides_backend.shared.typing import Fields

GROUPS: Mapping[str, tuple[str, ...] | None] = {
    "Default": (
        "agenda_item.can_see",
        "assignment.can_see",
        "meeting.can_see_autopilot",
        "meeting.can_see_frontpage",
        "motion.can_see",
        "projector.can_see",
    ),
    "Admin": None,
    "Delegates": (
        "agenda_item.can_see",
        "assignment.can_see",
        "list_of_speakers.can_see",
        "list_of_speakers.can_be_speaker",
        "mediafile.can_see",
        "meeting.can_see_autopilot",
        "meeting.can_see_frontpage",
        "motion.can_see",
        "projector.can_see",
    ),
    "Staff": (
        "agenda_item.can_manage",
        "assignment.can_manage",
        "assignment.can_manage_polls",
        "list_of_speakers.can_manage",
        "mediafile.can_manage",
        "meeting.can_see_frontpage",
        "meeting.can_see_autopilot",
        "motion.can_manage",
        "motion.can_manage_polls",
        "projector.can_manage",
        "tag.can_manage",
        "user.can_manage",
    ),
}
"""The groups with their permissions, by their English names, which are their external ids, too."""

COUNTDOWNS = ("Speaking time", "Voting")
SIMPLE_WORKFLOW, COMPLEX_WORKFLOW = "Simple Workflow", "Complex Workflow"
PROJECTOR = "Default projector"

TRANSLATED_DEFAULTS = (
    "welcome_title",
    "welcome_text",
    "motions_preamble",
    "motions_export_title",
    "assignments_export_title",
    "users_pdf_welcometitle",
    "users_pdf_welcometext",
    "users_email_sender",
    "users_email_subject",
    "users_email_body",
)
"""Fields of the meeting whose defaults are texts in its language."""


def new_groups(meeting_id: int, language: str) -> list[Fields]:
    """Elements for `group.create`."""
    return [
        {
            "name": translate(name, language),
            "meeting_id": meeting_id,
            "external_id": name,
            "weight": weight,
            **({} if permissions is None else {"permissions": list(permissions)}),
        }
        for weight, (name, permissions) in enumerate(GROUPS.items(), start=1)
    ]


def new_countdowns(meeting_id: int, language: str) -> list[Fields]:
    """Elements for `projector_countdown.create`."""
    return [{"title": translate(title, language), "meeting_id": meeting_id} for title in COUNTDOWNS]
