"""What a process loads before it can serve: the start must not pay for what may never be needed."""

import subprocess
import sys

import pytest

HEAVY = ("authlib", "psycopg", "redis")


@pytest.mark.parametrize(
    "module",
    [
        "openslides_backend.wsgi",
        "openslides_backend.embedded.servers.auth",
        "openslides_backend.embedded.servers.datastore",
        "openslides_backend.embedded.servers.media",
        "openslides_backend.embedded.servers.vote",
    ],
)
def test_loaded_only_when_needed(module: str) -> None:
    code = f"import sys, {module}\nprint(*[name for name in {HEAVY!r} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert loaded == []
