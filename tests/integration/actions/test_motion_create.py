"""New motions and amendments (motion.md, "motion.create")."""

from hashlib import md5
from time import time
from typing import Any

import pytest

from openslides_backend.shared.typing import Fields
from tests.integration.actions.motions import FIRST, WORKFLOW, MotionTest

CAN_CREATE = "motion.can_create"
CAN_MANAGE = "motion.can_manage"
METADATA = "motion.can_manage_metadata"


class CreateTest(MotionTest):
    @staticmethod
    def element(**more: Any) -> Fields:
        """A payload for a new motion."""
        return {"meeting_id": 1, "title": "t", "text": "<p>x</p>", **more}

    def create(self, **more: Any) -> int:
        """Create a motion; its id."""
        return self.request("motion.create", self.element(**more)).assert_status(200).id

    def refused(self, text: str, **more: Any) -> None:
        """The payload must be answered with 400."""
        self.request("motion.create", self.element(**more)).assert_status(400, text)


class TestEffects(CreateTest):
    def test_fields(self) -> None:
        before = round(time())
        answer = self.request("motion.create", self.element(text="<p>a<x-y>b</x-y></p>")).assert_status(200)
        assert answer.results == [[{"id": answer.id, "sequential_number": 1}]]
        motion = self.assert_model_exists(
            f"motion/{answer.id}",
            {
                "text": "<p>ab</p>",
                "state_id": FIRST,
                "category_weight": 10000,
                "sort_weight": 10000,
                "start_line_number": 1,
                "number": None,
                "workflow_timestamp": None,
                "text_hash": md5(b"ab", usedforsecurity=False).hexdigest(),
                "identical_motion_ids": [],
                "agenda_item_id": None,
            },
        )
        assert before <= motion["created"] == motion["last_modified"]
        self.assert_model_exists(f"list_of_speakers/{motion['list_of_speakers_id']}", {"closed": False})
        assert self.history_of(f"motion/{answer.id}") == [["Motion created"]]

    def test_sequential_numbers_count_deleted_motions(self) -> None:
        first = self.create()
        self.request("motion.delete", {"id": first}).assert_status(200)
        assert self.get_model(f"motion/{self.create()}")["sequential_number"] == 2

    def test_workflow_and_timestamp(self) -> None:
        self.state(1, set_workflow_timestamp=True, set_number=True)
        motion = self.assert_model_exists(f"motion/{self.create(workflow_id=1)}", {"state_id": 1, "number": "01"})
        assert motion["workflow_timestamp"] == motion["created"]

    def test_amendment_takes_over_the_category(self) -> None:
        self.set_models({"motion_category/5": {"name": "c", "meeting_id": 1, "motion_ids": [1]}})
        self.motion(1, category_id=5, block_id=None)
        self.assert_model_exists(f"motion/{self.create(lead_motion_id=1)}", {"category_id": 5, "lead_motion_id": 1})
        amendment = self.create(lead_motion_id=1, category_id=None, text="", amendment_paragraphs={"0": "<p>a<script>"})
        fields = {"category_id": None, "text": None, "amendment_paragraphs": {"0": "<p>a</p>"}}
        self.assert_model_exists(f"motion/{amendment}", fields)
        assert self.get_model("motion/1")["amendment_ids"] == [amendment - 1, amendment]

    def test_identical_motions(self) -> None:
        first, second = self.create(text="<p>same</p>"), self.create(text="same")
        self.create(text="other")
        self.motion(1)
        third, fourth, apart = (
            result["id"]
            for result in self.request(
                "motion.create",
                self.element(text="<b>same"),
                self.element(text="s<i>am</i>e"),
                self.element(text="same", lead_motion_id=1),
            )
            .assert_status(200)
            .results[0]
        )
        alike = {first, second, third, fourth}
        for id_ in alike:
            assert set(self.get_model(f"motion/{id_}")["identical_motion_ids"]) == alike - {id_}
        self.assert_model_exists(f"motion/{apart}", {"identical_motion_ids": []})

    def test_submitters(self) -> None:
        user_id, other = self.create_user(group_ids=[3]), self.create_user()
        id_ = self.create(submitter_ids=[other, user_id])
        submitters = self.find_models("motion_submitter", motion_id=id_)
        members = [self.meeting_user_id(other, 1), self.meeting_user_id(user_id, 1)]
        assert [(s["weight"], s["meeting_user_id"]) for s in submitters.values()] == list(enumerate(members, start=1))
        assert self.history_of(f"user/{other}") == [["Participant added to meeting {}", "meeting/1"]]
        assert self.history_of(f"motion/{id_}") == [["Motion created"]]
        self.assert_model_exists(f"meeting_user/{members[0]}", {"group_ids": None})

    def test_who_asks_submits_unless_somebody_else_does(self) -> None:
        self.settings(motions_create_enable_additional_submitter_text=True)
        user_id = self.participant(CAN_CREATE, METADATA, "user.can_see")
        for more, count in (({}, 1), ({"submitter_ids": []}, 1), ({"additional_submitter": "x"}, 0)):
            id_ = self.request("motion.create", self.element(**more), user=user_id).assert_status(200).id
            submitters = self.find_models("motion_submitter", motion_id=id_)
            assert [s["meeting_user_id"] for s in submitters.values()] == [self.meeting_user_id(user_id, 1)] * count
        both = self.create(additional_submitter="x", submitter_ids=[user_id])
        self.assert_model_exists(f"motion/{both}", {"additional_submitter": "x"})
        assert self.find_models("motion_submitter", motion_id=both)

    def test_internal_requests_name_the_submitters(self) -> None:
        self.request("motion.create", self.element(), internal=True).assert_status(400, "submitter_ids")
        element = self.element(submitter_ids=[self.create_user()])
        self.request("motion.create", element, internal=True).assert_status(200)

    def test_supporters(self) -> None:
        member = self.meeting_user_id(self.create_user(group_ids=[3]), 1)
        self.settings(motions_supporters_min_amount=1)
        id_ = self.create(supporter_meeting_user_ids=[member])
        assert [s["meeting_user_id"] for s in self.find_models("motion_supporter", motion_id=id_).values()] == [member]
        self.settings(motions_supporters_min_amount=0)
        self.refused("supporter_meeting_user_ids", supporter_meeting_user_ids=[member])
        self.create(supporter_meeting_user_ids=[])

    def test_supporter_of_another_meeting(self) -> None:
        self.create_meeting(4)
        self.settings(motions_supporters_min_amount=1)
        member = self.meeting_user_id(self.create_user(group_ids=[6]), 4)
        self.refused("supporter_meeting_user_ids", supporter_meeting_user_ids=[member])

    def test_agenda_item(self) -> None:
        self.settings(agenda_item_creation="default_no")
        id_ = self.create(agenda_create=True, agenda_type="hidden", agenda_duration=5)
        self.assert_model_exists(
            "agenda_item/1", {"content_object_id": f"motion/{id_}", "type": "hidden", "duration": 5}
        )
        self.assert_model_exists(f"motion/{self.create(agenda_type='hidden')}", {"agenda_item_id": None})

    @pytest.mark.parametrize("count", [1, 100])
    def test_few_calls(self, count: int) -> None:
        self.state(FIRST, set_number=True)
        self.settings(agenda_item_creation="always", motions_number_type="per_category")
        self.set_models({"motion_category/5": {"name": "c", "prefix": "A", "meeting_id": 1}})
        users = [self.create_user() for _ in range(count)]
        elements = [self.element(text=f"x{n % 5}", submitter_ids=[user], category_id=5) for n, user in enumerate(users)]
        with self.stack.count_calls() as calls:
            self.request("motion.create", *elements).assert_status(200)
        calls.assert_at_most(reads=8, reserves=2, writes=1)

    @pytest.mark.parametrize("count", [1, 100])
    def test_few_calls_for_amendments(self, count: int) -> None:
        self.state(FIRST, set_number=True)
        self.motion(1, number="A")
        elements = [self.element(lead_motion_id=1, text=f"x{n % 5}") for n in range(count)]
        with self.stack.count_calls() as calls:
            self.request("motion.create", *elements).assert_status(200)
        calls.assert_at_most(reads=9, reserves=2, writes=1)


class TestChecks(CreateTest):
    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"text": ""}, "text"),
            ({"text": "", "amendment_paragraphs": {"0": "x"}}, "text"),
            ({"text": "<script>x</script>"}, "text"),
            ({"amendment_paragraphs": {"0": "x"}}, "amendment_paragraphs"),
            ({"text": "", "lead_motion_id": 1}, "text"),
            ({"amendment_paragraphs": {"0": "x"}, "lead_motion_id": 1}, "text"),
            ({"lead_motion_id": 99}, ""),
            ({"additional_submitter": ""}, "additional_submitter"),
            ({"number": "taken"}, "number"),
            ({"workflow_id": 99}, ""),
            ({"workflow_id": 20}, ""),
            ({"submitter_ids": [9, 9]}, "submitter_ids"),
            ({"submitter_ids": [99]}, ""),
            ({"origin_id": 1}, "origin_id"),
            ({"agenda_create": "true"}, "agenda_create"),
        ],
    )
    def test_refused(self, more: Fields, field: str) -> None:
        self.motion(1, number="taken")
        self.set_models({"motion_workflow/20": {"meeting_id": 1, "name": "w"}})
        answer = self.request("motion.create", self.element(), self.element(**more)).assert_status(400)
        assert answer.body["action_data_error_index"] == 1
        assert field in (answer.body.get("field") or answer.message)
        assert not self.find_models("motion", title="t")

    def test_reason(self) -> None:
        self.settings(motions_reason_required=True)
        self.refused("reason")
        self.refused("reason", reason="")
        self.create(reason="r")

    def test_no_default_workflow(self) -> None:
        self.motion(1)
        self.settings(motions_default_amendment_workflow_id=None)
        self.refused("workflow", lead_motion_id=1)
        self.create(lead_motion_id=1, workflow_id=WORKFLOW)
        self.create()

    def test_other_meetings(self) -> None:
        self.create_meeting(4)
        self.motion(1)
        self.set_models({"motion/1": {"meeting_id": 4}})
        self.refused("meeting", lead_motion_id=1)
        self.refused("meeting", workflow_id=4)


class TestPermission(CreateTest):
    def test_create(self) -> None:
        self.assert_needs_permission("motion.create", self.element(), CAN_CREATE)

    def test_amendment(self) -> None:
        self.motion(1)
        self.assert_needs_permission("motion.create", self.element(lead_motion_id=1), "motion.can_create_amendments")

    @pytest.mark.parametrize(
        ("more", "needed"),
        [
            ({"category_id": 5, "lead_motion_id": 1}, [CAN_MANAGE]),
            ({"agenda_type": "common"}, ["agenda_item.can_manage"]),
            ({"attachment_mediafile_ids": []}, ["mediafile.can_see"]),
            ({"additional_submitter": "x"}, [METADATA]),
            ({"submitter_ids": []}, [METADATA, "user.can_see"]),
            ({"number": None}, [CAN_MANAGE]),
            ({"sort_parent_id": None}, [CAN_MANAGE]),
            ({"block_id": None}, [CAN_MANAGE]),
            ({"tag_ids": []}, [CAN_MANAGE]),
            ({"supporter_meeting_user_ids": []}, [CAN_MANAGE]),
        ],
    )
    def test_fields(self, more: Fields, needed: list[str]) -> None:
        self.settings(motions_create_enable_additional_submitter_text=True)
        self.set_models({"motion_category/5": {"name": "c", "meeting_id": 1}})
        self.motion(1)
        basic = [CAN_CREATE, "motion.can_create_amendments"]
        user_id = self.participant(*basic)
        element = self.element(**more)
        for index in range(len(needed)):
            self.set_permissions(3, [*basic, *needed[:index]])
            self.request("motion.create", element, user=user_id).assert_status(403, needed[index])
        self.set_permissions(3, [*basic, *needed])
        self.request("motion.create", element, user=user_id).assert_status(200)

    def test_free_fields(self) -> None:
        self.set_models({"motion_category/5": {"name": "c", "meeting_id": 1}})
        user_id = self.participant(CAN_CREATE)
        element = self.element(reason="r", lead_motion_id=None, workflow_id=None, category_id=5)
        self.request("motion.create", element, user=user_id).assert_status(200)

    def test_delegators(self) -> None:
        user_id, other = self.participant(CAN_CREATE), self.create_user(group_ids=[3])
        member = self.meeting_user_id(user_id, 1)
        self.set_models({f"meeting_user/{member}": {"vote_delegated_to_id": self.meeting_user_id(other, 1)}})
        self.settings(users_enable_vote_delegations=True, users_forbid_delegator_as_submitter=True)
        self.request("motion.create", self.element(), user=user_id).assert_status(403, "delegated")
        self.set_permissions(3, [CAN_MANAGE])
        self.request("motion.create", self.element(), user=user_id).assert_status(200)
