"""Small questions to servers that are starting, with nothing but the standard library.

As `python -m openslides_backend.serve.probe [URL...]` the health check of containers.
"""

import http.client
import json
import os
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from openslides_backend.environment import ConfigurationError, Environment
from openslides_backend.shared.internal_access import internal_headers

_HEALTH_PATHS = {
    "action": "/system/action/health",
    "presenter": "/system/presenter/health",
    "permission": "/health",
}


def is_healthy(url: str, timeout: float = 1.0) -> bool:
    """Whether a GET of the health route is answered with 200 within `timeout` seconds."""
    try:
        return _request("GET", url, None, {}, timeout)[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def post_json(url: str, body: object, headers: Mapping[str, str], timeout: float) -> tuple[int, Any]:
    """Status and JSON value of the answer to a POST.

    Raises OSError or http.client.HTTPException if there is no answer, ValueError if it isn't JSON.
    """
    headers = {"Content-Type": "application/json", **headers}
    status, content = _request("POST", url, json.dumps(body).encode(), headers, timeout)
    return status, json.loads(content)


def is_filled(environment: Environment, timeout: float = 5.0) -> bool:
    """Whether the datastore of this environment has, or had, an organization.

    Raises OSError, http.client.HTTPException or ValueError if the reader doesn't tell.
    """
    query = {"collection": "organization", "mapped_fields": ["id"], "get_deleted_models": 3}
    status, models = post_json(
        f"{environment.datastore_reader_url}/get_all", query, internal_headers(environment.internal_password), timeout
    )
    if status != 200:
        raise ValueError(f"the datastore reader answered {status}: {models}")
    return bool(models)


def _request(
    method: str, url: str, body: bytes | None, headers: Mapping[str, str], timeout: float
) -> tuple[int, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=timeout)
    try:
        connection.request(method, parts.path, body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def component_urls(environment: Environment) -> dict[str, str]:
    """The health routes of the components that a master with this environment runs, as seen from its own machine."""
    ports = {
        "action": environment.action_port,
        "presenter": environment.presenter_port,
        "permission": environment.permission_port,
    }
    return {name: f"http://127.0.0.1:{ports[name]}{_HEALTH_PATHS[name]}" for name in environment.components}


def main() -> int:
    """Exit code 0 if all given URLs, or all components of this environment, are healthy."""
    try:
        urls = sys.argv[1:] or component_urls(Environment.from_mapping(os.environ, secrets=False)).values()
    except ConfigurationError as error:
        sys.stderr.write(f"openslides_backend: {error}\n")
        return 1
    return 0 if all(is_healthy(url, timeout=5) for url in urls) else 1


if __name__ == "__main__":
    sys.exit(main())
