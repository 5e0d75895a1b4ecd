"""The checks of a ballot, their order and their errors (vote_service.md, "Ballot")."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from openslides_backend.services.datastore import DeleteEvent
from openslides_backend.services.transport import HttpAnswer, HttpRequest, NotSent
from openslides_backend.shared.pending import Pending
from tests.integration.embedded.vote.polls import (
    GROUP,
    MEETING,
    POLL,
    VoteRoutes,
    change,
    meeting_user_id,
    outcome,
    poll_event,
    voter_events,
)
from tests.integration.stack import Stack

DELEGATIONS = {"users_enable_vote_delegations": True}


def delegate(stack: Stack, user_id: int, to: int) -> None:
    """One user gives his vote to another one."""
    stack.write(
        change(f"meeting_user/{meeting_user_id(user_id)}", vote_delegated_to_id=meeting_user_id(to)),
        change(f"meeting_user/{meeting_user_id(to)}", vote_delegations_from_ids=[meeting_user_id(user_id)]),
    )


@pytest.fixture(autouse=True)
def started(routes: VoteRoutes) -> None:
    """The poll is known."""
    assert outcome(routes.internal("start")) == (200, None)


def send(stack: Stack, body: bytes, user_id: int = 1) -> tuple[int, str | None]:
    response = stack.vote.post(f"/system/vote?id={POLL}", data=body, headers=stack.credentials(user_id))
    return outcome(response)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"Y"',
        b"{}",
        b'{"value": null}',
        b'{"value": 1}',
        b'{"value": true}',
        b'{"value": ""}',
        b'{"value": {}}',
        b'{"value": []}',
        b'{"value": ["Y"]}',
        b'{"value": {"11": null}}',
        b'{"value": {"11": 1.0}}',
        b'{"value": {"11": "Y", "12": 1}}',
        b'{"value": {"011": "Y"}}',
        b'{"value": {"11": "Y", "11": "N"}}',
        b'{"value": {"11": NaN}}',
        b'{"value": {"11": "Y"}, "user_id": "1"}',
        b'{"value": {"11": "Y"}, "user_id": true}',
        b'{"value": {"11": "Y"}, "user_id": 1.0}',
        b"[" * 100_000,
        b'{"value": {"11": ' + b"9" * 5000 + b"}}",
        b"\xff\xfe",
    ],
)
def test_malformed_ballots(stack: Stack, routes: VoteRoutes, body: bytes) -> None:
    assert send(stack, body) == (400, "invalid")
    assert (routes.internal("stop").json or {})["votes"] == []


@pytest.mark.parametrize("user_id", [b"0", b"null", b"-1", b"99", b"99999999999999999999999"])
def test_users_that_can_not_be_represented(stack: Stack, user_id: bytes) -> None:
    assert send(stack, b'{"value": {"11": "Y"}, "user_id": ' + user_id + b"}") == (400, "not-allowed")


def test_presence_comes_before_the_body(stack: Stack) -> None:
    stack.write(change("user/1", is_present_in_meeting_ids=[2]))
    assert send(stack, b"{") == (400, "not-allowed")


def test_the_poll_comes_before_presence(stack: Stack, routes: VoteRoutes) -> None:
    stack.write(change("user/1", is_present_in_meeting_ids=None), DeleteEvent(f"poll/{POLL}"))
    assert outcome(routes.cast(1)) == (400, "not-exist")
    assert outcome(routes.cast(1, poll_id=99)) == (400, "not-exist")


def test_groups_come_before_the_value(stack: Stack, routes: VoteRoutes) -> None:
    stack.write(change(f"meeting_user/{meeting_user_id(1)}", group_ids=[GROUP + 1]))
    assert outcome(routes.cast(1, "nonsense")) == (400, "not-allowed")
    stack.write(change(f"poll/{POLL}", entitled_group_ids=None))
    assert outcome(routes.cast(2)) == (400, "not-allowed")


def test_the_value_comes_before_the_state(stack: Stack, routes: VoteRoutes) -> None:
    routes.internal("stop")
    assert outcome(routes.cast(1, "nonsense")) == (400, "invalid")
    assert outcome(routes.cast(1)) == (400, "stopped")


def test_who_is_in_the_meeting_is_judged_by_that_meeting(stack: Stack, routes: VoteRoutes) -> None:
    stack.write(change(f"meeting_user/{meeting_user_id(1)}", meeting_id=MEETING + 1))
    assert outcome(routes.cast(1)) == (400, "not-allowed")


def test_the_state_in_the_datastore(stack: Stack, routes: VoteRoutes) -> None:
    stack.write(change(f"poll/{POLL}", state="created"))
    assert outcome(routes.cast(1)) == (400, "not-exist")
    for state in ("finished", "published", None):
        stack.write(change(f"poll/{POLL}", state=state))
        assert outcome(routes.cast(1)) == (400, "stopped")
    stack.write(change(f"poll/{POLL}", state="started", voted_ids=[1]))
    assert outcome(routes.cast(1)) == (400, "double-vote")
    assert outcome(routes.cast(2)) == (200, None)


def test_delegation(stack: Stack, routes: VoteRoutes) -> None:
    delegate(stack, 2, to=1)
    assert outcome(routes.cast(1, user_id=2)) == (400, "not-allowed")
    stack.write(change(f"meeting/{MEETING}", **DELEGATIONS))
    assert outcome(routes.cast(3, user_id=2)) == (400, "not-allowed")
    stack.write(change("user/2", is_present_in_meeting_ids=None))
    assert outcome(routes.cast(1, user_id=2)) == (200, None)
    assert outcome(routes.cast(1)) == (200, None)
    votes = (routes.internal("stop").json or {})["votes"]
    assert sorted((vote["request_user_id"], vote["vote_user_id"]) for vote in votes) == [(1, 1), (1, 2)]


def test_who_has_delegated_may_be_forbidden_to_vote(stack: Stack, routes: VoteRoutes) -> None:
    delegate(stack, 2, to=1)
    stack.write(change(f"meeting/{MEETING}", **DELEGATIONS, users_forbid_delegator_to_vote=True))
    assert outcome(routes.cast(2)) == (400, "not-allowed")
    stack.write(change(f"meeting/{MEETING}", users_forbid_delegator_to_vote=None))
    assert outcome(routes.cast(2)) == (200, None)
    assert outcome(routes.cast(1, user_id=2)) == (400, "double-vote")


def test_what_changes_after_the_start_counts(stack: Stack, routes: VoteRoutes) -> None:
    assert outcome(routes.cast(4)) == (400, "not-allowed")
    stack.write(*voter_events(4))
    assert outcome(routes.cast(4)) == (200, None)


def test_weights(stack: Stack, routes: VoteRoutes) -> None:
    stack.write(
        change(f"meeting/{MEETING}", users_enable_vote_weight=True),
        change(f"meeting_user/{meeting_user_id(1)}", vote_weight="3.500000"),
        change("user/2", default_vote_weight="0.000001"),
    )
    for user_id in (1, 2, 3):
        routes.cast(user_id)
    votes = (routes.internal("stop").json or {})["votes"]
    assert {vote["vote_user_id"]: vote["weight"] for vote in votes} == {1: "3.500000", 2: "0.000001", 3: "1.000000"}


def test_everything_is_read_in_one_request(stack: Stack, routes: VoteRoutes) -> None:
    routes.cast(1)
    with stack.count_vote_calls() as calls:
        assert outcome(routes.cast(2)) == (200, None)
    assert calls.paths == ["/internal/auth/authenticate", "/internal/datastore/reader/batch"]


def test_of_simultaneous_ballots_for_one_user_one_is_taken(stack: Stack, routes: VoteRoutes) -> None:
    stack.credentials(1)
    with ThreadPoolExecutor(16) as executor:
        outcomes = list(executor.map(lambda _: outcome(routes.cast(1)), range(16)))
    assert sorted(outcomes, key=str) == [(200, None)] + [(400, "double-vote")] * 15
    assert len((routes.internal("stop").json or {})["votes"]) == 1


def test_simultaneous_ballots_of_different_users_are_all_taken(stack: Stack, routes: VoteRoutes) -> None:
    users = range(10, 40)
    stack.write(*(event for user_id in users for event in voter_events(user_id)))
    for user_id in users:
        stack.credentials(user_id)
    with ThreadPoolExecutor(16) as executor:
        outcomes = list(executor.map(lambda user_id: outcome(routes.cast(user_id)), users))
    assert outcomes == [(200, None)] * len(users)
    assert (routes.internal("stop").json or {})["user_ids"] == list(users)


class Broken:
    """A neighbour that is down, or answers rubbish."""

    def __init__(self, body: bytes | None = None, status: int = 200) -> None:
        self._body, self._status = body, status

    def begin(self, service: str, _request: HttpRequest) -> Pending[HttpAnswer]:
        if self._body is None:
            raise NotSent("down")
        return Pending.known(HttpAnswer(service, self._status, {}, self._body))

    def close(self) -> None:
        """Nothing is kept open."""


BAD_DAYS = [Broken(), Broken(b"x"), Broken(b"{}"), Broken(b'{"error": "x"}', 500), Broken(b"[[], [], [], []]")]


@pytest.mark.parametrize("adapter", BAD_DAYS)
@pytest.mark.parametrize("service", ["auth", "datastore"])
def test_nothing_is_taken_while_a_neighbour_fails(
    stack: Stack, routes: VoteRoutes, service: str, adapter: Broken
) -> None:
    environment = stack.environment
    url = environment.auth_url if service == "auth" else environment.datastore_reader_url
    with stack.replaced_for_vote(url, adapter):
        response = routes.cast(1)
        assert outcome(response) == (500, "internal")
        assert "datastore" not in str(response.json)
        if service == "datastore":
            assert routes.internal("start").status_code != 200
        assert stack.vote.get("/system/vote/health").status_code == 200
    assert (routes.internal("stop").json or {})["votes"] == []


@pytest.mark.parametrize(
    ("fqid", "fields"),
    [
        (f"poll/{POLL}", {"entitled_group_ids": 5}),
        (f"poll/{POLL}", {"option_ids": "11"}),
        (f"poll/{POLL}", {"max_votes_amount": "1"}),
        (f"meeting/{MEETING}", {"users_enable_vote_delegations": "yes"}),
        (f"meeting/{MEETING}", {"users_enable_vote_weight": True}),
        ("user/1", {"is_present_in_meeting_ids": 1}),
    ],
)
def test_data_that_make_no_sense(stack: Stack, routes: VoteRoutes, fqid: str, fields: dict[str, Any]) -> None:
    stack.write(change("user/1", default_vote_weight="heavy"), change(fqid, **fields))
    assert outcome(routes.cast(1)) == (500, "internal")
    assert (routes.internal("stop").json or {})["votes"] == []


def test_a_ballot_of_another_poll_is_no_double_vote(stack: Stack, routes: VoteRoutes) -> None:
    stack.write(poll_event(8))
    routes.internal("start", 8)
    assert outcome(routes.cast(1)) == (200, None)
    assert outcome(routes.cast(1, poll_id=8)) == (200, None)
