"""The vote service out of the environment."""

import logging
import signal
import socket
import threading
from collections.abc import Callable

from openslides_backend.embedded.datastore.errors import DatabaseFailure
from openslides_backend.embedded.vote.application import VoteSettings, create_vote_application
from openslides_backend.embedded.vote.database import Database
from openslides_backend.embedded.vote.errors import Internal, VoteError
from openslides_backend.embedded.vote.polling import PollingStation
from openslides_backend.environment import Environment
from openslides_backend.serve.internal_door import InternalDoor
from openslides_backend.services.auth import HttpAuthenticator
from openslides_backend.services.datastore_http import HttpDatastore
from openslides_backend.services.http import HttpPool
from openslides_backend.services.message_bus import message_bus
from openslides_backend.services.tokens import TokenKey
from openslides_backend.shared.internal_access import internal_headers

logger = logging.getLogger(__name__)

_TIMEOUT_SECONDS = 5.0
_TIDYING_SECONDS = 3600.0
_RETRY_SECONDS = 60.0
_END_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def prepare(environment: Environment) -> None:
    """Make the tables; raises DatabaseFailure."""
    environment.data_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        Database(environment.vote_database_url).close()
    except Internal as error:
        raise DatabaseFailure(error.message) from None


def create(environment: Environment) -> InternalDoor:
    """Polls and users come from the datastore, ballots go to a database of its own; polls that are over are cleared.

    In development mode the internal routes ask for no password, as the contract has it (vote_service.md).
    """
    pool = HttpPool(_TIMEOUT_SECONDS, _TIMEOUT_SECONDS, headers=internal_headers(environment.internal_password))
    authenticator = HttpAuthenticator(
        pool,
        environment.auth_url,
        TokenKey(environment.auth_token_key),
        TokenKey(environment.auth_cookie_key),
        message_bus(environment.message_bus),
    )
    settings = VoteSettings(environment.vote_database_url, environment.vote_ballot_key, environment.development)
    datastore = HttpDatastore(pool, environment.datastore_reader_url, environment.datastore_writer_url)
    application, station = create_vote_application(settings, datastore, authenticator)
    _call_at_the_end(application.close)
    threading.Thread(target=_tidy_for_ever, args=(station, threading.Event()), name="tidying", daemon=True).start()
    return InternalDoor(
        application,
        (environment.embedded_host, *environment.internal_hosts),
        None if environment.development else environment.internal_password,
        has_public_routes=True,
    )


def _call_at_the_end(close: Callable[[], None]) -> None:
    """Have `close` called as soon as a signal tells this process to end.

    Granian sets handlers of its own after this, which leave the socket alone that signals are written to.
    """
    receiver, sender = socket.socketpair()
    sender.setblocking(False)
    signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)

    def wait(_kept_open: socket.socket) -> None:
        while receiver.recv(1)[0] not in _END_SIGNALS:
            pass
        close()

    threading.Thread(target=wait, args=(sender,), name="waiting for the end", daemon=True).start()


def _tidy_for_ever(station: PollingStation, stopped: threading.Event) -> None:
    """At once and every hour; sooner if that failed."""
    pause = 0.0
    while not stopped.wait(pause):
        try:
            station.tidy()
            pause = _TIDYING_SECONDS
        except VoteError as error:
            logger.warning("polls that are over could not be cleared: %s", error.message)
            pause = _RETRY_SECONDS
