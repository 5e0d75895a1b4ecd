"""Different people who tell a story over HTTP."""

from typing import Any

import requests

from dev.load import Credentials, log_in
from dev.stack import Stack

PASSWORD = "a-good-password"


class Person:
    """Somebody who is logged in: by a password, or with a session that he has already."""

    def __init__(
        self, stack: Stack, username: str = "", password: str = "", session: Credentials | None = None
    ) -> None:
        self._stack = stack
        self.session: Credentials = dict(session or log_in(stack, username, password))

    def call(self, action: str, *elements: dict[str, Any]) -> requests.Response:
        return requests.post(
            f"{self._stack.action_url}/system/action/handle_request",
            json=[{"action": action, "data": list(elements)}],
            headers=self.session,
            timeout=30,
        )

    def does(self, action: str, *elements: dict[str, Any]) -> Any:
        """The result of the first element of an action that must succeed."""
        answer = self.call(action, *elements)
        assert answer.status_code == 200, answer.text
        results = answer.json()["results"][0]
        return results[0] if results else None

    def is_refused(self, action: str, element: dict[str, Any]) -> None:
        """The action must end with 403 and an error that names the element."""
        answer = self.call(action, element)
        assert answer.status_code == 403, answer.text
        body = answer.json()
        assert body["success"] is False
        assert (body["action_error_index"], body["action_data_error_index"]) == (0, 0)

    def gets(self, url: str, **headers: str) -> requests.Response:
        """What is answered to a GET; `headers` come on top of the credentials."""
        return requests.get(url, headers={**self.session, **headers}, timeout=30)

    def asks(self, presenter: str, data: dict[str, Any]) -> Any:
        answer = requests.post(
            f"{self._stack.presenter_url}/system/presenter/handle_request",
            json=[{"presenter": presenter, "data": data}],
            headers=self.session,
            timeout=30,
        )
        assert answer.status_code == 200, answer.text
        return answer.json()[0]


def stored(stack: Stack, fqid: str) -> Any:
    answer = requests.post(f"{stack.reader_url}/get", json={"fqid": fqid}, timeout=10, headers=stack.internal_headers)
    return answer.json()


def account(superadmin: Person, username: str) -> int:
    """A new account with a known password."""
    user_id: int = superadmin.does("user.create", {"username": username, "default_password": PASSWORD})["id"]
    return user_id
