"""Creating polls (poll.md, poll.create) and what comes with them (option_vote.md)."""

from typing import Any

import pytest

from tests.integration.actions.polling import ASSIGNMENT, MOTION, TOPIC, VALID_MANAGERS, PollingTest

NOT_TOLD = "-2.000000"


class TestPollCreate(PollingTest):
    """`poll.create`."""

    def test_electronic(self) -> None:
        answer = self.request(
            "poll.create",
            self.poll(type="pseudoanonymous", entitled_group_ids=[3], onehundred_percent_base="entitled"),
        ).assert_status(200)
        assert answer.results == [[{"id": answer.id, "sequential_number": 1}]]
        options = self.options_of(answer.id)
        assert [(o["text"], o["weight"]) for o in options] == [("one", 1), ("two", 2), ("global option", 1)]
        assert [o["id"] for o in options] == sorted(o["id"] for o in options)
        assert options[2]["used_as_global_option_in_poll_id"] == answer.id
        assert "poll_id" not in options[2]
        self.assert_model_exists(
            f"poll/{answer.id}",
            {
                "state": "created",
                "is_pseudoanonymized": True,
                "votesvalid": "0.000000",
                "votescast": "0.000000",
                "votesinvalid": "0.000000",
                "backend": "fast",
                "min_votes_amount": 1,
                "entitled_group_ids": [3],
                "option_ids": [o["id"] for o in options[:2]],
            },
        )
        assert self.results_of(answer.id) == [(None, None, None)] * 3
        self.assert_model_exists("group/3", {"poll_ids": [answer.id]})
        assert self.history_of(ASSIGNMENT) == [["Ballot created"]]

    def test_analog_with_results(self) -> None:
        options = [{"text": "x", "Y": "1.000000"}, {"text": "y", "A": "0.000000"}]
        amounts = {"amount_global_yes": "5.500000", "amount_global_no": "6.000000"}
        poll_id = self.create_poll(pollmethod="YN", options=options, global_yes=True, global_abstain=True, **amounts)
        assert self.results_of(poll_id) == [
            ("1.000000", NOT_TOLD, None),
            (NOT_TOLD, NOT_TOLD, None),
            ("5.500000", None, NOT_TOLD),
        ]
        assert self.votes_of(poll_id) == [
            [("Y", "1.000000"), ("N", NOT_TOLD)],
            [("Y", NOT_TOLD), ("N", NOT_TOLD)],
            [("Y", "5.500000"), ("A", NOT_TOLD)],
        ]
        self.assert_model_exists(f"poll/{poll_id}", {"state": "finished", "votescast": NOT_TOLD})
        tokens = [vote["user_token"] for vote in self.find_models("vote").values()]
        assert len(set(tokens)) == 3
        assert {len(token) for token in tokens} == {16}

    @pytest.mark.parametrize(
        ("fields", "state"),
        [
            ({}, "created"),
            ({"publish_immediately": True}, "created"),
            ({"global_yes": True, "amount_global_yes": "1.000000"}, "created"),
            ({"votesvalid": None}, "created"),
            ({"votescast": "3.000000"}, "finished"),
            ({"votescast": "3.000000", "publish_immediately": True}, "published"),
            ({"pollmethod": "Y", "options": [{"text": "x", "N": "1.000000"}]}, "finished"),
        ],
    )
    def test_state_of_analog_polls(self, fields: dict[str, Any], state: str) -> None:
        self.assert_model_exists(f"poll/{self.create_poll(**fields)}", {"state": state})

    def test_candidates(self) -> None:
        users = [self.create_user() for _ in range(3)]
        poll_id = self.create_poll(options=[{"poll_candidate_user_ids": users[::-1]}], pollmethod="YN")
        option = self.options_of(poll_id)[0]
        (list_id,) = self.find_models("poll_candidate_list")
        assert option["content_object_id"] == f"poll_candidate_list/{list_id}"
        candidates = self.find_models("poll_candidate", poll_candidate_list_id=list_id)
        assert [(c["weight"], c["user_id"]) for c in candidates.values()] == list(enumerate(users[::-1], start=1))
        self.assert_model_exists(f"poll_candidate_list/{list_id}", {"poll_candidate_ids": list(candidates)})

    def test_contents_of_the_meeting(self) -> None:
        member = self.create_user(group_ids=[1])
        contents = [f"user/{member}", MOTION]
        poll_id = self.create_poll(options=[{"content_object_id": fqid} for fqid in contents])
        assert [o.get("content_object_id") for o in self.options_of(poll_id)] == [*contents, None]

    @pytest.mark.parametrize(
        "fields",
        [
            {"options": []},
            {"options": [{}]},
            {"options": [{"text": "x", "content_object_id": MOTION}]},
            {"options": [{"text": "x"}, {"text": "x"}]},
            {"options": [{"poll_candidate_user_ids": [1]}, {"poll_candidate_user_ids": [1]}]},
            {"options": [{"poll_candidate_user_ids": []}]},
            {"options": [{"poll_candidate_user_ids": [99]}]},
            {"options": [{"content_object_id": "user/1"}]},
            {"options": [{"content_object_id": TOPIC}]},
            {"options": [{"text": "x", "weight": 3}]},
            {"options": [{"text": "x", "Y": "1"}]},
            {"max_votes_per_option": 2},
            {"min_votes_amount": 2},
            {"min_votes_amount": 0},
            {"min_votes_amount": None},
            {"entitled_group_ids": []},
            {"onehundred_percent_base": "entitled"},
            {"onehundred_percent_base": "entitled_present"},
            {"pollmethod": "Y", "onehundred_percent_base": "N"},
            {"pollmethod": "YN", "onehundred_percent_base": "YNA"},
            {"content_object_id": "meeting/1"},
            {"content_object_id": "assignment/99"},
            {"content_object_id": None},
            {"live_voting_enabled": True},
            {"type": "named", "live_voting_enabled": True},
            {"type": "pseudoanonymous", "content_object_id": MOTION, "live_voting_enabled": True},
            {"type": "named", "publish_immediately": False},
            {"type": "named", "amount_global_no": "1.000000"},
            {"type": "named", "entitled_group_ids": [4]},
            {"type": "named", "entitled_group_ids": [99]},
        ],
    )
    def test_refused(self, fields: dict[str, Any]) -> None:
        self.set_models({"group/4": {"meeting_id": 1}, "meeting/1": {"anonymous_group_id": 4}})
        self.request("poll.create", self.poll(**fields)).assert_status(400)
        assert not self.find_models("poll")
        assert not self.find_models("option")

    @pytest.mark.parametrize(("type_", "status"), [("named", 400), ("pseudoanonymous", 400), ("cryptographic", 200)])
    def test_electronic_voting_is_not_enabled(self, type_: str, status: int) -> None:
        self.set_models({"organization/1": {"enable_electronic_voting": None}})
        self.request("poll.create", self.poll(type=type_)).assert_status(status)

    @pytest.mark.parametrize("models", [{"motion_state/1": {"allow_create_poll": None}}, {MOTION: {"state_id": None}}])
    def test_state_of_the_motion_forbids_it(self, models: Any) -> None:
        self.set_models(models)
        self.request("poll.create", self.poll(content_object_id=MOTION)).assert_status(400, "state of the motion")

    def test_live_voting_of_a_named_motion_poll(self) -> None:
        self.electronic_poll(content_object_id=MOTION, live_voting_enabled=True)

    @pytest.mark.parametrize("content", VALID_MANAGERS)
    def test_permission(self, content: str) -> None:
        element = self.poll(content_object_id=content)
        self.assert_needs_permission("poll.create", element, VALID_MANAGERS[content])

    def test_the_blame_is_on_the_element(self) -> None:
        answer = self.request("poll.create", self.poll(), self.poll(options=[{"content_object_id": "motion/99"}]))
        assert answer.assert_status(400).body["action_data_error_index"] == 1

    def test_few_calls(self) -> None:
        polls = [self.poll(content_object_id=MOTION, texts=[str(n) for n in range(20)], votescast="1.000000")] * 5
        with self.stack.count_calls() as calls:
            self.request("poll.create", *polls).assert_status(200)
        calls.assert_at_most(reads=4, reserves=2, writes=1)


class TestPollDelete(PollingTest):
    """`poll.delete`."""

    def test_delete(self) -> None:
        user_id = self.create_user(group_ids=[1])
        options = [{"poll_candidate_user_ids": [user_id], "Y": "1.000000"}]
        poll_id = self.create_poll(options=options, content_object_id=MOTION)
        self.request("poll.delete", {"id": poll_id}).assert_status(200)
        for collection in ("poll", "option", "vote", "poll_candidate_list", "poll_candidate"):
            assert not self.find_models(collection), collection
        self.assert_model_exists(f"user/{user_id}", {"poll_candidate_ids": []})
        assert self.history_of(MOTION) == [["Voting created"], ["Voting deleted"]]

    def test_one_note_for_several_polls(self) -> None:
        ids = [self.create_poll() for _ in range(2)]
        self.request("poll.delete", *({"id": id_} for id_ in ids)).assert_status(200)
        assert self.history_of(ASSIGNMENT) == [["Ballot created"], ["Ballot created"], ["Ballot deleted"]]

    def test_permission(self) -> None:
        poll_id = self.create_poll(content_object_id=TOPIC)
        self.assert_needs_permission("poll.delete", {"id": poll_id}, "poll.can_manage")
