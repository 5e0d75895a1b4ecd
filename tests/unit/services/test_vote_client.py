"""The vote client, and what stands in for it."""

from decimal import Decimal

import pytest

from openslides_backend.services.vote import Ballot, Credentials, NoVoteService, PollResult, VoteClient
from openslides_backend.shared.exceptions import BadRequest, ServiceError
from tests.unit.services.canned_service import URL, CannedService

CREDENTIALS = Credentials("bearer x.y.z", "bearer%20a.b.c")
VOTE = {"request_user_id": 2, "vote_user_id": 4, "value": {"11": "Y", "12": "N"}, "weight": "1.000000"}


@pytest.fixture
def service() -> CannedService:
    return CannedService()


@pytest.fixture
def client(service: CannedService) -> VoteClient:
    return VoteClient(service.pool(), f"{URL}/internal/vote", f"{URL}/system/vote")


def test_calls(service: CannedService, client: VoteClient) -> None:
    client.start(3, CREDENTIALS)
    client.clear(3, CREDENTIALS)
    service.answers(200, {"votes": [], "user_ids": []})
    assert client.stop(3, CREDENTIALS) == PollResult()
    paths = [call.path for call in service.calls]
    assert paths == ["/internal/vote/start?id=3", "/internal/vote/clear?id=3", "/internal/vote/stop?id=3"]
    for call in service.calls:
        assert call.body == b""
        assert call.headers["Content-Type"] == "application/json"
        assert call.headers["authentication"] == "bearer x.y.z"
        assert call.headers["Cookie"] == "refreshId=bearer%20a.b.c"


def test_internal_requests_have_no_credentials(service: CannedService, client: VoteClient) -> None:
    client.start(3, None)
    assert not {"Cookie", "authentication"} & set(service.calls[0].headers)


def test_ballot(service: CannedService, client: VoteClient) -> None:
    client.vote(3, {"value": {"1": "Y"}, "user_id": 5}, CREDENTIALS)
    (call,) = service.calls
    assert (call.path, call.json) == ("/system/vote?id=3", {"value": {"1": "Y"}, "user_id": 5})
    assert call.headers["authentication"] == "bearer x.y.z"
    assert call.headers["Cookie"] == "refreshId=bearer%20a.b.c"


def test_refused_ballot(service: CannedService, client: VoteClient) -> None:
    service.answers(400, {"error": "double-vote", "message": "The vote was cast before."})
    with pytest.raises(BadRequest, match=r"^The vote was cast before\.$"):
        client.vote(3, {"value": "Y"}, CREDENTIALS)


def test_a_ballot_is_sent_once_whatever_comes_of_it(service: CannedService, client: VoteClient) -> None:
    service.down = True
    with pytest.raises(BadRequest, match="nobody knows"):
        client.vote(3, {"value": "Y"}, CREDENTIALS)
    assert len(service.calls) == 1


@pytest.mark.parametrize("credentials", [Credentials(None, None), Credentials("bearer x", ""), Credentials(None, "x")])
def test_incomplete_credentials(service: CannedService, client: VoteClient, credentials: Credentials) -> None:
    for call in (client.start, client.stop, client.clear):
        with pytest.raises(BadRequest):
            call(3, credentials)
    assert service.calls == []


def test_a_cookie_can_not_smuggle_headers(service: CannedService, client: VoteClient) -> None:
    client.start(3, Credentials("bearer x", 'bearer x\r\nX-Evil: "1"'))
    assert service.calls[0].headers["Cookie"] == "refreshId=bearer%20x%0D%0AX-Evil%3A%20%221%22"


def test_result(service: CannedService, client: VoteClient) -> None:
    secret = {"value": "A", "weight": "2.500000"}
    service.answers(200, {"votes": [VOTE, secret, {"value": {"5": 3}, "weight": 1}], "user_ids": [4, 9]})
    assert client.stop(3, None) == PollResult(
        (
            Ballot({"11": "Y", "12": "N"}, Decimal(1), 4, 2),
            Ballot("A", Decimal("2.5")),
            Ballot({"5": 3}, Decimal(1)),
        ),
        (4, 9),
    )


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"no json",
        None,
        [],
        {},
        {"votes": []},
        {"user_ids": []},
        {"votes": None, "user_ids": []},
        {"votes": [], "user_ids": ["4"]},
        {"votes": [], "user_ids": [True]},
        {"votes": [], "user_ids": [0]},
        {"votes": [], "user_ids": [2**31]},
        {"votes": [5], "user_ids": []},
        {"votes": [{"weight": "1"}], "user_ids": []},
        {"votes": [{"value": "Y"}], "user_ids": []},
        {"votes": [{**VOTE, "value": 5}], "user_ids": []},
        {"votes": [{**VOTE, "value": None}], "user_ids": []},
        {"votes": [{**VOTE, "value": ["Y"]}], "user_ids": []},
        {"votes": [{**VOTE, "value": {"1": [1]}}], "user_ids": []},
        {"votes": [{**VOTE, "weight": "heavy"}], "user_ids": []},
        {"votes": [{**VOTE, "weight": "NaN"}], "user_ids": []},
        {"votes": [{**VOTE, "vote_user_id": "4"}], "user_ids": []},
    ],
)
def test_rubbish(service: CannedService, client: VoteClient, answer: object) -> None:
    service.answers(200, answer)
    with pytest.raises(ServiceError):
        client.stop(3, CREDENTIALS)


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (400, {"error": "not-exist", "message": "Poll does not exist"}, "Poll does not exist"),
        (401, {"error": "not-allowed", "message": "Anonymous"}, "Anonymous"),
        (404, b"<html>", "status 404"),
    ],
)
def test_refusal(service: CannedService, client: VoteClient, status: int, body: object, message: str) -> None:
    service.answers(status, body)
    for call in (client.start, client.stop, client.clear):
        with pytest.raises(BadRequest, match=message):
            call(3, CREDENTIALS)


@pytest.mark.parametrize("body", [{"error": "internal", "message": "secret"}, b"<html>", []])
def test_failure(service: CannedService, client: VoteClient, body: object) -> None:
    service.answers(500, body)
    for call in (client.start, client.stop, client.clear):
        with pytest.raises(ServiceError) as raised:
            call(3, CREDENTIALS)
        assert "secret" not in raised.value.message


def test_no_answer(service: CannedService, client: VoteClient) -> None:
    service.down = True
    with pytest.raises(ServiceError):
        client.start(3, CREDENTIALS)


def test_without_a_vote_service_nothing_happens() -> None:
    nothing = NoVoteService()
    nothing.start(3, Credentials(None, None))
    nothing.clear(3, Credentials(None, None))
    assert nothing.stop(3, Credentials(None, None)) == PollResult((), ())
    with pytest.raises(BadRequest):
        nothing.vote(3, {"value": "Y"}, CREDENTIALS)
