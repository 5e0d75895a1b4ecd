"""Polls and voters for a stack: what measurements and tests of the vote service begin with."""

import time
from collections.abc import Iterable, Sequence
from decimal import Decimal
from urllib.parse import quote

from dev.bulk_data import BulkData
from dev.load import Credentials
from dev.stack import Stack
from openslides_backend.embedded.auth.sessions import SessionStore
from openslides_backend.environment import DEVELOPMENT_COOKIE_KEY, DEVELOPMENT_TOKEN_KEY
from openslides_backend.services.datastore import CreateEvent, Event, GetMany
from openslides_backend.services.tokens import ACCESS_TOKEN_SECONDS, REFRESH_TOKEN_SECONDS, TokenKey, bearer

VOTING_MEETING, GROUP = 1, 5
OPTIONS = (11, 12, 13)
_WRITTEN_AT_ONCE = 1000


def create_voters(stack: Stack, number: int) -> list[Credentials]:
    """Users 1 to `number` of a new meeting in an empty datastore: entitled, present and logged in; their sessions."""
    users = range(1, number + 1)
    meeting = {"id": VOTING_MEETING, "is_active_in_organization_id": 1}
    _write(stack, [CreateEvent(f"meeting/{VOTING_MEETING}", meeting)])
    _write(stack, [CreateEvent(f"option/{id_}", {"id": id_, "meeting_id": VOTING_MEETING}) for id_ in OPTIONS])
    _write(stack, [event for user_id in users for event in _voter(user_id)])
    return log_in_voters(stack, users)


def log_in_voters(stack: Stack, user_ids: Iterable[int]) -> list[Credentials]:
    """New sessions of users, made where the auth service keeps them, without passwords and thus in no time.

    Only for a stack in development mode with its sessions on SQLite: its keys are the known ones.
    """
    users = list(user_ids)
    store = SessionStore(f"sqlite:///{stack.folder}/data/auth.sqlite")
    session_ids = [store.create(user_id) for user_id in users]
    store.close()
    keys = TokenKey(DEVELOPMENT_TOKEN_KEY), TokenKey(DEVELOPMENT_COOKIE_KEY)
    return [_credentials(*keys, user_id, id_) for user_id, id_ in zip(users, session_ids, strict=True)]


def create_poll(stack: Stack, poll_id: int) -> None:
    """A secret poll in that meeting, on whose options one can vote Y, N or A; started in the datastore."""
    poll = {
        "id": poll_id,
        "meeting_id": VOTING_MEETING,
        "type": "pseudoanonymous",
        "state": "started",
        "pollmethod": "YNA",
        "option_ids": list(OPTIONS),
        "global_option_id": 14,
        "entitled_group_ids": [GROUP],
    }
    _write(stack, [CreateEvent(f"poll/{poll_id}", poll)])


def wait_until_finished(stack: Stack, poll_id: int, seconds: float = 60.0) -> bool:
    """Whether the result of the poll is stored by then."""
    datastore, deadline = BulkData(stack).datastore, time.monotonic() + seconds
    while time.monotonic() < deadline:
        (polls,) = datastore.read([GetMany("poll", (poll_id,), ("state",))])
        if polls[poll_id]["state"] == "finished":
            return True
        time.sleep(0.02)
    return False


def votes_cast(stack: Stack, poll_id: int) -> Decimal:
    """How many have voted, as the poll's stored result tells."""
    (polls,) = BulkData(stack).datastore.read([GetMany("poll", (poll_id,), ("votescast",))])
    return Decimal(polls[poll_id]["votescast"])


def _write(stack: Stack, events: Sequence[Event]) -> None:
    data = BulkData(stack)
    for start in range(0, len(events), _WRITTEN_AT_ONCE):
        data.write(events[start : start + _WRITTEN_AT_ONCE])


def _voter(user_id: int) -> list[Event]:
    user = {
        "id": user_id,
        "is_active": True,
        "is_present_in_meeting_ids": [VOTING_MEETING],
        "meeting_user_ids": [user_id],
    }
    member = {"id": user_id, "user_id": user_id, "meeting_id": VOTING_MEETING, "group_ids": [GROUP]}
    return [CreateEvent(f"user/{user_id}", user), CreateEvent(f"meeting_user/{user_id}", member)]


def _credentials(token_key: TokenKey, cookie_key: TokenKey, user_id: int, session_id: str) -> Credentials:
    token = token_key.sign_session(user_id, session_id, ACCESS_TOKEN_SECONDS)
    cookie = cookie_key.sign_session(user_id, session_id, REFRESH_TOKEN_SECONDS)
    return {"authentication": bearer(token), "Cookie": f"refreshId={quote(bearer(cookie))}"}
