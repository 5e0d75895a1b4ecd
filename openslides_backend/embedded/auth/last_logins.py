"""When accounts were logged in with last, in the datastore (auth.md, "Beyond the contract")."""

import logging
from functools import partial
from threading import Event
from time import time
from typing import Final

from openslides_backend.embedded.auth.accounts import Account, UserStore
from openslides_backend.services.background import BackgroundThread
from openslides_backend.services.datastore import UpdateEvent, WriteRequest
from openslides_backend.shared.context import INTERNAL
from openslides_backend.shared.exceptions import BackendError, ModelLocked
from openslides_backend.shared.fqid import make_fqid

logger = logging.getLogger(__name__)

PRECISION_SECONDS: Final = 60
"""A login that follows the stored one sooner isn't written."""
LONGEST_WAIT_SECONDS: Final = 0.2
"""Some twenty times of what a write takes."""


class LastLogins:
    """Writes `user.last_login`; safe to be shared between threads.

    A login succeeds whether or not that can be written, and never fails by it. It waits for the write, so that whoever
    logs in finds it, but no longer than `longest_wait` seconds, and not at all while the one before is late. What can't
    be written is logged and left out: the next login writes its own time. Failed logins come nowhere near.
    """

    def __init__(self, datastore: UserStore, longest_wait: float = LONGEST_WAIT_SECONDS) -> None:
        self._datastore = datastore
        self._longest_wait = longest_wait
        self._thread = BackgroundThread()
        self._is_late = False

    def note(self, account: Account) -> None:
        """Somebody has logged in with the account now."""
        now, last = int(time()), account.last_login
        if last is not None and 0 <= now - last < PRECISION_SECONDS:
            return
        written = Event()
        self._thread.submit(partial(self._write, account.id, now, written))
        if not self._is_late and not written.wait(self._longest_wait):
            self._is_late = True

    def _write(self, user_id: int, now: int, written: Event) -> None:
        event = UpdateEvent(make_fqid("user", user_id), {"last_login": now})
        try:
            # Without information: it is nothing that history tells.
            self._datastore.write([WriteRequest([event], user_id=INTERNAL)])
            self._is_late = False
        except (ModelLocked, BackendError) as error:
            logger.warning("the login of user %d was not written: %s", user_id, type(error).__name__)
        finally:
            written.set()
