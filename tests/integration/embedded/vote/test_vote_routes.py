"""The contract of the vote service's routes (vote_service.md)."""

import pytest

from openslides_backend.services.datastore import DeleteEvent
from openslides_backend.services.tokens import TokenKey, bearer, from_bearer
from tests.integration.embedded.vote.polls import (
    POLL,
    VoteRoutes,
    change,
    meeting_user_id,
    outcome,
    poll_event,
)
from tests.integration.stack import Stack

ROUTES = {
    "/internal/vote/start": "POST",
    "/internal/vote/stop": "POST",
    "/internal/vote/clear": "POST",
    "/internal/vote/clear_all": "POST",
    "/internal/vote/live_votes": "GET",
    "/system/vote": "POST",
    "/system/vote/voted": "GET",
    "/system/vote/health": "GET",
}


@pytest.mark.parametrize(("path", "method"), ROUTES.items())
def test_wrong_methods(stack: Stack, path: str, method: str) -> None:
    for other in {"GET", "POST", "PUT", "DELETE", "PATCH"} - {method}:
        response = stack.vote.open(path, method=other)
        assert (response.status_code, response.content_type) == (405, "application/json")
        assert method in response.headers["Allow"]
        assert response.json is not None
        assert response.json["error"] == "invalid"


def test_unknown_routes_and_trailing_slashes(stack: Stack) -> None:
    for path in (
        "/",
        "/system/vote/other",
        "/internal/vote",
        "/internal/vote/vote_count",
        "/internal/vote/all_voted_ids",
    ):
        response = stack.vote.post(path)
        assert (response.status_code, (response.json or {})["error"]) == (404, "invalid")
    assert stack.vote.get("/system/vote/health/").json == {"healthy": True}


@pytest.mark.parametrize("query", ["", "?id=", "?id=x", "?id=1.0", "?id=1,2", "?id=%201", "?id=1e3", "?id=" + "9" * 30])
def test_ids_must_be_decimal(routes: VoteRoutes, stack: Stack, query: str) -> None:
    for command in ("start", "stop", "clear"):
        assert outcome(stack.vote.post(f"/internal/vote/{command}{query}")) == (400, "invalid")
    response = stack.vote.post(f"/system/vote{query}", json={"value": "Y"}, headers=stack.credentials(1))
    assert outcome(response) == (400, "invalid")


@pytest.mark.parametrize("ids", ["", "x", "1,", ",1", "1, 2", "1;2", ",".join("1" * 1001)])
def test_ids_of_voted(routes: VoteRoutes, ids: str) -> None:
    response = routes.voted(1, ids)
    assert (response.status_code, (response.json or {})["error"]) == (400, "invalid")


def test_a_whole_round(routes: VoteRoutes) -> None:
    assert outcome(routes.internal("start")) == (200, None)
    assert outcome(routes.cast(1, {"12": "A", "11": "Y"})) == (200, None)
    assert outcome(routes.cast(2, "N")) == (200, None)
    response = routes.internal("stop")
    assert response.status_code == 200
    assert response.json is not None
    assert response.json["user_ids"] == [1, 2]
    assert sorted(response.json["votes"], key=lambda ballot: int(ballot["vote_user_id"])) == [
        {"request_user_id": 1, "vote_user_id": 1, "value": {"11": "Y", "12": "A"}, "weight": "1.000000"},
        {"request_user_id": 2, "vote_user_id": 2, "value": {"11": "N"}, "weight": "1.000000"},
    ]
    assert routes.internal("stop").get_data() == response.get_data()
    assert outcome(routes.cast(3)) == (400, "stopped")
    assert outcome(routes.internal("clear")) == (200, None)
    assert outcome(routes.internal("clear")) == (200, None)
    assert outcome(routes.internal("stop")) == (400, "not-exist")
    assert outcome(routes.cast(3)) == (400, "not-exist")


def test_secret_ballots_name_nobody(routes: VoteRoutes, stack: Stack) -> None:
    stack.write(change(f"poll/{POLL}", type="pseudoanonymous"))
    routes.internal("start")
    routes.cast(1)
    body = routes.internal("stop").json
    assert body == {"votes": [{"value": {"11": "Y"}, "weight": "1.000000"}], "user_ids": [1]}


def test_start_by_state(routes: VoteRoutes, stack: Stack) -> None:
    assert outcome(routes.internal("start", 99)) == (400, "not-exist")
    stack.write(poll_event(8, type="analog"), poll_event(9, state="finished"), poll_event(10, state="created"))
    assert outcome(routes.internal("start", 8)) == (400, "invalid")
    assert outcome(routes.internal("start", 9)) == (400, "invalid")
    assert outcome(routes.internal("start", 10)) == (200, None)
    assert outcome(routes.internal("start")) == (200, None)
    stack.write(change(f"poll/{POLL}", state="published"))
    assert outcome(routes.internal("start")) == (400, "invalid")


def test_a_started_poll_goes_on_when_it_is_started_again(routes: VoteRoutes) -> None:
    routes.internal("start")
    routes.cast(1)
    assert outcome(routes.internal("start")) == (200, None)
    assert outcome(routes.cast(1)) == (400, "double-vote")
    routes.internal("stop")
    assert outcome(routes.internal("start")) == (200, None)
    assert outcome(routes.cast(2)) == (400, "stopped")


def test_a_poll_that_was_reset_begins_anew(routes: VoteRoutes, stack: Stack) -> None:
    routes.internal("start")
    routes.cast(1)
    routes.internal("stop")
    stack.write(change(f"poll/{POLL}", state="created"))
    assert outcome(routes.internal("start")) == (200, None)
    stack.write(change(f"poll/{POLL}", state="started"))
    assert outcome(routes.cast(1)) == (200, None)
    assert (routes.internal("stop").json or {})["user_ids"] == [1]


def test_credentials(routes: VoteRoutes, stack: Stack) -> None:
    routes.internal("start")
    good, url = stack.credentials(1), f"/system/vote?id={POLL}"
    voted = f"/system/vote/voted?ids={POLL}"
    assert outcome(stack.vote.post(url, json={"value": "Y"})) == (401, "not-allowed")
    assert outcome(stack.vote.get(voted)) == (401, "not-allowed")
    for headers in (
        {"authentication": good["authentication"]},
        {"Cookie": good["Cookie"]},
        {**good, "authentication": "bearer x.y.z"},
        {**good, "Cookie": stack.credentials(2)["Cookie"]},
    ):
        assert outcome(stack.vote.post(url, json={"value": "Y"}, headers=headers)) == (400, "auth")
        assert outcome(stack.vote.get(voted, headers=headers)) == (400, "auth")
    stack.auth.post("/system/auth/secure/logout", headers=good)
    assert outcome(stack.vote.post(url, json={"value": "Y"}, headers=good)) == (400, "auth")


def test_large_bodies(routes: VoteRoutes, stack: Stack) -> None:
    routes.internal("start")
    body = b'{"value": "' + b"Y" * 1024 * 1024 + b'"}'
    response = stack.vote.post(f"/system/vote?id={POLL}", data=body, headers=stack.credentials(1))
    assert outcome(response) == (413, "invalid")


def test_the_content_type_of_a_ballot_does_not_matter(routes: VoteRoutes, stack: Stack) -> None:
    routes.internal("start")
    response = stack.vote.post(
        f"/system/vote?id={POLL}", data=b'{"value": {"11": "Y"}, "other": []}', headers=stack.credentials(1)
    )
    assert outcome(response) == (200, None)


def test_voted(routes: VoteRoutes, stack: Stack) -> None:
    stack.write(
        poll_event(8, type="pseudoanonymous"),
        change(f"meeting_user/{meeting_user_id(2)}", vote_delegations_from_ids=[meeting_user_id(3)]),
    )
    for poll_id in (POLL, 8):
        routes.internal("start", poll_id)
    assert routes.voted(2, "7,8,99").json == {"7": None, "8": None, "99": None}
    for user_id in (3, 2, 1):
        routes.cast(user_id)
    routes.cast(3, poll_id=8)
    assert routes.voted(2, "7,8,99").json == {"7": [2, 3], "8": [3], "99": None}
    assert routes.voted(3, "7").json == {"7": [3]}
    routes.internal("stop")
    assert routes.voted(2).json == {"7": [2, 3]}
    routes.internal("clear")
    assert routes.voted(2).json == {"7": None}


def test_clear_all(routes: VoteRoutes, stack: Stack) -> None:
    routes.internal("start")
    assert outcome(stack.vote.post("/internal/vote/clear_all")) == (200, None)
    assert outcome(routes.internal("stop")) == (400, "not-exist")


def test_leftovers_are_cleared_if_they_are_over_for_sure(routes: VoteRoutes, stack: Stack) -> None:
    states = {20: "started", 21: "started", 22: "started", 23: "started", 24: "started"}
    stack.write(*(poll_event(poll_id, state=state) for poll_id, state in states.items()))
    for poll_id in states:
        routes.internal("start", poll_id)
    stack.write(
        change("poll/21", state="finished"), change("poll/22", state="published"), change("poll/23", state="created")
    )
    stack.write(DeleteEvent("poll/24"))
    stack.polling_station.tidy()
    left = [poll_id for poll_id in states if routes.internal("stop", poll_id).status_code == 200]
    assert left == [20, 23]


def test_an_expired_access_token_is_renewed_whatever_comes_of_the_request(routes: VoteRoutes, stack: Stack) -> None:
    routes.internal("start")
    good = stack.credentials(1)
    claims = TokenKey(stack.environment.auth_token_key).session_claims(from_bearer(good["authentication"]))
    old = TokenKey(stack.environment.auth_token_key).sign_session(claims.user_id, claims.session_id, -5)
    for value, status in (("nonsense", 400), ({"11": "Y"}, 200), ({"11": "Y"}, 400)):
        response = stack.vote.post(
            f"/system/vote?id={POLL}", json={"value": value}, headers={**good, "authentication": bearer(old)}
        )
        assert response.status_code == status
        fresh = response.headers["authentication"]
        assert (
            stack.vote.get(f"/system/vote/voted?ids={POLL}", headers={**good, "authentication": fresh}).status_code
            == 200
        )
