"""Brings stored data of an older version to the current one: on start, and by a command."""

import logging
import sys
import time
from collections.abc import Callable, Mapping

from openslides_backend.environment import ConfigurationError, Environment
from openslides_backend.serve.loading import load_factory
from openslides_backend.serve.logs import setup_logging
from openslides_backend.serve.probe import is_healthy
from openslides_backend.shared.exceptions import BackendError, ServiceError

_FACTORY = "openslides_backend.wsgi:create_migration"
_PATIENCE = 90.0
"""Seconds that the command waits for the datastore."""
_INTERVAL = 0.5

_logger = logging.getLogger(__name__)


def migrate_on_start(environment: Environment) -> int:
    """Wait for the datastore, however long that takes, and migrate its data; 0, or 1 if they can't be."""
    migrate: Callable[[], str] = load_factory(_FACTORY)(environment)
    while True:
        if _is_there(environment):
            try:
                _logger.info("migration: %s", migrate())
            except ServiceError as error:
                _logger.warning("migration: %s", error.message)
            except BackendError as error:
                _logger.critical("migration: %s", error.message)
                return 1
            else:
                return 0
        time.sleep(_INTERVAL)


def migrate_by_command(variables: Mapping[str, str]) -> int:
    """`python -m openslides_backend migrate`: migrate the data and tell of it in one line; 0, or 1 if that failed."""
    try:
        environment = Environment.from_mapping(variables)
        setup_logging("migrate", environment.loglevel, environment.log_format)
        deadline = time.monotonic() + _PATIENCE
        while not _is_there(environment):
            if time.monotonic() > deadline:
                raise ServiceError(f"the datastore is not healthy after {_PATIENCE:g} seconds")
            time.sleep(_INTERVAL)
        sys.stdout.write(f"{load_factory(_FACTORY)(environment)()}\n")
    except ConfigurationError as error:
        return _failed(str(error))
    except BackendError as error:
        return _failed(error.message)
    return 0


def _failed(problem: str) -> int:
    sys.stderr.write(f"openslides_backend: {problem}\n")
    return 1


def _is_there(environment: Environment) -> bool:
    urls = environment.datastore_reader_url, environment.datastore_writer_url
    return all(is_healthy(f"{url}/health") for url in urls)
