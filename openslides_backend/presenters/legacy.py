"""Presenters of former versions, kept for clients that ask them."""

import time

from openslides_backend.permissions.rules import everybody
from openslides_backend.presenting.presenter import Presenter
from openslides_backend.shared.typing import Fields


class Whoami(Presenter):
    """A placeholder of constants, the same for every user."""

    name = "whoami"
    permission = everybody

    def present(self, data: Fields) -> object:
        return {
            "auth_type": "default",
            "permissions": [],
            "user_id": 1,
            "guest_enabled": True,
            "groups_id": [2],
            "short_name": "username",
        }


class ServerTime(Presenter):
    """The server's clock, in whole seconds of Unix time."""

    name = "server_time"
    permission = everybody

    def present(self, data: Fields) -> object:
        return {"server_time": int(time.time())}
