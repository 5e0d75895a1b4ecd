"""Changing polls and the results of analog ones (poll.md, poll.update; option_vote.md, option.update)."""

from typing import Any

import pytest

from tests.integration.actions.polling import ASSIGNMENT, MOTION, TOPIC, VALID_MANAGERS, PollingTest

NOT_TOLD = "-2.000000"
SETTINGS: list[dict[str, Any]] = [
    {"pollmethod": "YN"},
    {"min_votes_amount": 1},
    {"max_votes_amount": 5},
    {"max_votes_per_option": 1},
    {"global_yes": True},
    {"global_no": True},
    {"global_abstain": True},
    {"backend": "long"},
    {"live_voting_enabled": False},
]


class TestPollUpdate(PollingTest):
    """`poll.update`."""

    def test_settings(self) -> None:
        poll_id = self.electronic_poll(content_object_id=MOTION)
        fields = {"title": "new", "pollmethod": "Y", "max_votes_amount": 4, "onehundred_percent_base": "Y"}
        self.request("poll.update", {"id": poll_id, **fields, "entitled_group_ids": [1, 2]}).assert_status(200)
        self.assert_model_exists(f"poll/{poll_id}", {**fields, "state": "created", "votescast": "0.000000"})
        self.assert_model_exists("group/3", {"poll_ids": []})
        assert self.history_of(MOTION) == [["Voting created"], ["Voting updated"]]

    def test_a_topic_counts_as_changed(self) -> None:
        poll_id = self.create_poll(content_object_id=TOPIC)
        before = self.find_models("topic")[9]["meta_position"]
        self.request("poll.update", {"id": poll_id, "title": "new"}).assert_status(200)
        assert self.find_models("topic")[9]["meta_position"] > before

    @pytest.mark.parametrize("fields", SETTINGS)
    def test_settings_only_before_the_start(self, fields: dict[str, Any]) -> None:
        poll_id = self.electronic_poll(max_votes_amount=5)
        self.request("poll.update", {"id": poll_id, **fields}).assert_status(200)
        for state in ("started", "finished", "published"):
            self.set_models({f"poll/{poll_id}": {"state": state}})
            self.request("poll.update", {"id": poll_id, **fields}).assert_status(400)
            self.request("poll.update", {"id": poll_id, "title": state, "description": "d"}).assert_status(200)

    @pytest.mark.parametrize(
        ("type_", "fields"),
        [
            ("analog", {"entitled_group_ids": []}),
            ("analog", {"onehundred_percent_base": "entitled"}),
            ("analog", {"max_votes_per_option": 2}),
            ("analog", {"min_votes_amount": 2}),
            ("analog", {"onehundred_percent_base": "YNA", "pollmethod": "YN"}),
            ("analog", {"live_voting_enabled": True}),
            ("analog", {"type": "named"}),
            ("analog", {"state": "finished"}),
            ("analog", {"entitled_users_at_stop": []}),
            ("named", {"votescast": "1.000000"}),
            ("named", {"publish_immediately": True}),
            ("named", {"entitled_group_ids": [4]}),
            ("named", {"entitled_group_ids": [99]}),
            ("named", {"live_voting_enabled": True}),
        ],
    )
    def test_refused(self, type_: str, fields: dict[str, Any]) -> None:
        self.set_models({"group/4": {"meeting_id": 1}, "meeting/1": {"anonymous_group_id": 4}})
        poll_id = self.create_poll(type=type_)
        self.request("poll.update", {"id": poll_id, **fields}).assert_status(400)
        self.request("poll.update", {"id": 99, "title": "x"}).assert_status(400)

    @pytest.mark.parametrize(
        ("before", "fields", "after"),
        [
            ("created", {"title": "x"}, "created"),
            ("created", {"votescast": "1.000000"}, "finished"),
            ("created", {"votescast": None}, "created"),
            ("created", {"votescast": "1.000000", "publish_immediately": True}, "published"),
            ("created", {"publish_immediately": True}, "created"),
            ("finished", {"publish_immediately": True}, "published"),
            ("finished", {"publish_immediately": False}, "finished"),
            ("published", {"votesvalid": "1.000000"}, "published"),
        ],
    )
    def test_states_of_analog_polls(self, before: str, fields: dict[str, Any], after: str) -> None:
        poll_id = self.create_poll()
        self.set_models({f"poll/{poll_id}": {"state": before, "votesinvalid": "4.000000"}})
        self.request("poll.update", {"id": poll_id, **fields}).assert_status(200)
        totals = {name: fields.get(name, NOT_TOLD) for name in ("votesvalid", "votesinvalid", "votescast")}
        self.assert_model_exists(f"poll/{poll_id}", {"state": after, **totals})

    def test_entitled_users_of_merged_accounts(self) -> None:
        poll_id = self.electronic_poll()
        entry = {"user_id": 5, "voted": True, "present": False, "vote_delegated_to_user_id": None}
        self.set_models({f"poll/{poll_id}": {"state": "finished", "entitled_users_at_stop": [entry]}})
        for changed, status in (
            ([{**entry, "user_merged_into_id": 6}], 200),
            ([{**entry, "voted": False}], 400),
            ([], 400),
            ([{"voted": True}], 400),
            ({"user_id": 5}, 400),
        ):
            element = {"id": poll_id, "entitled_users_at_stop": changed}
            self.request("poll.update", element, internal=True).assert_status(status)
            self.request("poll.update", element).assert_status(400, "entitled_users_at_stop")

    @pytest.mark.parametrize("content", VALID_MANAGERS)
    def test_permission(self, content: str) -> None:
        poll_id = self.create_poll(content_object_id=content)
        self.assert_needs_permission("poll.update", {"id": poll_id, "title": "x"}, VALID_MANAGERS[content])

    def test_wrong_amounts_are_told_to_everybody(self) -> None:
        poll_id, user_id = self.create_poll(), self.create_user(group_ids=[1])
        self.request("poll.update", {"id": poll_id, "min_votes_amount": 2}, user=user_id).assert_status(400)


class TestOptionUpdate(PollingTest):
    """`option.update`."""

    def update(self, option_id: int, status: int = 200, **fields: Any) -> None:
        self.request("option.update", {"id": option_id, **fields}).assert_status(status)

    def test_enter_and_correct(self) -> None:
        poll_id = self.create_poll(pollmethod="YN", texts=["one"])
        option_id = self.options_of(poll_id)[0]["id"]
        self.update(option_id, Y="3.000000")
        assert self.results_of(poll_id)[0] == ("3.000000", NOT_TOLD, None)
        self.assert_model_exists(f"poll/{poll_id}", {"state": "finished", "votesvalid": NOT_TOLD})
        self.update(option_id, N="1.500000", publish_immediately=True)
        assert self.results_of(poll_id)[0] == (NOT_TOLD, "1.500000", None)
        assert self.votes_of(poll_id)[0] == [("Y", NOT_TOLD), ("N", "1.500000")]
        self.assert_model_exists(f"poll/{poll_id}", {"state": "published"})
        assert self.history_of(ASSIGNMENT) == [["Ballot created"]]

    @pytest.mark.parametrize(
        ("letters", "publish", "before", "after"),
        [
            ({}, True, "created", "created"),
            ({}, False, "created", "created"),
            ({"Y": "1.000000"}, True, "created", "published"),
            ({}, True, "finished", "published"),
            ({}, False, "finished", "finished"),
            ({"Y": "1.000000"}, False, "published", "published"),
        ],
    )
    def test_states(self, letters: dict[str, Any], publish: bool, before: str, after: str) -> None:
        poll_id = self.create_poll()
        self.set_models({f"poll/{poll_id}": {"state": before}})
        self.update(self.options_of(poll_id)[0]["id"], publish_immediately=publish, **letters)
        self.assert_model_exists(f"poll/{poll_id}", {"state": after})

    def test_the_global_option(self) -> None:
        poll_id = self.create_poll(pollmethod="Y", global_no=True, global_abstain=True)
        option_id = self.options_of(poll_id)[-1]["id"]
        self.update(option_id, A="2.000000")
        assert self.results_of(poll_id)[-1] == (None, NOT_TOLD, "2.000000")
        self.update(option_id, 400, Y="1.000000")
        self.set_models({f"poll/{poll_id}": {"pollmethod": "YN"}})
        self.update(option_id, 400, N="1.000000")

    def test_letters_of_other_methods(self) -> None:
        poll_id = self.create_poll(pollmethod="N")
        self.update(self.options_of(poll_id)[0]["id"], 400, Y="1.000000")

    def test_electronic_polls_are_not_counted_by_hand(self) -> None:
        poll_id = self.electronic_poll()
        option_id = self.options_of(poll_id)[0]["id"]
        self.update(option_id, 400, Y="1.000000")
        self.update(option_id, publish_immediately=True)
        self.assert_model_exists(f"poll/{poll_id}", {"state": "created"})
        assert self.results_of(poll_id)[0] == (None, None, None)

    def test_elements_and_actions_follow_each_other(self) -> None:
        poll_id = self.create_poll(pollmethod="Y", texts=["one", "two"])
        one, two, _ = [option["id"] for option in self.options_of(poll_id)]
        votes = [{"id": one, "N": "1.000000"}, {"id": two, "N": "2.000000"}, {"id": one, "N": "3.000000"}]
        self.request_multi(
            [("poll.update", [{"id": poll_id, "pollmethod": "N"}]), ("option.update", votes)]
        ).assert_status(200)
        assert self.votes_of(poll_id)[:2] == [
            [("Y", NOT_TOLD), ("N", "3.000000")],
            [("Y", NOT_TOLD), ("N", "2.000000")],
        ]

    def test_few_calls(self) -> None:
        poll_id = self.create_poll(texts=[str(n) for n in range(30)])
        elements = [{"id": option["id"], "Y": "1.000000"} for option in self.options_of(poll_id)[:-1]]
        with self.stack.count_calls() as calls:
            self.request("option.update", *elements).assert_status(200)
        calls.assert_at_most(reads=4, reserves=1, writes=1)

    @pytest.mark.parametrize("content", VALID_MANAGERS)
    @pytest.mark.parametrize("index", [0, -1])
    def test_permission(self, content: str, index: int) -> None:
        option = self.options_of(self.create_poll(content_object_id=content))[index]
        self.assert_needs_permission("option.update", {"id": option["id"]}, VALID_MANAGERS[content])


class TestInternalActions(PollingTest):
    """Actions that only the service itself calls."""

    def test_set_auto_fields(self) -> None:
        option_id = self.options_of(self.create_poll())[0]["id"]
        self.request("option.set_auto_fields", {"id": option_id, "no": None}, internal=True).assert_status(400)
        self.request("option.set_auto_fields", {"id": option_id, "no": "1.000000"}, internal=True).assert_status(200)
        self.assert_model_exists(f"option/{option_id}", {"no": "1.000000", "yes": NOT_TOLD})

    def test_set_state(self) -> None:
        poll_id = self.create_poll()
        self.request("poll.set_state", {"id": poll_id, "state": "published"}).assert_status(400)
        self.request("poll.set_state", {"id": poll_id, "state": "published"}, internal=True).assert_status(200)
        self.assert_model_exists(f"poll/{poll_id}", {"state": "published"})
        assert self.history_of(ASSIGNMENT) == [["Ballot created"]]

    def test_anonymize_votes(self) -> None:
        option_id, user_id = self.options_of(self.create_poll())[0]["id"], self.create_user()
        vote = {"option_id": option_id, "weight": "1.000000", "value": "Y", "user_token": "t", "user_id": user_id}
        created = self.request("vote.create", {**vote, "delegated_user_id": 1}, internal=True).assert_status(200)
        self.assert_model_exists(f"user/{user_id}", {"vote_ids": [created.id]})
        self.request("vote.anonymize", {"id": created.id}, internal=True).assert_status(200)
        fields = {"user_id": None, "delegated_user_id": None, "user_token": "t", "meeting_id": 1}
        self.assert_model_exists(f"vote/{created.id}", fields)
        self.assert_model_exists(f"user/{user_id}", {"vote_ids": []})
        self.assert_model_exists("user/1", {"delegated_vote_ids": []})
