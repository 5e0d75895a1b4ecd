"""The servers of the internal services, when their workers die."""

import requests

from dev.stack import Stack
from tests.system.processes import wait_until


def test_workers_that_die_again_and_again_are_replaced() -> None:
    with Stack() as stack:
        url = f"{stack.permission_url}/health"
        for _ in range(3):
            before = set(stack.pids("permission"))
            stack.kill("permission", workers_only=True)
            wait_until(lambda: set(stack.pids("permission")) - before, "a new worker")  # noqa: B023 - at once
            wait_until(lambda: answers(url), "the new worker at work")
        assert stack.process is not None
        assert stack.process.poll() is None


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).status_code == 200
    except requests.ConnectionError:
        return False
