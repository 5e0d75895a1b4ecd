"""Forwarding of motions (motion_forwarding.md)."""

import pytest

from openslides_backend.shared.typing import Fields
from tests.integration.actions.motion_forwarding import FORBIDDEN, ORIGIN, OTHER, TARGET, ForwardTest


class TestRefusals(ForwardTest):
    """Permission and checks."""

    def setup_method(self) -> None:
        super().setup_method()
        self.motion(7)

    def test_permission_in_the_meeting_of_the_origin(self) -> None:
        user_id = self.create_user(group_ids=[3])
        self.set_permissions(3, ["motion.can_create", "motion.can_manage_metadata"])
        self.forward(self.element(7), user=user_id).assert_status(403, "motion.can_forward")
        self.set_permissions(3, ["motion.can_forward"])
        self.forward(self.element(7), user=user_id).assert_status(200)
        self.forward(self.element(7), user=self.create_user(group_ids=[11])).assert_status(403)
        self.forward(self.element(7), user=0).assert_status(403)

    def test_amendments_alone(self) -> None:
        self.motion(8, 7)
        answer = self.forward(self.element(7), self.element(8)).assert_status(403)
        assert answer.body["action_data_error_index"] == 1

    def test_unknown_origin_or_target(self) -> None:
        self.forward(self.element(99), user=self.create_user()).assert_status(400, "motion/99")
        self.forward(self.element(7, 99)).assert_status(400)

    @pytest.mark.parametrize(
        "change",
        [{"text": 1}, {"title": ""}, {"with_amendments": "yes"}, {"number": "1"}, {"agenda_create": True}],
        ids=str,
    )
    def test_bad_payload(self, change: Fields) -> None:
        self.forward({**self.element(7), **change}).assert_status(400)

    @pytest.mark.parametrize("missing", ["text", "title", "origin_id", "meeting_id"])
    def test_missing_key(self, missing: str) -> None:
        self.forward({n: v for n, v in self.element(7).items() if n != missing}).assert_status(400)

    def test_state(self) -> None:
        self.motion(8, state_id=FORBIDDEN)
        answer = self.forward(self.element(7), self.element(8)).assert_status(400, "motion/8")
        assert answer.body["action_data_error_index"] == 1
        assert self.copies() == {}

    def test_committee(self) -> None:
        self.set_models({"committee/60": {"forward_to_committee_ids": [79]}})
        self.forward(self.element(7)).assert_status(400, "does not forward")
        self.forward(self.element(7, OTHER)).assert_status(200)

    def test_own_committee_must_forward_to_itself(self) -> None:
        self.forward(self.element(7, ORIGIN)).assert_status(400, "does not forward")
        self.set_models({"committee/60": {"forward_to_committee_ids": [60]}})
        self.forward(self.element(7, ORIGIN)).assert_status(200)

    def test_workflows(self) -> None:
        self.motion(8, 7)
        self.set_models({f"meeting/{TARGET}": {"motions_default_amendment_workflow_id": None}})
        self.forward(self.element(7)).assert_status(200)
        both = (self.element(7, OTHER), self.element(7, with_amendments=True))
        answer = self.forward(*both).assert_status(400, "workflow")
        assert answer.body["action_data_error_index"] == 1
        self.set_models({f"meeting/{TARGET}": {"motions_default_workflow_id": None}})
        self.forward(self.element(7)).assert_status(400, "workflow")

    def test_archived_meetings(self) -> None:
        self.set_models({f"meeting/{ORIGIN}": {"is_active_in_organization_id": None}})
        self.forward(self.element(7)).assert_status(200)
        self.set_models({f"meeting/{TARGET}": {"is_active_in_organization_id": None}})
        self.forward(self.element(7)).assert_status(400, "archived")

    def test_texts_that_get_too_long(self) -> None:
        self.set_models({"motion/7": {"additional_submitter": "x" * 257}})
        self.forward(self.element(7, use_original_submitter=True)).assert_status(400, "additional_submitter")
        self.set_models({"motion/7": {"number": "x" * 256}})
        self.forward(*[self.element(7, use_original_number=True)] * 2).assert_status(400, "number")

    def test_amendments_are_forwarded_by_the_service_only(self) -> None:
        element = {"meeting_id": TARGET, "origin_id": 7, "lead_motion_id": 7, "title": "x"}
        self.request("motion.create_forwarded_amendment", element).assert_status(400)


class TestMotions(ForwardTest):
    """What becomes of the motions."""

    def test_values(self) -> None:
        self.motion(3, meeting_id=OTHER)
        self.motion(7, number="A1", all_origin_ids=[3], origin_id=3, category_id=4, reason="r", start_line_number=9)
        answer = self.forward(self.element(7, reason="<p>why<script>x</script></p>")).assert_status(200)
        id_ = answer.id
        result = {
            "id": id_,
            "sequential_number": 1,
            "non_forwarded_amendment_amount": 0,
            "amendment_result_data": [],
        }
        assert answer.results == [[result]]
        copy = self.get_model(f"motion/{id_}")
        wanted = {
            "title": "C7",
            "text": "<p>c</p>",
            "reason": "<p>why</p>",
            "meeting_id": TARGET,
            "origin_id": 7,
            "origin_meeting_id": ORIGIN,
            "all_origin_ids": [3, 7],
            "state_id": TARGET,
            "additional_submitter": "Base",
            "category_weight": 10000,
            "sort_weight": 10000,
            "start_line_number": 1,
            "identical_motion_ids": [],
        }
        assert {name: copy[name] for name in wanted} == wanted
        assert copy["created"] == copy["last_modified"] == copy["forwarded"]
        assert not copy.keys() & {"number", "category_id", "workflow_timestamp", "marked_forwarded", "lead_motion_id"}
        self.assert_model_exists("motion/7", {"derived_motion_ids": [id_], "all_derived_motion_ids": [id_]})
        self.assert_model_exists("motion/3", {"all_derived_motion_ids": [id_], "derived_motion_ids": None})
        self.assert_model_exists(f"meeting/{ORIGIN}", {"forwarded_motion_ids": [id_]})
        speakers = self.get_model(f"list_of_speakers/{copy['list_of_speakers_id']}")
        assert (speakers["content_object_id"], speakers["meeting_id"]) == (f"motion/{id_}", TARGET)
        assert "agenda_item_id" not in copy

    def test_history(self) -> None:
        self.motion(7)
        answer = self.forward(self.element(7), self.element(7, OTHER)).assert_status(200)
        text = "Motion forwarded to {}"
        assert self.history_of("motion/7") == [[text, f"meeting/{TARGET}", text, f"meeting/{OTHER}"]]
        for result in answer.results[0]:
            assert self.history_of(f"motion/{result['id']}") == [["Motion created (forwarded)"]]

    @pytest.mark.parametrize(
        ("setting", "amount"), [("always", 1), ("default_yes", 1), ("default_no", 0), ("never", 0)]
    )
    def test_agenda(self, setting: str, amount: int) -> None:
        self.motion(7)
        self.set_models({f"meeting/{TARGET}": {"agenda_item_creation": setting}})
        self.forward(self.element(7)).assert_status(200)
        assert len(self.find_models("agenda_item", meeting_id=TARGET)) == amount

    def test_identical_motions_of_the_target(self) -> None:
        self.motion(7)
        answer = self.forward(self.element(7), self.element(7)).assert_status(200)
        first, second = (result["id"] for result in answer.results[0])
        self.assert_model_exists(f"motion/{first}", {"identical_motion_ids": [second]})
        third = self.forward(self.element(7, text="<div>c</div>")).id
        self.assert_model_exists(f"motion/{second}", {"identical_motion_ids": [first, third]})

    def test_numbers(self) -> None:
        self.motion(5, meeting_id=TARGET, number="N-1")
        for id_ in (6, 7):
            self.motion(id_, number="N")
        self.motion(8)
        self.set_models(
            {
                f"meeting/{TARGET}": {"motions_number_type": "serially_numbered", "motions_number_min_digits": 2},
                f"motion_state/{TARGET}": {"set_number": True, "set_workflow_timestamp": True},
            }
        )
        keep = {"use_original_number": True}
        elements = [self.element(6, **keep), self.element(7, **keep), self.element(8, **keep), self.element(6)]
        answer = self.forward(*elements).assert_status(200)
        motions = [self.get_model(f"motion/{result['id']}") for result in answer.results[0]]
        assert [motion["number"] for motion in motions] == ["N", "N-2", "01", "02"]
        assert [motion.get("number_value") for motion in motions] == [None, None, 1, 2]
        assert all(motion["workflow_timestamp"] == motion["created"] for motion in motions)

    def test_numbers_of_origins_without_numbering(self) -> None:
        self.motion(7, number="1")
        self.set_models({f"meeting/{TARGET}": {"motions_number_type": "manually"}})
        self.forward(self.element(7, use_original_number=True)).assert_status(200)
        self.forward(self.element(7)).assert_status(200)
        numbers = {motion.get("number") for motion in self.find_models("motion", meeting_id=TARGET).values()}
        assert numbers == {"1", None}

    def test_submitters(self) -> None:
        user_id = self.create_user(group_ids=[1], first_name="King", pronoun="Kong")
        member_id = self.meeting_user_id(user_id, ORIGIN)
        self.motion(7, additional_submitter="and others")
        link = {"motion_id": 7, "meeting_id": ORIGIN}
        self.set_models(
            {
                f"meeting_user/{member_id}": {"structure_level_ids": [5]},
                "structure_level/5": {"name": "very", "meeting_id": ORIGIN},
                "motion_submitter/1": {"weight": 2, **link},
                "motion_submitter/2": {"weight": 1, "meeting_user_id": member_id, **link},
                "meeting_user/9": {"meeting_id": ORIGIN},
                "motion_submitter/3": {"meeting_user_id": 9, **link},
                f"meeting/{TARGET}": {"language": "de"},
            }
        )
        id_ = self.forward(self.element(7, use_original_submitter=True)).assert_status(200).id
        text = "King (Kong · very), Gelöschter Nutzer, and others"
        self.assert_model_exists(f"motion/{id_}", {"additional_submitter": text})
        assert self.find_models("motion_submitter", meeting_id=TARGET) == {}

    def test_nobody_submitted(self) -> None:
        self.motion(7)
        id_ = self.forward(self.element(7, use_original_submitter=True)).assert_status(200).id
        self.assert_model_exists(f"motion/{id_}", {"additional_submitter": None})

    def test_change_recommendations(self) -> None:
        self.motion(7)
        values = {"line_from": 1, "line_to": 2, "text": "x", "motion_id": 7, "meeting_id": ORIGIN, "internal": True}
        self.set_models({"motion_change_recommendation/5": values})
        self.forward(self.element(7)).assert_status(200)
        assert self.find_models("motion_change_recommendation", meeting_id=TARGET) == {}
        id_ = self.forward(self.element(7, with_change_recommendations=True)).assert_status(200).id
        (copy,) = self.find_models("motion_change_recommendation", meeting_id=TARGET).values()
        wanted = {**values, "motion_id": id_, "meeting_id": TARGET}
        assert {name: copy.get(name) for name in [*values, "rejected", "type"]} == {
            **wanted,
            "rejected": None,
            "type": None,
        }
        assert self.history_of(f"motion/{id_}")[-1] == [
            "Motion change recommendation created",
            "Motion created (forwarded)",
        ]


class TestAmendments(ForwardTest):
    """What is forwarded together with a motion."""

    def setup_method(self) -> None:
        """7: 8 (with 10 and 11), 9 that stays, 12; nobody asks for what is below 9."""
        super().setup_method()
        self.motion(7)
        for id_, lead_id in ((8, 7), (9, 7), (10, 8), (11, 8), (12, 7), (13, 9)):
            self.motion(id_, lead_id, number=f"N{id_}", text=None, amendment_paragraphs={"0": f"<p>{id_}</p>"})
        self.set_models({"motion/9": {"state_id": FORBIDDEN}})

    def test_order(self) -> None:
        answer = self.forward(self.element(7, with_amendments=True, mark_amendments_as_forwarded=True))
        answer.assert_status(200)
        copies = self.copies()
        assert sorted(copies, key=lambda id_: int(copies[id_]["id"])) == [7, 8, 12, 10, 11]
        assert sorted(copies, key=lambda id_: int(copies[id_]["sequential_number"])) == [7, 8, 10, 11, 12]
        lists = {id_: copy["list_of_speakers_id"] for id_, copy in copies.items()}
        assert sorted(lists, key=lambda id_: int(lists[id_])) == [10, 11, 8, 12, 7]
        assert {id_: copy.get("marked_forwarded") for id_, copy in copies.items()} == {
            7: None,
            **dict.fromkeys((8, 10, 11, 12), True),
        }
        assert copies[10]["lead_motion_id"] == copies[8]["id"]
        assert (copies[10]["amendment_paragraphs"], copies[10]["title"]) == ({"0": "<p>10</p>"}, "M10")
        assert "number" not in copies[10]

    def test_results(self) -> None:
        answer = self.forward(self.element(7, with_amendments=True)).assert_status(200)
        copies = self.copies()

        def result(id_: int, left_out: int, *below: Fields) -> Fields:
            copy = copies[id_]
            return {
                "id": copy["id"],
                "sequential_number": copy["sequential_number"],
                "non_forwarded_amendment_amount": left_out,
                "amendment_result_data": list(below),
            }

        assert answer.result == result(7, 1, result(8, 0, result(10, 0), result(11, 0)), result(12, 0))
        assert not any(copy.get("marked_forwarded") for copy in copies.values())

    def test_without_flag(self) -> None:
        answer = self.forward(self.element(7)).assert_status(200)
        assert answer.result["non_forwarded_amendment_amount"] == 3
        assert list(self.copies()) == [7]

    def test_history_begins_at_the_bottom(self) -> None:
        self.forward(self.element(7, with_amendments=True)).assert_status(200)
        told = [entry["original_model_id"] for entry in self.find_models("history_entry").values()]
        copies = {copy["id"]: id_ for id_, copy in self.copies().items()}
        ids = [int(fqid.partition("/")[2]) for fqid in told]
        assert [copies.get(id_, id_) for id_ in ids] == [10, 11, 10, 11, 8, 12, 8, 12, 7, 7]

    def test_numbers_begin_with_those_of_new_lead_motions(self) -> None:
        self.motion(14, 8)
        self.set_models(
            {
                f"meeting/{TARGET}": {"motions_number_type": "serially_numbered", "motions_amendments_prefix": "X"},
                f"motion_state/{TARGET}": {"set_number": True},
                "motion/7": {"number": "M"},
            }
        )
        self.forward(self.element(7, with_amendments=True)).assert_status(200)
        numbers = {id_: copy["number"] for id_, copy in self.copies().items()}
        assert numbers == {7: "1", 8: "1X1", 10: "1X1X1", 11: "1X1X2", 14: "1X1X3", 12: "1X2"}
        self.forward(self.element(7, OTHER, with_amendments=True, use_original_number=True)).assert_status(200)
        numbers = {id_: copy.get("number") for id_, copy in self.copies(OTHER).items()}
        assert numbers == {7: "M", 8: "N8", 10: "N10", 11: "N11", 14: None, 12: "N12"}

    def test_amendment_alone(self) -> None:
        lead_id = self.forward(self.element(7)).id
        element = {
            "meeting_id": TARGET,
            "origin_id": 8,
            "lead_motion_id": lead_id,
            "title": "a",
            "marked_forwarded": True,
        }
        answer = self.request("motion.create_forwarded_amendment", element, internal=True).assert_status(200)
        copies = self.copies()
        assert [result["id"] for result in answer.result["amendment_result_data"]] == [
            copies[10]["id"],
            copies[11]["id"],
        ]
        assert copies[8]["lead_motion_id"] == lead_id
        assert all(copies[id_]["marked_forwarded"] for id_ in (8, 10, 11))

    def test_circle_of_amendments(self) -> None:
        self.set_models({"motion/10": {"amendment_ids": [7, 8]}})
        self.forward(self.element(7, with_amendments=True)).assert_status(200)
        assert sorted(self.copies()) == [7, 8, 10, 11, 12]


class TestBudget(ForwardTest):
    """Calls don't grow with what is forwarded."""

    def tree(self, first: int, motions: int, amendments: int) -> list[int]:
        """Store motions with amendments, recommendations, submitters and attachments; the ids of the motions."""
        ids = range(first, first + motions * (amendments + 1), amendments + 1)
        models: dict[str, Fields] = {}
        for lead_id in ids:
            below = list(range(lead_id + 1, lead_id + amendments + 1))
            for id_ in (lead_id, *below):
                here = {"meeting_id": ORIGIN}
                models |= {
                    f"motion/{id_}": {
                        "title": f"M{id_}",
                        "text": f"<p>{id_ % 7}</p>",
                        "state_id": 1,
                        "number": f"N{id_ % 5}",
                        "lead_motion_id": None if id_ == lead_id else lead_id,
                        "amendment_ids": below if id_ == lead_id else [],
                        "attachment_meeting_mediafile_ids": [id_],
                        **here,
                    },
                    f"motion_change_recommendation/{id_}": {
                        "motion_id": id_,
                        "line_from": 1,
                        "line_to": 2,
                        "text": "x",
                        **here,
                    },
                    f"motion_submitter/{id_}": {"motion_id": id_, "meeting_user_id": self.member_id, **here},
                    f"mediafile/{id_}": {"title": f"f{id_}", "owner_id": f"meeting/{ORIGIN}"},
                    f"meeting_mediafile/{id_}": {"mediafile_id": id_, **here},
                }
        self.set_models(models)
        return list(ids)

    def test_two_hundred_motions(self) -> None:
        user_id = self.create_user(group_ids=[1])
        self.member_id = self.meeting_user_id(user_id, ORIGIN)
        self.set_models(
            {
                f"meeting/{target}": {"motions_number_type": "serially_numbered", "agenda_item_creation": "always"}
                for target in (TARGET, OTHER)
            }
            | {f"motion_state/{target}": {"set_number": True} for target in (TARGET, OTHER)}
        )
        flags = {
            "with_amendments": True,
            "with_attachments": True,
            "with_change_recommendations": True,
            "use_original_submitter": True,
        }
        counts = []
        for target, motions, amendments, first in ((TARGET, 2, 1, 1000), (OTHER, 40, 4, 2000)):
            elements = [self.element(id_, target, **flags) for id_ in self.tree(first, motions, amendments)]
            elements += [{**element, "use_original_number": True} for element in elements[::2]]
            with self.stack.count_calls() as calls:
                self.forward(*elements).assert_status(200)
            counts.append((calls.reads, calls.reserves, calls.writes))
        assert len(self.find_models("motion", meeting_id=OTHER)) == 300
        assert counts == [(17, 7, 1)] * 2
