"""Fills an empty datastore when the service starts (`OPENSLIDES_BACKEND_CREATE_INITIAL_DATA`, http.md).

In development mode with the example data, otherwise with the initial data and the superadmin's password.
"""

import base64
import json
import logging
import time
from http.client import HTTPException
from typing import Any

from openslides_backend.environment import ConfigurationError, Environment, read_secret
from openslides_backend.serve.probe import component_urls, is_filled, is_healthy, post_json
from openslides_backend.services.passwords import hash_password
from openslides_backend.shared.bundled import bundled_data

EXAMPLE_DATA = bundled_data("example-data.json")
INITIAL_DATA = bundled_data("initial-data.json")

_PATIENCE = 90.0
"""Seconds to wait for the services, which may wait for a database, and for the import."""
_TIMEOUT = 30.0
_INTERVAL = 0.05

_logger = logging.getLogger(__name__)


class ImportFailed(Exception):
    """The data could not be imported; the message tells people why."""


def create_initial_data(environment: Environment) -> int:
    """Wait for the services and import the data into an empty datastore; 0, or 1 if that failed."""
    try:
        _wait_for_services(environment)
        if not is_filled(environment):
            _import(environment)
    except (ImportFailed, ConfigurationError, OSError, HTTPException, ValueError) as error:
        _logger.critical("no initial data: %s", error)
        return 1
    return 0


def _wait_for_services(environment: Environment) -> None:
    urls = {
        "action": component_urls(environment)["action"],
        "datastore reader": f"{environment.datastore_reader_url}/health",
        "datastore writer": f"{environment.datastore_writer_url}/health",
    }
    deadline = time.monotonic() + _PATIENCE
    for name, url in urls.items():
        while not is_healthy(url):
            if time.monotonic() > deadline:
                raise ImportFailed(f"{name} is not healthy after {_PATIENCE:g} seconds")
            time.sleep(_INTERVAL)


def _import(environment: Environment) -> None:
    """Import through the internal route, as anybody could."""
    if environment.internal_password is None:
        raise ConfigurationError("INTERNAL_AUTH_PASSWORD_FILE is not set.")
    status, answer = post_json(
        f"http://127.0.0.1:{environment.action_port}/internal/handle_request",
        [{"action": "organization.initial_import", "data": [{"data": _data(environment)}]}],
        {"Authorization": base64.b64encode(environment.internal_password.encode()).decode()},
        _TIMEOUT,
    )
    if status not in (200, 202) and not is_filled(environment):  # another replica may have been faster
        raise ImportFailed(f"status {status}: {answer}")
    deadline = time.monotonic() + _PATIENCE
    while not is_filled(environment):  # a slow import goes on after its answer
        if time.monotonic() > deadline:
            raise ImportFailed(f"the import was not finished after {_PATIENCE:g} seconds")
        time.sleep(_INTERVAL)
    _logger.info("the datastore was empty: data imported")


def _data(environment: Environment) -> dict[str, Any]:
    file = EXAMPLE_DATA if environment.development else INITIAL_DATA
    data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    if not environment.development:
        password = read_secret(environment.superadmin_password_file, "SUPERADMIN_PASSWORD_FILE")
        data["user"]["1"]["password"] = hash_password(password)
    return data
