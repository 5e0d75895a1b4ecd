"""What the whole stack logs holds no tokens, passwords or payloads, whatever goes wrong."""

import base64
from typing import Any
from urllib.parse import unquote

import requests

from dev.bulk_data import MEETING, BulkData
from dev.load import ACTION_PATH, PRESENTER_PATH, log_in
from dev.stack import Stack

SECRET = "Kxq7vPrivate"
"""Part of all that is sent and must not be logged."""
TIMEOUT = 30


def batch(action: str, **element: Any) -> list[dict[str, Any]]:
    return [{"action": action, "data": [element]}]


ACTIONS: list[object] = [
    batch("topic.create", title=SECRET, text=f"<p>{SECRET}</p>", meeting_id=MEETING),
    batch("topic.create", title=SECRET, meeting_id=999999),
    batch("topic.create", title=SECRET, meeting_id=SECRET),
    batch("tag.create", name=f"{SECRET}\x00", meeting_id=MEETING),
    batch("tag.create", name=SECRET, meeting_id=MEETING, unknown=SECRET),
    batch(SECRET, name=SECRET),
    batch("user.create", username=SECRET, default_password=SECRET, email=SECRET),
    batch("user.create", username=f"{SECRET}2", default_password=f"{SECRET}3", email=f"{SECRET}@example.com"),
    batch("user.set_password", id=2, password=f"{SECRET}4", set_as_default=True),
    batch("user.set_password_self", old_password=f"{SECRET}5", new_password=f"{SECRET}6"),
    {SECRET: SECRET},
    [SECRET],
    [{"action": "tag.create", "data": [{"name": SECRET}], SECRET: SECRET}],
]
PRESENTERS: list[object] = [
    [{"presenter": "number_of_users", "data": {"number_of_users_to_add_or_activate": SECRET}}],
    [{"presenter": SECRET, "data": {"x": SECRET}}],
    [{"presenter": "server_time", SECRET: SECRET}],
]
QUESTION = [{"presenter": "number_of_users", "data": {"number_of_users_to_add_or_activate": 1}}]
RAW_BODIES = [f'[{{"action": "{SECRET}'.encode(), f'["{SECRET}\\ud800"]'.encode(), SECRET.encode("utf-16")]


def send_everything(stack: Stack, credentials: dict[str, str]) -> None:
    """Good and bad requests to all doors."""
    for path, url, payloads in (
        (ACTION_PATH, stack.action_url, ACTIONS),
        (PRESENTER_PATH, stack.presenter_url, PRESENTERS),
    ):
        for payload in payloads:
            requests.post(f"{url}{path}", json=payload, headers=credentials, timeout=TIMEOUT)
        for body in RAW_BODIES:
            headers = {"Content-Type": "application/json", **credentials}
            requests.post(f"{url}{path}?{SECRET}={SECRET}", data=body, headers=headers, timeout=TIMEOUT)
        requests.get(f"{url}/{SECRET}", headers=credentials, timeout=TIMEOUT)
    url = f"{stack.action_url}/internal/handle_request"
    requests.post(url, json=ACTIONS[0], headers=stack.internal_headers, timeout=TIMEOUT)
    requests.post(url, json=ACTIONS[0], headers={"Authorization": SECRET}, timeout=TIMEOUT)
    wrong = {"authentication": f"bearer {SECRET}", "Cookie": f"refreshId=bearer%20{SECRET}"}
    requests.post(f"{stack.action_url}{ACTION_PATH}", json=ACTIONS[0], headers=wrong, timeout=TIMEOUT)
    for password in (SECRET, [SECRET]):
        login = {"username": "superadmin", "password": password}
        requests.post(f"{stack.auth_url}/system/auth/login", json=login, timeout=TIMEOUT)


def test_no_secrets() -> None:
    with Stack({"OPENSLIDES_LOGLEVEL": "debug"}) as stack:
        BulkData(stack).load_example()
        credentials = dict(log_in(stack, "superadmin", "superadmin"))
        send_everything(stack, credentials)
        stack.kill("datastore", workers_only=True)
        send_everything(stack, credentials)
        log = stack.log
        token = credentials["authentication"].removeprefix("bearer ")
        cookie = unquote(credentials["Cookie"].partition("=")[2]).removeprefix("bearer ")
        internal = stack.internal_headers["Authorization"]
    assert "action user=1 topic.create status=200" in log
    assert "action user=1 user.set_password status=200" in log
    parts = [*token.split("."), *cookie.split("."), internal]
    secrets = [SECRET, "$argon2", "eyJ", *(part for part in parts if part)]
    found = {secret: line for secret in secrets for line in log.splitlines() if secret in line}
    assert not found


def through_all(stack: Stack, credentials: dict[str, str]) -> list[object]:
    """Batches that need the media and the vote service."""
    file = base64.b64encode(b"x").decode()
    upload = batch("mediafile.upload", title="x", owner_id=f"meeting/{MEETING}", filename="x.txt", file=file)
    about = {"meeting_id": MEETING, "content_object_id": "topic/1", "title": "x"}
    poll = batch("poll.create", type="named", pollmethod="Y", options=[{"text": "x"}], entitled_group_ids=[1], **about)
    url = f"{stack.action_url}{ACTION_PATH}"
    voting = batch("organization.update", id=1, enable_electronic_voting=True)
    assert requests.post(url, json=voting, headers=credentials, timeout=TIMEOUT).status_code == 200
    created = requests.post(url, json=poll, headers=credentials, timeout=TIMEOUT)
    assert created.status_code == 200, created.text
    return [upload, batch("poll.start", id=created.json()["results"][0][0]["id"])]


def test_every_service_writes_its_lines() -> None:
    with Stack() as stack:
        BulkData(stack).load_example()
        credentials = dict(log_in(stack, "superadmin", "superadmin"))
        given = {**credentials, "X-Request-ID": "through-all"}
        for payload in through_all(stack, credentials):
            answer = requests.post(f"{stack.action_url}{ACTION_PATH}", json=payload, headers=given, timeout=TIMEOUT)
            assert (answer.status_code, answer.headers["X-Request-ID"]) == (200, "through-all"), answer.text
        asked = requests.post(f"{stack.presenter_url}{PRESENTER_PATH}", json=QUESTION, headers=given, timeout=TIMEOUT)
        assert (asked.status_code, asked.headers["X-Request-ID"]) == (200, "through-all"), asked.text
        url = f"{stack.media_url.replace('/internal/', '/system/')}/unknown"
        answer = requests.get(url, headers={"X-Request-ID": "of-a-proxy"}, timeout=TIMEOUT)
        log = stack.log
    assert answer.headers["X-Request-ID"] == "of-a-proxy"
    lines = [line.partition(" INFO ")[2] for line in log.splitlines()]
    for service, told in {
        "datastore": "datastore POST /internal/datastore/writer/write status=201 ms=",
        "permission": "permission POST /is_allowed user=1 rule=mediafile.upload outcome=allowed",
        "auth": "auth POST /system/auth/login status=200 ms=",
        "media": "media GET /system/media/unknown reason=NotFound status=404",
        "vote": "vote POST /internal/vote/start status=200",
        "presenter": "presenter user=1 number_of_users status=200",
    }.items():
        assert any(line.startswith(f"{service}[") and told in line and " request=" in line for line in lines), service
    assert "/health" not in log
    services = {line.partition("[")[0] for line in lines if " request=through-all" in line}
    assert services >= {"action", "presenter", "datastore", "permission", "auth", "media", "vote"}
