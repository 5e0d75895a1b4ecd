"""Settings of meetings (meeting.md, `meeting.update`)."""

from collections.abc import Mapping
from typing import Any

import pytest

from openslides_backend.actions.meeting import settings
from openslides_backend.actions.shared.projectors import DEFAULT_PROJECTORS, USED_AS_DEFAULT, USED_AS_REFERENCE
from openslides_backend.models.fields import BooleanField, RelationField
from openslides_backend.models.models import Meeting
from tests.integration.actions.rights import RightsTest

JITSI = "jitsi_domain"


class MeetingUpdateTest(RightsTest):
    """Base: meeting/1 in an organization that allows the anonymous."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()
        self.set_models({"organization/1": {"enable_anonymous": True}})

    def update(
        self, status: int = 200, text: str = "", user: int = 1, fields: Mapping[str, Any] | None = None, **more: Any
    ) -> None:
        """Update meeting/1."""
        self.request("meeting.update", {"id": 1, **(fields or {}), **more}, user=user).assert_status(status, text)


class TestMeetingUpdate(MeetingUpdateTest):
    """What is stored."""

    def test_settings(self) -> None:
        fields = {
            "name": "new",
            "welcome_text": '<iframe src="https://x.y"></iframe>',
            "custom_translations": {"a": "b"},
        }
        self.update(fields=fields, motions_line_length=90, users_email_replyto="  a.b@c.de ", users_email_sender="A")
        meeting = self.assert_model_exists(
            "meeting/1", {"name": "new", "motions_line_length": 90, "users_email_replyto": "a.b@c.de"}
        )
        assert "sandbox" in meeting["welcome_text"]

    def test_every_boolean_setting_can_be_written(self) -> None:
        names = [name for name in settings.SETTINGS if isinstance(Meeting.fields[name], BooleanField)]
        self.update(fields=dict.fromkeys(names, False))
        self.assert_model_exists("meeting/1", dict.fromkeys(names, False))

    def test_relations(self) -> None:
        user_id = self.create_user(group_ids=[3])
        self.set_models({"organization_tag/4": {"name": "t", "color": "#ffffff", "organization_id": 1}})
        lists = {"present_user_ids": [user_id], "organization_tag_ids": [4], "topic_poll_default_group_ids": [1, 3]}
        self.update(fields=lists)
        self.assert_model_exists("meeting/1", lists)
        self.assert_model_exists(f"user/{user_id}", {"is_present_in_meeting_ids": [1]})
        self.assert_model_exists("group/3", {"used_as_topic_poll_default_id": 1})
        self.update(topic_poll_default_group_ids=[3], present_user_ids=None)
        self.assert_model_exists("group/1", {"used_as_topic_poll_default_id": None})

    def test_projectors(self) -> None:
        self.set_models({"projector/2": {"name": "second", "meeting_id": 1}})
        self.update(reference_projector_id=2, fields={DEFAULT_PROJECTORS[0]: [2, 1], DEFAULT_PROJECTORS[1]: [2]})
        self.assert_model_exists("projector/1", {USED_AS_REFERENCE: None, USED_AS_DEFAULT[1]: None})
        self.assert_model_exists("projector/2", {USED_AS_REFERENCE: 1, USED_AS_DEFAULT[0]: 1, USED_AS_DEFAULT[1]: 1})
        self.assert_model_exists("meeting/1", {DEFAULT_PROJECTORS[0]: [2, 1]})

    def test_template(self) -> None:
        self.update(set_as_template=True)
        self.assert_model_exists("organization/1", {"template_meeting_ids": [1]})
        self.update(400, "admins", set_as_template=False)
        self.create_user(group_ids=[2])
        self.update(set_as_template=False)
        self.assert_model_exists("meeting/1", {"template_for_organization_id": None})
        self.set_models({"organization/1": {"require_duplicate_from": True}})
        self.update(set_as_template=True)
        self.update(400, "set_as_template", user=self.create_manager(60), set_as_template=False)

    def test_anonymous_group(self) -> None:
        self.set_models({"meeting/1": {"language": "de"}})
        self.request("meeting.update", {"id": 1, "enable_anonymous": True}, {"id": 1, "enable_anonymous": "yes"})
        id_ = self.get_model("meeting/1")["anonymous_group_id"]
        fields = {"name": "Öffentlich", "weight": 0, "permissions": None, "anonymous_group_for_meeting_id": 1}
        self.assert_model_exists(f"group/{id_}", fields)
        self.assert_model_exists("meeting/1", {"group_ids": [1, 2, 3, id_], "enable_anonymous": True})
        self.update(enable_anonymous=False)
        self.update(enable_anonymous=True)
        self.assert_model_exists("meeting/1", {"anonymous_group_id": id_})
        assert len(self.find_models("group", meeting_id=1)) == 4

    def test_nothing(self) -> None:
        with self.stack.count_calls() as calls:
            self.update(user=self.create_user())
        assert calls.writes == 0
        self.request("meeting.update", {"id": 99}).assert_status(400)

    def test_archived(self) -> None:
        self.set_models({"meeting/1": {"is_active_in_organization_id": None}})
        self.update(400, "archived", name="new")

    def test_few_calls(self) -> None:
        for base in range(4, 34, 3):
            self.create_meeting(base, committee_id=60)
        elements = [{"id": id_, "enable_anonymous": True, "external_id": str(id_)} for id_ in range(1, 34, 3)]
        with self.stack.count_calls() as calls:
            self.request("meeting.update", *elements).assert_status(200)
        calls.assert_at_most(reads=5, reserves=1, writes=1)


class TestMeetingUpdateChecks(MeetingUpdateTest):
    """What is refused."""

    @pytest.mark.parametrize(
        "fields",
        [
            {"start_time": 5},
            {"start_time": 6, "end_time": 5},
            {JITSI: "https://jitsi.org"},
            {JITSI: " jitsi.org/ "},
            {"users_email_replyto": "nobody"},
            {"users_email_replyto": "a b@c.de"},
            {"users_email_sender": "a[b"},
            {"users_email_sender": "a\\b"},
            {"reference_projector_id": 99},
            {"reference_projector_id": 4},
            {"reference_projector_id": None},
            {DEFAULT_PROJECTORS[0]: [1, 4]},
            {DEFAULT_PROJECTORS[0]: [99]},
            {DEFAULT_PROJECTORS[0]: []},
            {DEFAULT_PROJECTORS[0]: None},
            {"language": "de"},
            {"default_group_id": 3},
            {"committee_id": 63},
            {"poll_default_type": "named"},
            {"set_as_template": None},
            {"name": ""},
            {"name": None},
            {"applause_type": "loud"},
        ],
    )
    def test_refused(self, fields: dict[str, Any]) -> None:
        self.create_meeting(4)
        self.update(400, fields=fields)

    def test_valid_ones(self) -> None:
        self.update(jitsi_domain="jitsi.org", users_email_replyto="", users_email_sender=None)
        self.update(users_email_replyto="Ä_+-.x@sub.ÖÜ.de")

    def test_times_with_stored_ones(self) -> None:
        self.update(start_time=5, end_time=9)
        self.update(400, "start_time", start_time=10)
        self.update(400, "time", end_time=None)
        self.update(start_time=9)
        self.update(start_time=None, end_time=0)
        self.set_models({"meeting/1": {"start_time": 99}})
        self.update(name="x")

    def test_external_id(self) -> None:
        self.create_meeting(4, external_id="e")
        self.update(400, "external_id", external_id="e")
        self.request("meeting.update", {"id": 4, "external_id": "e"}).assert_status(200)
        self.update(external_id="")

    def test_internal_reference_projector(self) -> None:
        self.set_models({"projector/2": {"name": "x", "meeting_id": 1, "is_internal": True}})
        self.update(400, "internal", reference_projector_id=2)
        self.update(fields={DEFAULT_PROJECTORS[0]: [2]})

    @pytest.mark.parametrize(
        ("stored", "given"),
        [
            ({}, {"locked_from_inside": True, "set_as_template": True}),
            ({"locked_from_inside": True}, {"set_as_template": True}),
            ({"template_for_organization_id": 1}, {"locked_from_inside": True}),
            ({"locked_from_inside": True, "template_for_organization_id": 1}, {"name": "x"}),
            ({"locked_from_inside": True, "template_for_organization_id": 1}, {"locked_from_inside": None}),
            ({}, {"locked_from_inside": True, "enable_anonymous": True}),
            ({"enable_anonymous": True}, {"locked_from_inside": True}),
            ({"locked_from_inside": True, "enable_anonymous": True}, {"name": "x"}),
        ],
    )
    def test_locked_meetings_are_closed(self, stored: dict[str, Any], given: dict[str, Any]) -> None:
        self.create_user(group_ids=[2])
        self.set_models({"meeting/1": stored})
        self.request("meeting.update", {"id": 1, **given}, internal=True).assert_status(400, "locked_from_inside")

    def test_unlocking_makes_it_possible(self) -> None:
        self.set_models({"meeting/1": {"locked_from_inside": True, "enable_anonymous": True}})
        admin_id = self.create_user(group_ids=[2])
        self.update(user=admin_id, locked_from_inside=False)

    def test_anonymous_needs_the_organization(self) -> None:
        self.set_models({"organization/1": {"enable_anonymous": None}})
        self.update(400, "enable_anonymous", enable_anonymous=True)
        self.update(enable_anonymous=False)

    @pytest.mark.parametrize("kind", ["assignment", "motion", "topic"])
    def test_anonymous_group_does_not_vote(self, kind: str) -> None:
        self.set_models({"meeting/1": {"anonymous_group_id": 3}, "group/3": {"anonymous_group_for_meeting_id": 1}})
        name = f"{kind}_poll_default_group_ids"
        self.update(400, name, fields={name: [1, 3]})
        self.update(fields={name: None})


class TestMeetingUpdateRights(MeetingUpdateTest):
    """Each group of fields has its own rule."""

    ROLES: dict[str, dict[str, Any]] = {
        "nobody": {},
        "settings": {"permissions": ["meeting.can_manage_settings"]},
        "users": {"permissions": ["user.can_update"]},
        "projectors": {"permissions": ["projector.can_manage"]},
        "admin": {"group": 2},
        "committee": {"manages": True},
        "user manager": {"oml": "can_manage_users"},
        "organizer": {"oml": "can_manage_organization"},
        "superadmin": {"oml": "superadmin"},
    }
    INSIDE, OUTSIDE = {"admin"}, {"committee", "organizer", "superadmin"}
    ALLOWED: tuple[tuple[tuple[str, ...], set[str], set[str]], ...] = (
        (settings.SETTINGS, {"settings"} | INSIDE, OUTSIDE),
        (settings.PRESENCE, {"users"} | INSIDE, OUTSIDE),
        (settings.PROJECTORS, {"projectors"} | INSIDE, OUTSIDE),
        (settings.FOR_ADMINS, INSIDE, OUTSIDE),
        (settings.FOR_COMMITTEE_MANAGERS, OUTSIDE, set()),
        (settings.FOR_SUPERADMINS, {"superadmin"}, set()),
        ((settings.SET_AS_TEMPLATE,), OUTSIDE, set()),
    )

    def create_role(
        self, permissions: tuple[str, ...] = (), group: int = 3, manages: bool = False, oml: str = ""
    ) -> int:
        """A user for one of the roles."""
        if manages:
            return self.create_manager(60)
        if oml:
            return self.create_user(oml=oml)
        self.set_permissions(3, permissions)
        return self.create_user(group_ids=[group])

    @pytest.mark.parametrize("role", ROLES)
    @pytest.mark.parametrize("locked", [False, True])
    def test_table(self, role: str, locked: bool) -> None:
        user_id = self.create_role(**self.ROLES[role])
        self.create_user(group_ids=[2])
        self.set_models({"meeting/1": {"locked_from_inside": locked, "motions_default_workflow_id": 1}})
        stored = self.get_model("meeting/1")
        for fields, always, unlocked in self.ALLOWED:
            allowed = role in always or (role in unlocked and not locked)
            for name in fields[:: max(len(fields) // 3, 1)]:
                value = False if name == settings.SET_AS_TEMPLATE else self.value_of(name, stored)
                self.update(200 if allowed else 403, user=user_id, fields={name: value})

    def value_of(self, name: str, stored: dict[str, Any]) -> Any:
        """A value that changes nothing."""
        field = Meeting.fields[name]
        default = field.default if not isinstance(field, RelationField) and field.required else None
        return stored.get(name, default)

    def test_all_groups_of_a_payload_count(self) -> None:
        user_id = self.create_role(permissions=("meeting.can_manage_settings",))
        self.update(403, user=user_id, name="x", external_id="e")
        self.update(403, user=0, name="x")
