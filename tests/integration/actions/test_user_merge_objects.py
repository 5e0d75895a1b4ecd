"""What participants have when their accounts are merged (user_merge.md, "Groups of objects that belong together")."""

from typing import Any

import pytest

from openslides_backend.models.fields import RelationField
from openslides_backend.models.models import MODELS
from openslides_backend.shared.fqid import split_fqid
from tests.integration.actions.test_user_merge import MergeTest

ORDERED = ("motion_submitter", "motion_editor", "motion_working_group_speaker", "assignment_candidate")
PLACES = {"assignment_candidate": "assignment"}


class ObjectsTest(MergeTest):
    """Base: each meeting has a motion and an assignment with lists of speakers; all have the id of the meeting."""

    def setup_method(self) -> None:
        super().setup_method()
        for base in (1, 4):
            self.store(f"motion/{base}", meeting_id=base, title="m", state_id=base)
            self.store(f"assignment/{base}", meeting_id=base, title="a", phase="finished")
            self.store(f"list_of_speakers/{base}", meeting_id=base, content_object_id=f"motion/{base}")

    def store(self, fqid: str, **fields: Any) -> None:
        """Store a model, and enter it in the lists of those that it names."""
        self.set_models({fqid: fields})
        collection, id_ = split_fqid(fqid)
        for name, value in fields.items():
            field = MODELS[collection].fields[name]
            if isinstance(field, RelationField) and value is not None:
                target, target_id = split_fqid(value) if field.is_generic else (field.target, value)
                reverse = field.reverse(target)
                entry = fqid if reverse.is_generic else id_
                if reverse.is_list:
                    self.add_to_lists({f"{target}/{target_id}": {reverse.name: [entry]}})
                else:
                    self.set_models({f"{target}/{target_id}": {reverse.name: entry}})

    def give(self, fqid: str, user_id: int, meeting_id: int = 1, **fields: Any) -> None:
        """Store an object of a participant."""
        self.store(fqid, meeting_id=meeting_id, meeting_user_id=self.member(user_id, meeting_id), **fields)

    def owners(self, collection: str) -> dict[int, int]:
        """The participants that the objects of a collection belong to, by the objects' ids."""
        return {id_: model["meeting_user_id"] for id_, model in self.find_models(collection).items()}


class TestParticipants(ObjectsTest):
    """The data of the participants themselves."""

    def test_values(self) -> None:
        self.set_member(self.primary, number="", comment=None, vote_weight="0.000000", locked_out=None)
        self.set_member(self.second, number="2", comment="<p>2</p>", vote_weight="2.000000", about_me="2")
        self.set_member(self.third, number="3", comment="<p>3</p>")
        self.merge()
        expected = {
            "number": "2",
            "comment": "<p>2</p>",
            "about_me": "2",
            "vote_weight": "0.000001",
            "group_ids": [1, 3],
        }
        self.assert_model_exists(f"meeting_user/{self.member(self.primary)}", expected)

    def test_one_that_is_left_alone(self) -> None:
        self.set_member(self.primary, vote_weight="0.000000")
        before = self.get_model(f"meeting_user/{self.member(self.primary)}")
        fourth = self.create_user()
        self.merge(user_ids=[fourth])
        assert self.get_model(f"meeting_user/{self.member(self.primary)}") == before

    def test_new_ones(self) -> None:
        self.set_member(self.second, 4, group_ids=None, comment="<p>x</p>", locked_out=True)
        self.set_models({"group/6": {"meeting_user_ids": []}, "meeting/4": {"user_ids": [self.third]}})
        self.merge()
        expected = {"comment": "<p>x</p>", "locked_out": True, "group_ids": [4], "user_id": self.primary}
        self.assert_model_exists(f"meeting_user/{self.member(self.primary, 4)}", expected)

    def test_one_without_data(self) -> None:
        """Who has nothing but a note in a meeting is known there all the same."""
        fourth = self.create_user()
        self.store("meeting_user/900", user_id=fourth, meeting_id=4)
        self.store("personal_note/9", meeting_id=4, meeting_user_id=900, content_object_id="motion/4", note="x")
        self.merge(user_ids=[fourth])
        member_id = self.member(self.primary, 4)
        assert list(self.owners("personal_note").values()) == [member_id]
        assert "group_ids" not in self.get_model(f"meeting_user/{member_id}")

    def test_delegations(self) -> None:
        fourth, fifth = (self.create_user(group_ids=[1]) for _ in range(2))
        for user_id, receiver in ((fourth, self.second), (fifth, self.third)):
            self.set_member(user_id, vote_delegated_to_id=self.member(receiver))
            self.set_member(receiver, vote_delegations_from_ids=[self.member(user_id)])
        self.merge()
        expected = [self.member(fourth), self.member(fifth)]
        member = self.get_model(f"meeting_user/{self.member(self.primary)}")
        assert member["vote_delegations_from_ids"] == expected
        assert self.get_model(f"meeting_user/{expected[0]}")["vote_delegated_to_id"] == member["id"]

    def test_own_delegation(self) -> None:
        fourth = self.create_user(group_ids=[1])
        self.set_member(self.third, vote_delegated_to_id=self.member(fourth))
        self.set_member(fourth, vote_delegations_from_ids=[self.member(self.third)])
        self.merge()
        member_id = self.member(self.primary)
        assert self.get_model(f"meeting_user/{member_id}")["vote_delegated_to_id"] == self.member(fourth)
        assert self.get_model(f"meeting_user/{self.member(fourth)}")["vote_delegations_from_ids"] == [member_id]

    def test_the_last_admin(self) -> None:
        self.set_member(self.third, 4, group_ids=[5])
        self.set_models(
            {"group/4": {"meeting_user_ids": []}, "group/5": {"meeting_user_ids": [self.member(self.third, 4)]}}
        )
        self.merge()
        assert self.get_model("group/5")["meeting_user_ids"] == [self.member(self.primary, 4)]


class TestObjects(ObjectsTest):
    """What belongs to the participants."""

    @pytest.mark.parametrize("kind", ORDERED)
    def test_ordered(self, kind: str) -> None:
        place = PLACES.get(kind, "motion")
        self.give(f"{kind}/11", self.primary, weight=5, **{f"{place}_id": 1})
        self.give(f"{kind}/12", self.third, weight=2, **{f"{place}_id": 1})
        self.give(f"{kind}/13", self.third, 4, weight=3, **{f"{place}_id": 4})
        self.give(f"{kind}/14", self.second, 4, weight=7, **{f"{place}_id": 4})
        self.merge()
        assert self.owners(kind) == {11: self.member(self.primary), 14: self.member(self.primary, 4)}
        assert (self.get_model(f"{kind}/11")["weight"], self.get_model(f"{kind}/14")["weight"]) == (2, 3)
        self.assert_model_deleted(f"{kind}/12")

    def test_supporters(self) -> None:
        self.give("motion_supporter/11", self.second, motion_id=1)
        self.give("motion_supporter/12", self.third, motion_id=1)
        self.merge()
        assert self.owners("motion_supporter") == {11: self.member(self.primary)}
        assert self.get_model("motion/1")["supporter_ids"] == [11]

    def test_told_where_several_take_part(self) -> None:
        self.set_models({f"meeting_user/{self.member(self.second, 4)}": {}})
        fourth = self.create_user(group_ids=[1])
        self.give("motion_submitter/11", fourth, motion_id=1, weight=1)
        self.give("assignment_candidate/11", fourth, assignment_id=1, weight=1)
        self.give("motion_submitter/12", self.primary, motion_id=1, weight=1)
        self.give("motion_submitter/13", self.third, 4, motion_id=4, weight=1)
        self.merge(user_ids=[fourth, self.third])
        assert self.history_of("motion/1") == [["Submitters merged"]]
        assert self.history_of("assignment/1") == [["Candidates merged"]]
        assert self.history_of("motion/4") == []
        assert self.owners("motion_submitter") == {12: self.member(self.primary), 13: self.member(self.primary, 4)}

    def test_what_has_lost_its_motion(self) -> None:
        """Old data may have such objects: each is for itself, and there is nothing to be told."""
        for id_ in (11, 12):
            self.give(f"motion_submitter/{id_}", self.third, weight=id_)
        self.merge()
        assert self.owners("motion_submitter") == dict.fromkeys((11, 12), self.member(self.primary))

    def test_chat_messages(self) -> None:
        self.give("chat_message/11", self.second, content="x", created=1)
        self.give("chat_message/12", self.third, content="x", created=1)
        self.merge()
        assert self.owners("chat_message") == dict.fromkeys((11, 12), self.member(self.primary))

    def test_personal_notes(self) -> None:
        self.store("motion/2", meeting_id=1, title="m", state_id=1)
        self.give("personal_note/11", self.primary, content_object_id="motion/1", star=False, note="")
        self.give("personal_note/12", self.second, content_object_id="motion/1", note="second")
        self.give("personal_note/13", self.third, content_object_id="motion/1", note="third", star=True)
        self.give("personal_note/14", self.third, content_object_id="motion/2", star=False)
        self.give("personal_note/15", self.third, 4, content_object_id="motion/4", note="third")
        self.merge()
        self.assert_model_exists("personal_note/11", {"note": "second", "star": True})
        notes = {(n["content_object_id"], n["meeting_user_id"]): n for n in self.find_models("personal_note").values()}
        assert set(notes) == {("motion/1", self.member(self.primary)), ("motion/4", self.member(self.primary, 4))}
        assert notes["motion/4", self.member(self.primary, 4)]["note"] == "third"
        assert (
            "personal_note_ids" not in self.get_model("motion/2") or not self.get_model("motion/2")["personal_note_ids"]
        )

    def speak(self, id_: int, user_id: int, **fields: Any) -> None:
        self.give(f"speaker/{id_}", user_id, list_of_speakers_id=1, **fields)

    def speeches(self) -> list[tuple[Any, ...]]:
        """Weights, times and points of order; all speakers must be the primary account's."""
        speakers = self.find_models("speaker").values()
        assert {speaker["meeting_user_id"] for speaker in speakers} == {self.member(self.primary)}
        names = ("weight", "begin_time", "end_time", "total_pause", "point_of_order")
        return sorted((tuple(speaker.get(name) for name in names) for speaker in speakers), key=str)

    def test_speakers(self) -> None:
        self.speak(11, self.primary, weight=5)
        self.speak(12, self.second, weight=2)
        self.speak(13, self.third, weight=3, point_of_order=True, note="x")
        self.speak(14, self.third, weight=1, begin_time=10, end_time=30, total_pause=5)
        self.speak(15, self.second, weight=1, begin_time=40, end_time=50)
        self.merge()
        assert self.speeches() == [
            (1, 10, 30, 5, None),
            (1, 40, 50, None, None),
            (2, None, None, None, None),
            (3, None, None, None, True),
        ]
        self.assert_model_exists("speaker/11", {"weight": 2})
        assert len(self.get_model("list_of_speakers/1")["speaker_ids"]) == 4

    def test_speakers_who_may_wait_several_times(self) -> None:
        self.set_models({"meeting/1": {"list_of_speakers_allow_multiple_speakers": True}})
        self.speak(11, self.primary, weight=5)
        self.speak(12, self.second, weight=2)
        self.speak(13, self.second)
        self.merge()
        assert [speech[0] for speech in self.speeches()] == [2, 5, None]

    @pytest.mark.parametrize("field", ["note", "speech_state", "structure_level_list_of_speakers_id"])
    def test_speakers_that_differ(self, field: str) -> None:
        value = {"note": "x", "speech_state": "pro", "structure_level_list_of_speakers_id": 1}[field]
        point_of_order = field != "speech_state"
        self.store("structure_level_list_of_speakers/1", meeting_id=1, list_of_speakers_id=1)
        self.speak(11, self.primary, point_of_order=point_of_order)
        self.speak(12, self.second, point_of_order=point_of_order, **{field: value})
        self.refused(f"{field} differs")


class TestVotes(ObjectsTest):
    """Polls, votes and candidates on lists."""

    def setup_method(self) -> None:
        super().setup_method()
        poll = {"title": "p", "type": "named", "pollmethod": "YNA", "onehundred_percent_base": "YNA", "backend": "fast"}
        amounts = {"min_votes_amount": 1, "max_votes_amount": 1, "max_votes_per_option": 1}
        for base in (1, 4):
            self.store(
                f"poll/{base}",
                meeting_id=base,
                content_object_id=f"motion/{base}",
                state="published",
                **poll,
                **amounts,
            )

    def test_votes(self) -> None:
        fourth = self.create_user(group_ids=[1])
        self.store("option/1", meeting_id=1, poll_id=1, content_object_id="motion/1", yes="3.000000")
        vote = {"meeting_id": 1, "option_id": 1, "value": "Y", "user_token": "t"}
        self.store("vote/1", user_id=self.second, delegated_user_id=self.second, weight="1.000000", **vote)
        self.store("vote/2", user_id=fourth, delegated_user_id=self.second, weight="2.000000", **vote)
        self.set_models(
            {"poll/1": {"voted_ids": [self.second, fourth]}, f"user/{self.second}": {"poll_voted_ids": [1]}}
        )
        user = self.merge()
        assert (user["vote_ids"], user["delegated_vote_ids"], user["poll_voted_ids"]) == ([1], [1, 2], [1])
        self.assert_model_exists("vote/2", {"user_id": fourth, "delegated_user_id": self.primary, "weight": "2.000000"})
        assert sorted(self.get_model("poll/1")["voted_ids"]) == sorted([self.primary, fourth])
        assert self.get_model("option/1")["vote_ids"] == [1, 2]

    def test_who_was_elected(self) -> None:
        self.store("option/1", meeting_id=1, poll_id=1, content_object_id=f"user/{self.third}", yes="3.000000")
        self.store("poll_candidate/1", meeting_id=1, user_id=self.second, weight=1)
        user = self.merge()
        assert (user["option_ids"], user["poll_candidate_ids"]) == ([1], [1])
        self.assert_model_exists("option/1", {"content_object_id": f"user/{self.primary}", "yes": "3.000000"})

    def test_who_was_entitled(self) -> None:
        second, third, primary = self.second, self.third, self.primary
        entries: list[dict[str, Any]] = [
            {"user_id": second, "voted": True, "present": True, "vote_delegated_to_user_id": None},
            {"user_id": 998, "voted": True, "present": False, "vote_delegated_to_user_id": third},
            {"user_id": 999, "user_merged_into_id": third, "voted": False, "present": False},
            {"user_id": third, "user_merged_into_id": 997, "voted": False, "present": False},
            {"user_id": 997, "vote_delegated_to_user_id": 9, "delegation_user_merged_into_id": second},
        ]
        untouched = [{"user_id": 999, "voted": True, "present": True}]
        self.set_models(
            {"poll/1": {"entitled_users_at_stop": untouched}, "poll/4": {"entitled_users_at_stop": entries}}
        )
        self.merge()
        self.assert_model_exists("poll/1", {"entitled_users_at_stop": untouched})
        added: list[dict[str, int]] = [
            {"user_merged_into_id": primary},
            {"delegation_user_merged_into_id": primary},
            {"user_merged_into_id": primary},
            {},
            {"delegation_user_merged_into_id": primary},
        ]
        expected = [{**entry, **more} for entry, more in zip(entries, added, strict=True)]
        assert self.get_model("poll/4")["entitled_users_at_stop"] == expected
        assert self.history_of("motion/4") == []
