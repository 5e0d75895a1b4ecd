"""The presenters of former versions."""

import time

from tests.integration.base import IntegrationTest

WHOAMI = {
    "auth_type": "default",
    "permissions": [],
    "user_id": 1,
    "guest_enabled": True,
    "groups_id": [2],
    "short_name": "username",
}


class TestLegacy(IntegrationTest):
    """whoami and server_time."""

    def test_whoami(self) -> None:
        with self.stack.count_calls() as calls:
            assert self.presenter("whoami").body == [WHOAMI]
            assert self.presenter("whoami", user=0).body == [WHOAMI]
        calls.assert_at_most(reads=0, reserves=0, writes=0)

    def test_server_time(self) -> None:
        before = int(time.time())
        (answer,) = self.presenter("server_time", user=0).body
        assert answer.keys() == {"server_time"}
        assert before <= answer["server_time"] <= time.time()

    def test_no_data(self) -> None:
        for name in ("whoami", "server_time"):
            self.presenter(name, {}).assert_status(400)

    def test_several(self) -> None:
        answer = self.presenter_json([{"presenter": "whoami"}, {"presenter": "server_time"}])
        assert answer.status == 200
        assert answer.body[0] == WHOAMI
        assert len(answer.body) == 2
