"""New meetings (meeting_create.md)."""

from typing import Any

import pytest

from openslides_backend.actions.meeting.contents import GROUPS
from openslides_backend.actions.shared.projectors import DEFAULT_PROJECTORS, USED_AS_DEFAULT, USED_AS_REFERENCE
from openslides_backend.models.fields import MISSING
from openslides_backend.models.models import Meeting
from tests.integration.actions.rights import RightsTest


class MeetingCreateTest(RightsTest):
    """Base: committee 60, and users who are going to be admin and participant."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_committee(60)
        self.admin_id, self.member_id = self.create_user(), self.create_user()

    def element(self, **more: Any) -> dict[str, Any]:
        """A meeting to be created."""
        return {"committee_id": 60, "name": "new", "language": "en", "admin_ids": [self.admin_id], **more}

    def names(self, collection: str, meeting_id: int, field: str = "name") -> list[str]:
        """The names of all models of a collection in the meeting."""
        return [model[field] for model in self.find_models(collection, meeting_id=meeting_id).values()]


class TestMeetingCreate(MeetingCreateTest):
    """What a new meeting is like."""

    def test_meeting_itself(self) -> None:
        self.set_models({"organization_tag/4": {"name": "t", "color": "#ffffff", "organization_id": 1}})
        given = {
            "description": "d",
            "location": "l",
            "start_time": 5,
            "end_time": 5,
            "external_id": "e",
            "organization_tag_ids": [4],
        }
        answer = self.request("meeting.create", self.element(**given)).assert_status(200)
        assert answer.results == [[{"id": answer.id}]]
        id_ = answer.id
        meeting = self.assert_model_exists(
            f"meeting/{id_}", {**given, "is_active_in_organization_id": 1, "template_for_organization_id": None}
        )
        ours = ("name", "language", "user_ids")
        for name, field in Meeting.fields.items():
            if field.default is not MISSING and name not in ours:
                assert meeting[name] == field.default, name
        self.assert_model_exists("organization/1", {"active_meeting_ids": [id_], "template_meeting_ids": None})
        self.assert_model_exists("committee/60", {"meeting_ids": [id_]})
        self.assert_model_exists("organization_tag/4", {"tagged_ids": [f"meeting/{id_}"]})

    def test_groups(self) -> None:
        id_ = self.request("meeting.create", self.element()).assert_status(200).id
        groups = self.find_models("group", meeting_id=id_)
        assert [group["name"] for group in groups.values()] == list(GROUPS)
        assert [group["external_id"] for group in groups.values()] == list(GROUPS)
        assert [group["weight"] for group in groups.values()] == [1, 2, 3, 4]
        for group, permissions in zip(groups.values(), GROUPS.values(), strict=True):
            assert group.get("permissions") == (None if permissions is None else list(permissions))
        default, admin, delegates, _ = groups
        roles = {
            "default_group_id": default,
            "admin_group_id": admin,
            "assignment_poll_default_group_ids": [delegates],
            "motion_poll_default_group_ids": [delegates],
            "topic_poll_default_group_ids": [delegates],
            "poll_default_group_ids": None,
            "anonymous_group_id": None,
            "group_ids": list(groups),
        }
        self.assert_model_exists(f"meeting/{id_}", roles)
        self.assert_model_exists(f"group/{delegates}", {"used_as_topic_poll_default_id": id_})

    def test_participants(self) -> None:
        element = self.element(user_ids=[self.member_id, self.admin_id])
        id_ = self.request("meeting.create", element).assert_status(200).id
        found = self.find_models("meeting_user", meeting_id=id_).values()
        meeting = self.get_model(f"meeting/{id_}")
        assert [(member["user_id"], member["group_ids"]) for member in found] == [
            (self.admin_id, [meeting["admin_group_id"]]),
            (self.member_id, [meeting["default_group_id"]]),
        ]
        assert meeting["user_ids"] == [self.admin_id, self.member_id]
        self.assert_model_exists(f"user/{self.member_id}", {"meeting_ids": [id_], "committee_ids": [60]})
        self.assert_model_exists("committee/60", {"user_ids": [self.admin_id, self.member_id]})
        assert len(self.history_of(f"user/{self.member_id}")) == 1
        assert "present_user_ids" not in meeting

    def test_countdowns_and_projector(self) -> None:
        id_ = self.request("meeting.create", self.element()).assert_status(200).id
        speaking, voting = self.find_models("projector_countdown", meeting_id=id_)
        for countdown, title in ((speaking, "Speaking time"), (voting, "Voting")):
            fields = {"title": title, "default_time": 60, "countdown_time": 60, "description": "", "running": False}
            self.assert_model_exists(f"projector_countdown/{countdown}", fields)
        ((projector_id, projector),) = self.find_models("projector", meeting_id=id_).items()
        assert (projector["name"], projector["sequential_number"]) == ("Default projector", 1)
        assert {projector[name] for name in (USED_AS_REFERENCE, *USED_AS_DEFAULT)} == {id_}
        used = {
            "list_of_speakers_countdown_id": speaking,
            "poll_countdown_id": voting,
            "reference_projector_id": projector_id,
            **{name: [projector_id] for name in DEFAULT_PROJECTORS},
        }
        self.assert_model_exists(f"meeting/{id_}", used)

    def test_workflows(self) -> None:
        id_ = self.request("meeting.create", self.element()).assert_status(200).id
        (simple_id, simple), (complex_id, complex_) = self.find_models("motion_workflow", meeting_id=id_).items()
        assert (simple["name"], simple["sequential_number"]) == ("Simple Workflow", 1)
        assert (complex_["name"], complex_["sequential_number"]) == ("Complex Workflow", 2)
        defaults = dict.fromkeys(("motions_default_workflow_id", "motions_default_amendment_workflow_id"), simple_id)
        self.assert_model_exists(f"meeting/{id_}", defaults)
        transitions = {
            simple_id: {1: [2, 3, 4]},
            complex_id: {1: [2, 6], 2: [3, 6, 10], 3: [4, 5, 6, 7, 8, 9]},
        }
        for workflow_id, expected in transitions.items():
            states = self.find_models("motion_state", workflow_id=workflow_id)
            assert [state["weight"] for state in states.values()] == list(range(1, len(states) + 1))
            numbers = {state_id: number for number, state_id in enumerate(states, start=1)}
            found = {
                s["weight"]: [numbers[i] for i in s["next_state_ids"]] for s in states.values() if "next_state_ids" in s
            }
            assert found == expected
            self.assert_model_exists(f"motion_workflow/{workflow_id}", {"first_state_id": min(states)})
        first, accepted, *_ = self.find_models("motion_state", workflow_id=simple_id).values()
        flags = ("allow_create_poll", "allow_support", "set_workflow_timestamp", "set_number", "allow_submitter_edit")
        assert [first[name] for name in flags] == [True, True, True, True, False]
        accepting = (accepted["recommendation_label"], accepted["css_class"], accepted["merge_amendment_into_final"])
        assert accepting == ("Acceptance", "green", "do_merge")
        assert accepted["previous_state_ids"] == [first["id"]]
        in_progress, *others = self.find_models("motion_state", workflow_id=complex_id).values()
        assert in_progress["restrictions"] == ["is_submitter", "motion.can_manage_metadata"]
        assert others[7]["show_state_extension_field"]
        assert others[7]["show_recommendation_extension_field"]

    def test_in_german(self) -> None:
        id_ = self.request("meeting.create", self.element(language="de")).assert_status(200).id
        assert self.names("group", id_) == ["Standard", "Admin", "Delegierte", "Mitarbeitende"]
        assert self.names("group", id_, "external_id") == list(GROUPS)
        assert self.names("projector_countdown", id_, "title") == ["Redezeit", "Stimmabgabe"]
        assert self.names("motion_workflow", id_) == ["Einfacher Arbeitsablauf", "Komplexer Arbeitsablauf"]
        assert self.names("motion_state", id_)[:2] == ["eingereicht", "angenommen"]
        assert self.names("projector", id_) == ["Standardprojektor"]
        meeting = self.assert_model_exists(
            f"meeting/{id_}",
            {
                "name": "new",
                "welcome_title": "Willkommen bei OpenSlides",
                "motions_export_title": "Anträge",
                "users_email_sender": "OpenSlides",
                "motions_amendments_prefix": "-Ä",
            },
        )
        assert meeting["users_email_body"] != Meeting.fields["users_email_body"].default
        assert all(word in meeting["users_email_body"] for word in ("{name}", "{url}", "{username}", "{password}"))

    @pytest.mark.parametrize("language", ["it", "es", "ru", "cs", "fr"])
    def test_in_other_languages(self, language: str) -> None:
        headers = {"Accept-Language": "de"}
        answer = self.request("meeting.create", self.element(language=language), headers=headers).assert_status(200)
        assert self.get_model(f"meeting/{answer.id}")["welcome_title"] not in (
            "Welcome to OpenSlides",
            "Willkommen bei OpenSlides",
        )
        assert "eingereicht" not in self.names("motion_state", answer.id)

    def test_without_language(self) -> None:
        answer = self.request("meeting.create", self.element(language=None), headers={"Accept-Language": "de"})
        self.assert_model_exists(f"meeting/{answer.assert_status(200).id}", {"language": None})
        assert self.names("group", answer.id) == list(GROUPS)
        assert self.names("motion_state", answer.id)[0] == "submitted"

    def test_template(self) -> None:
        element = {"committee_id": 60, "name": "x", "language": "en", "set_as_template": True}
        id_ = self.request("meeting.create", element).assert_status(200).id
        self.assert_model_exists(f"meeting/{id_}", {"template_for_organization_id": 1})
        self.assert_model_exists("organization/1", {"template_meeting_ids": [id_]})
        id_ = self.request("meeting.create", self.element(set_as_template=False)).assert_status(200).id
        self.assert_model_exists(f"meeting/{id_}", {"template_for_organization_id": None})

    @pytest.mark.parametrize("amount", [1, 8])
    def test_few_calls(self, amount: int) -> None:
        users = [self.create_user() for _ in range(30)]
        elements = [self.element(user_ids=users, external_id=str(n)) for n in range(amount)]
        with self.stack.count_calls() as calls:
            self.request("meeting.create", *elements).assert_status(200)
        calls.assert_at_most(reads=5, reserves=2, writes=1)


class TestMeetingCreateChecks(MeetingCreateTest):
    """What is refused, and to whom."""

    @pytest.mark.parametrize(
        "more",
        [
            {"name": ""},
            {"name": "x" * 101},
            {"language": "eo"},
            {"start_time": 5},
            {"end_time": 5},
            {"start_time": 5, "end_time": 0},
            {"start_time": 6, "end_time": 5},
            {"admin_ids": []},
            {"admin_ids": [99]},
            {"user_ids": [99]},
            {"committee_id": 99},
            {"organization_tag_ids": [99]},
            {"welcome_title": "x"},
        ],
    )
    def test_refused(self, more: dict[str, Any]) -> None:
        self.request("meeting.create", self.element(**more)).assert_status(400)

    def test_language_and_admins_are_needed(self) -> None:
        for name in ("language", "admin_ids"):
            element = self.element()
            del element[name]
            self.request("meeting.create", element).assert_status(400, name)

    def test_external_id(self) -> None:
        self.create_meeting(1, external_id="e", is_active_in_organization_id=None)
        self.create_meeting(4, external_id="")
        taken = self.element(external_id="e")
        self.request("meeting.create", taken, user=self.create_user()).assert_status(400, "external_id")
        self.request("meeting.create", self.element(external_id="")).assert_status(200)
        new = self.element(external_id="f")
        answer = self.request("meeting.create", new, new).assert_status(400, "external_id")
        assert answer.body["action_data_error_index"] == 1

    @pytest.mark.parametrize(("limit", "active", "status"), [(0, 3, 200), (4, 3, 200), (3, 3, 400), (2, 3, 400)])
    def test_limit(self, limit: int, active: int, status: int) -> None:
        ids = list(range(1, active + 1))
        self.set_models({"organization/1": {"limit_of_meetings": limit, "active_meeting_ids": ids}})
        self.request("meeting.create", self.element()).assert_status(status)

    def test_limit_within_a_batch(self) -> None:
        self.set_models({"organization/1": {"limit_of_meetings": 1}})
        answer = self.request("meeting.create", self.element(), self.element()).assert_status(400, "limit")
        assert answer.body["action_data_error_index"] == 1

    def test_new_meetings_must_be_copies(self) -> None:
        self.set_models({"organization/1": {"require_duplicate_from": True}})
        manager = self.create_manager(60)
        self.request("meeting.create", self.element(), user=manager).assert_status(400, "templates")
        self.set_models({f"user/{manager}": {"organization_management_level": "can_manage_users"}})
        self.request("meeting.create", self.element(), user=manager).assert_status(200)

    def test_rights(self) -> None:
        self.create_committee(61, parent_id=60, all_parent_ids=[60])
        manager = self.create_manager(60)
        self.request("meeting.create", self.element(), user=manager).assert_status(200)
        self.request("meeting.create", self.element(committee_id=61), user=manager).assert_status(200)
        below = self.create_manager(61)
        self.request("meeting.create", self.element(), user=below).assert_status(403)
        self.request("meeting.create", self.element(), user=0).assert_status(403)
        user_manager = self.create_user(oml="can_manage_users")
        self.request("meeting.create", self.element(), user=user_manager).assert_status(403)
        organizer = self.create_user(oml="can_manage_organization")
        self.request("meeting.create", self.element(), user=organizer).assert_status(200)
