"""Create meetings (meeting_create.md)."""

from collections.abc import Mapping, Sequence

from openslides_backend.actions.meeting.checks import TIMES, EarlyExternalId, RoomForOne, check_times, refuse_new_rights
from openslides_backend.actions.meeting.contents import (
    COMPLEX_WORKFLOW,
    COUNTDOWNS,
    GROUPS,
    PROJECTOR,
    SIMPLE_WORKFLOW,
    TRANSLATED_DEFAULTS,
    new_countdowns,
    new_groups,
)
from openslides_backend.actions.motion_workflow.standard import COMPLEX, SIMPLE
from openslides_backend.actions.shared.projectors import USED_AS_DEFAULT, USED_AS_REFERENCE
from openslides_backend.engine.generics import CreateAction
from openslides_backend.engine.parts import Organization
from openslides_backend.engine.payload import BOOLEAN, IDS, Payload
from openslides_backend.engine.run import ids_of
from openslides_backend.i18n.languages import DEFAULT_LANGUAGE
from openslides_backend.i18n.translations import translate
from openslides_backend.models.models import Meeting
from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import Steps
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.rules import Inquiry, Verdict, committee_manager, rule
from openslides_backend.shared.exceptions import BadRequest, InvalidField
from openslides_backend.shared.fqid import ORGANIZATION_ID
from openslides_backend.shared.typing import Fields


def _language(element: Fields) -> str:
    return element.get("language") or DEFAULT_LANGUAGE


@rule
def _may_create(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    verdict = yield from committee_manager("committee_id").judge(inquiry, element)
    return verdict or (yield from refuse_new_rights(inquiry.user_id, element, element.id("committee_id")))


class MeetingCreate(CreateAction):
    """Create a meeting with groups, participants, countdowns, workflows and a projector."""

    name = "meeting.create"
    model = Meeting
    payload = Payload(
        Meeting,
        required=["committee_id", "name"],
        required_keys=["language"],
        optional=["description", "location", *TIMES, "organization_tag_ids", "external_id"],
        extra_optional={"admin_ids": IDS, "user_ids": IDS, "set_as_template": BOOLEAN},
    )
    permission = _may_create

    parts = (EarlyExternalId(), RoomForOne())
    settings = Organization("require_duplicate_from")

    def reserves(self, elements: Sequence[Fields]) -> Mapping[str, int]:
        count = len(elements)
        members = sum(len(element.get("admin_ids", ())) + len(_others(element)) for element in elements)
        return {
            "meeting": count,
            "group": count * len(GROUPS),
            "meeting_user": members,
            "projector_countdown": count * len(COUNTDOWNS),
            "motion_workflow": count * 2,
            "motion_state": count * (len(SIMPLE) + len(COMPLEX)),
            "projector": count,
        }

    def check(self, element: Fields) -> None:
        if self.settings.record["require_duplicate_from"] and not self.run.checker.has_level(Level.CAN_MANAGE_USERS):
            raise BadRequest("New meetings must be made as copies of templates.")
        check_times(element, {})
        if not element.get("admin_ids") and not element.get("set_as_template"):
            raise InvalidField("admin_ids", "a meeting that is no template needs an admin.")

    def fill(self, element: Fields) -> None:
        for name in TRANSLATED_DEFAULTS:
            element[name] = translate(element[name], _language(element))
        element["is_active_in_organization_id"] = ORGANIZATION_ID
        if element.get("set_as_template"):
            element["template_for_organization_id"] = ORGANIZATION_ID

    def follow_up(self, elements: Sequence[Fields]) -> None:
        roles = self._create_groups(elements)
        self._create_participants(elements, roles)
        countdowns = self._create_countdowns(elements)
        for element, *parts in zip(elements, roles, countdowns, strict=True):
            for fields in parts:
                self.run.relations.update(Meeting, element["id"], fields)
        self._create_workflows(elements)
        self._create_projectors(elements)

    def _created(self, name: str, per_meeting: Sequence[Sequence[Fields]]) -> list[list[int]]:
        """The ids of what an action creates in each of the meetings."""
        ids = iter(ids_of(self.execute(name, [element for elements in per_meeting for element in elements])))
        return [[next(ids) for _ in elements] for elements in per_meeting]

    def _create_groups(self, elements: Sequence[Fields]) -> list[Fields]:
        ids = self._created("group.create", [new_groups(element["id"], _language(element)) for element in elements])
        return [
            {
                "default_group_id": default,
                "admin_group_id": admin,
                "assignment_poll_default_group_ids": [delegates],
                "motion_poll_default_group_ids": [delegates],
                "topic_poll_default_group_ids": [delegates],
            }
            for default, admin, delegates, _ in ids
        ]

    def _create_participants(self, elements: Sequence[Fields], roles: Sequence[Fields]) -> None:
        members = []
        for element, role in zip(elements, roles, strict=True):
            groups_of = dict.fromkeys(element.get("admin_ids", ()), role["admin_group_id"])
            groups_of.update(dict.fromkeys(_others(element), role["default_group_id"]))
            members += [
                {"user_id": user_id, "meeting_id": element["id"], "group_ids": [group_id]}
                for user_id, group_id in groups_of.items()
            ]
        self.execute("meeting_user.create", members)

    def _create_countdowns(self, elements: Sequence[Fields]) -> list[Fields]:
        new = [new_countdowns(element["id"], _language(element)) for element in elements]
        return [
            {"list_of_speakers_countdown_id": speaking, "poll_countdown_id": voting}
            for speaking, voting in self._created("projector_countdown.create", new)
        ]

    def _create_workflows(self, elements: Sequence[Fields]) -> None:
        simple = [
            {
                "name": translate(SIMPLE_WORKFLOW, _language(element)),
                "meeting_id": element["id"],
                "default_workflow_meeting_id": element["id"],
                "default_amendment_workflow_meeting_id": element["id"],
            }
            for element in elements
        ]
        complex_ = [
            {"name": translate(COMPLEX_WORKFLOW, _language(element)), "meeting_id": element["id"]}
            for element in elements
        ]
        self.execute("motion_workflow.create_simple_workflow", simple)
        self.execute("motion_workflow.create_complex_workflow", complex_)

    def _create_projectors(self, elements: Sequence[Fields]) -> None:
        self.execute(
            "projector.create",
            [
                {
                    "name": translate(PROJECTOR, _language(element)),
                    "meeting_id": element["id"],
                    **dict.fromkeys((USED_AS_REFERENCE, *USED_AS_DEFAULT), element["id"]),
                }
                for element in elements
            ],
        )


def _others(element: Fields) -> list[int]:
    """The participants that aren't admins."""
    admins = set(element.get("admin_ids", ()))
    return [user_id for user_id in element.get("user_ids", ()) if user_id not in admins]
