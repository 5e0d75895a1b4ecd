"""Participants (meeting_user.md); their actions can be called over the internal route in development only."""

from typing import Any

import pytest

from tests.integration.base import Answer, IntegrationTest


class MeetingUserTest(IntegrationTest):
    """Base: meeting/1 with three participants in group 3, one of them called A."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()
        self.users = [self.create_user(name, group_ids=[3]) for name in "abc"]
        self.a, self.b, self.c = (self.meeting_user_id(user_id, 1) or 0 for user_id in self.users)

    def call(self, name: str, *elements: dict[str, Any], status: int = 200, text: str = "") -> Answer:
        return self.request(f"meeting_user.{name}", *elements, internal=True).assert_status(status, text)

    def history(self, user: int) -> list[str]:
        return [text for entries in self.history_of(f"user/{self.users[user]}") for text in entries]


class TestCreate(MeetingUserTest):
    """`meeting_user.create`."""

    def test_create(self) -> None:
        user_id = self.create_user()
        self.set_models({"structure_level/5": {"name": "x", "meeting_id": 1}})
        data = {"group_ids": [1, 3], "structure_level_ids": [5], "locked_out": "true", "comment": "<b>x", "number": ""}
        answer = self.call("create", {"user_id": user_id, "meeting_id": 1, **data})
        stored = {**data, "locked_out": True, "comment": "x"}
        self.assert_model_exists(f"meeting_user/{answer.id}", stored)
        self.assert_model_exists(f"user/{user_id}", {"meeting_ids": [1], "committee_ids": [60]})
        assert self.history_of(f"user/{user_id}") == [
            [
                "Participant added to groups {}, {} and structure level {} in meeting {}",
                "group/1",
                "group/3",
                "structure_level/5",
                "meeting/1",
            ]
        ]

    def test_without_groups(self) -> None:
        user_id = self.create_user()
        answer = self.call("create", {"user_id": user_id, "meeting_id": 1, "structure_level_ids": None})
        self.assert_model_exists(f"meeting_user/{answer.id}", {"group_ids": None})
        self.assert_model_exists(f"user/{user_id}", {"meeting_ids": None})
        assert self.history_of(f"user/{user_id}") == [["Participant added to meeting {}", "meeting/1"]]

    @pytest.mark.parametrize(
        ("text", "fields"),
        [
            ("already", {"user_id": 101}),
            ("user/999", {"user_id": 999}),
            ("meeting/99", {"meeting_id": 99}),
            ("same meeting", {"group_ids": [10]}),
            ("anonymous", {"group_ids": [4]}),
            ("locked out", {"group_ids": [2], "locked_out": True}),
            ("vote_weight", {"vote_weight": "0.000000"}),
        ],
    )
    def test_checks(self, text: str, fields: dict[str, Any]) -> None:
        self.create_meeting(10)
        self.set_models({"group/4": {"name": "x", "meeting_id": 1, "anonymous_group_for_meeting_id": 1}})
        self.call("create", {"user_id": 1, "meeting_id": 1, **fields}, status=400, text=text)

    def test_twice_in_one_action(self) -> None:
        element = {"user_id": 1, "meeting_id": 1}
        answer = self.call("create", element, element, status=400, text="already")
        assert answer.body["action_data_error_index"] == 1

    def test_only_internal_and_not_in_archived_meetings(self) -> None:
        self.request("meeting_user.create", {"user_id": 1, "meeting_id": 1}).assert_status(400, "no action")
        self.set_models({"meeting/1": {"is_active_in_organization_id": None}})
        for name, element in (
            ("create", {"user_id": 1, "meeting_id": 1}),
            ("update", {"id": self.a}),
            ("set_data", {"id": self.a}),
            ("delete", {"id": self.a}),
        ):
            self.call(name, element, status=400, text="archived")


class TestUpdate(MeetingUserTest):
    """`meeting_user.update`."""

    def test_checks(self) -> None:
        self.set_models({"group/4": {"name": "x", "meeting_id": 1, "anonymous_group_for_meeting_id": 1}})
        self.call("update", {"id": 999}, status=400, text="meeting_user/999")
        self.call("update", {"id": self.a, "group_ids": [4]}, status=400, text="anonymous")
        self.call("update", {"id": self.a, "locked_out": True, "group_ids": [2]}, status=400, text="locked out")
        self.call("update", {"id": self.a, "vote_delegated_to_id": self.b}, status=400)

    def test_groups_are_replaced(self) -> None:
        self.call("update", {"id": self.a, "group_ids": [1], "vote_weight": None})
        self.assert_model_exists(f"meeting_user/{self.a}", {"group_ids": [1]})
        self.call("update", {"id": self.a, "group_ids": None})
        self.assert_model_exists(f"meeting_user/{self.a}", {"group_ids": []})
        assert self.users[0] not in self.get_model("meeting/1")["user_ids"]

    @pytest.mark.parametrize(
        ("before", "after", "told"),
        [
            ([3], [3], []),
            ([3], [3, 2], ["Participant added to group {} in meeting {}", "group/2", "meeting/1"]),
            ([1], [1, 2, 3], ["Participant added to multiple groups in meeting {}", "meeting/1"]),
            ([3], [2], ["Groups changed"]),
            ([2, 3], [2], ["Participant removed from group {} in meeting {}", "group/3", "meeting/1"]),
            ([1, 2, 3], [1], ["Participant removed from multiple groups in meeting {}", "meeting/1"]),
            ([2, 3], [], ["Participant removed from meeting {}", "meeting/1"]),
            ([1], [], ["Participant removed from meeting {}", "meeting/1"]),
            ([3], [], ["Participant removed from group {} in meeting {}", "group/3", "meeting/1"]),
            ([1, 3], [3], []),
            ([3], [1, 3], []),
            ([2, 3], [3, 2], []),
        ],
    )
    def test_history_of_groups(self, before: list[int], after: list[int], told: list[str]) -> None:
        self.set_models({f"meeting_user/{self.a}": {"group_ids": before}})
        self.call("update", {"id": self.a, "group_ids": after})
        assert self.history(0) == told

    def test_history_of_data(self) -> None:
        self.call("update", {"id": self.a, "comment": "x", "about_me": "y", "locked_out": False})
        assert self.history(0) == []
        self.call("update", {"id": self.a, "number": "x", "vote_weight": "2.000000"})
        assert self.history(0) == ["Participant data updated in meeting {}", "meeting/1"]
        self.call("update", {"id": self.a, "number": "y"}, {"id": self.a, "number": "z"})
        assert len(self.history(0)) == 4


class TestSetData(MeetingUserTest):
    """`meeting_user.set_data`."""

    def test_identity(self) -> None:
        user_id = self.users[0]
        for element in (
            {"id": self.a},
            {"id": self.a, "user_id": user_id, "meeting_id": 1},
            {"user_id": user_id, "meeting_id": 1},
        ):
            assert self.call("set_data", {**element, "number": "5"}).result == {"id": self.a}
        for bad in ({}, {"user_id": user_id}, {"meeting_id": 1}, {"id": self.a, "user_id": 1}, {"id": 999}):
            self.call("set_data", bad, status=400)
        self.call("set_data", {"user_id": 999, "meeting_id": 1}, status=400, text="user/999")

    def test_missing_ones_are_created_once(self) -> None:
        elements = [
            {"user_id": 1, "meeting_id": 1, "number": "5"},
            {"user_id": 1, "meeting_id": 1, "group_ids": [3]},
            {"user_id": self.users[0], "meeting_id": 1, "group_ids": []},
        ]
        ids = [result["id"] for result in self.call("set_data", *elements).results[0]]
        assert ids[0] == ids[1] != self.a == ids[2]
        self.assert_model_exists(f"meeting_user/{ids[0]}", {"number": "5", "group_ids": [3]})
        assert self.history_of("user/1") == [
            [
                "Participant added to meeting {}",
                "meeting/1",
                "Participant added to group {} in meeting {}",
                "group/3",
                "meeting/1",
            ]
        ]

    def test_reads_do_not_grow(self) -> None:
        users = [self.create_user() for _ in range(20)]
        data = {"meeting_id": 1, "group_ids": [3]}
        with self.stack.count_calls() as one:
            self.call("set_data", {"user_id": self.create_user(), **data})
        with self.stack.count_calls() as many:
            self.call("set_data", *({"user_id": user_id, **data} for user_id in users))
        assert one.reads <= 6
        assert many.reads <= one.reads


class TestDelegation(MeetingUserTest):
    """Delegations by `meeting_user.set_data` (user_permissions.md, section 15)."""

    def delegate(self, id_: int, to: int | None, status: int = 200, **fields: Any) -> None:
        self.call("set_data", {"id": id_, "vote_delegated_to_id": to, **fields}, status=status)

    def receive(self, id_: int, *others: int, status: int = 200, **fields: Any) -> None:
        self.call("set_data", {"id": id_, "vote_delegations_from_ids": list(others), **fields}, status=status)

    def delegations(self) -> dict[str, str]:
        names = {self.a: "a", self.b: "b", self.c: "c"}
        members = {name: self.get_model(f"meeting_user/{id_}") for id_, name in names.items()}
        given = {name: names[to] for name, m in members.items() if (to := m.get("vote_delegated_to_id"))}
        for name, member in members.items():
            received = sorted(names[id_] for id_ in member.get("vote_delegations_from_ids") or ())
            assert received == sorted(giver for giver, to in given.items() if to == name)
        return given

    def test_delegate_and_withdraw(self) -> None:
        self.delegate(self.a, self.b)
        self.delegate(self.c, self.b)
        assert self.delegations() == {"a": "b", "c": "b"}
        self.delegate(self.a, None)
        assert self.delegations() == {"c": "b"}
        meeting = ["meeting/1"]
        a, b = f"user/{self.users[0]}", f"user/{self.users[1]}"
        assert self.history(0) == [
            *("Vote delegated to {} in meeting {}", b, *meeting),
            *("Vote delegation canceled in meeting {}", *meeting),
        ]
        assert self.history(1)[:3] == ["Proxy voting rights for {} received in meeting {}", a, *meeting]
        assert self.history(1)[-3:] == ["Proxy voting rights for {} removed in meeting {}", a, *meeting]

    def test_no_chains_and_loops(self) -> None:
        self.delegate(self.a, self.a, status=400)
        self.receive(self.a, self.a, status=400)
        self.delegate(self.a, 999, status=400)
        self.receive(self.a, 999, status=400)
        self.delegate(self.a, self.b)
        self.delegate(self.b, self.c, status=400)
        self.delegate(self.c, self.a, status=400)
        self.delegate(self.b, self.a, status=400)
        self.receive(self.a, self.c, status=400)
        self.receive(self.c, self.b, status=400)
        assert self.delegations() == {"a": "b"}

    def test_other_meeting(self) -> None:
        self.create_meeting(10)
        other_id = self.meeting_user_id(self.create_user(group_ids=[12]), 10) or 0
        self.delegate(self.a, other_id, status=400)
        self.receive(self.a, other_id, status=400)

    def test_swap_the_direction_in_one_element(self) -> None:
        self.delegate(self.a, self.b)
        self.delegate(self.b, self.a, vote_delegations_from_ids=[])
        assert self.delegations() == {"b": "a"}
        self.receive(self.b, self.a, vote_delegated_to_id=None)
        assert self.delegations() == {"a": "b"}

    def test_received_delegations_are_replaced(self) -> None:
        self.delegate(self.a, self.b)
        self.receive(self.c, self.a)
        assert self.delegations() == {"a": "c"}
        a, c = f"user/{self.users[0]}", f"user/{self.users[2]}"
        assert self.history(1)[-3:] == ["Proxy voting rights for {} removed in meeting {}", a, "meeting/1"]
        assert self.history(2) == ["Proxy voting rights for {} received in meeting {}", a, "meeting/1"]
        assert self.history(0)[-5:] == [
            *("Vote delegation canceled in meeting {}", "meeting/1"),
            *("Vote delegated to {} in meeting {}", c, "meeting/1"),
        ]
        self.receive(self.c, self.a, self.b)
        assert self.delegations() == {"a": "c", "b": "c"}
        self.call("set_data", {"id": self.c, "vote_delegations_from_ids": None})
        assert self.delegations() == {}

    def test_equal_entries_count_once(self) -> None:
        self.call(
            "set_data",
            {"id": self.a, "vote_delegated_to_id": self.b},
            {"id": self.b, "vote_delegations_from_ids": [self.a]},
        )
        assert self.history(0) == ["Vote delegated to {} in meeting {}", f"user/{self.users[1]}", "meeting/1"]
        assert len(self.history(1)) == 3


class TestDelete(MeetingUserTest):
    """`meeting_user.delete`."""

    def test_delete(self) -> None:
        user_id = self.users[0]
        speaker = {"list_of_speakers_id": 9, "meeting_id": 1, "meeting_user_id": self.a}
        self.set_models(
            {
                f"user/{user_id}": {"is_present_in_meeting_ids": [1]},
                "meeting/1": {"present_user_ids": [user_id]},
                "list_of_speakers/9": {"meeting_id": 1, "speaker_ids": [5, 6]},
                "speaker/5": speaker,
                "speaker/6": {**speaker, "begin_time": 1},
                "personal_note/7": {"meeting_id": 1, "meeting_user_id": self.a},
                "motion_submitter/8": {"meeting_id": 1, "meeting_user_id": self.a},
                f"meeting_user/{self.b}": {"vote_delegated_to_id": self.a},
                f"meeting_user/{self.a}": {
                    "vote_delegations_from_ids": [self.b],
                    "speaker_ids": [5, 6],
                    "personal_note_ids": [7],
                    "motion_submitter_ids": [8],
                },
            }
        )
        self.call("delete", {"id": self.a})
        for fqid in (f"meeting_user/{self.a}", "speaker/5", "personal_note/7"):
            self.assert_model_deleted(fqid)
        self.assert_model_exists("speaker/6", {"meeting_user_id": None})
        self.assert_model_exists("motion_submitter/8", {"meeting_user_id": None})
        self.assert_model_exists(f"meeting_user/{self.b}", {"vote_delegated_to_id": None})
        self.assert_model_exists("meeting/1", {"present_user_ids": [], "user_ids": self.users[1:]})
        self.assert_model_exists(f"user/{user_id}", {"meeting_ids": [], "meeting_user_ids": []})
        assert self.history(0) == [
            *("Set not present in meeting {}", "meeting/1"),
            *("Participant removed from meeting {}", "meeting/1"),
        ]
