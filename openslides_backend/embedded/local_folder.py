"""The folder in which the stack of one machine keeps its data and secrets between two starts."""

import fcntl
import os
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from openslides_backend.environment import ConfigurationError

SECRETS = {
    "AUTH_TOKEN_KEY_FILE": "auth_token_key",
    "AUTH_COOKIE_KEY_FILE": "auth_cookie_key",
    "VOTE_BALLOT_KEY_FILE": "vote_ballot_key",
    "INTERNAL_AUTH_PASSWORD_FILE": "internal_auth_password",
    "SUPERADMIN_PASSWORD_FILE": "superadmin",
}
"""Variables that name secret files, and the names of the files that are made where they aren't set."""

_SECRET_BYTES = 32
_OWNER_ONLY = 0o077
_OURS = ("datastore.sqlite*", "auth.sqlite*", "vote.sqlite*", "media", "secrets", "lock")
"""What is kept in the folder, whoever else uses it."""


def prepare_folder(folder: Path) -> None:
    """Make the folder for this process and all that it starts; only their user can see what is in it.

    Modes of an older folder are corrected, and nothing that is made from now on is open to others.
    Raises ConfigurationError if it can't be made.
    """
    os.umask(_OWNER_ONLY)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # A folder that many share, such as /tmp, stays as it is.
        shared = folder.stat().st_mode & stat.S_ISVTX
        for path in (*(() if shared else (folder,)), *(path for name in _OURS for path in folder.glob(name))):
            _close_to_others(path)
    except OSError as error:
        raise ConfigurationError(f"OPENSLIDES_DATA_FOLDER: {folder} can't be used: {error.strerror}.") from error


def _close_to_others(path: Path) -> None:
    """A file may vanish meanwhile: other services of the folder start at the same time, and so do their databases."""
    with suppress(FileNotFoundError):
        status = path.lstat()
        if status.st_uid == os.geteuid() and status.st_mode & _OWNER_ONLY and not stat.S_ISLNK(status.st_mode):
            path.chmod(stat.S_IMODE(status.st_mode) & ~_OWNER_ONLY)


def lock_folder(folder: Path) -> None:
    """Make the folder, see `prepare_folder`, and keep it for this process and all that it starts, until all ended.

    Raises ConfigurationError if another stack uses it or it can't be written.
    """
    prepare_folder(folder)
    try:
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ConfigurationError(f"OPENSLIDES_DATA_FOLDER: {folder} can't be used: {error.strerror}.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise ConfigurationError(f"OPENSLIDES_DATA_FOLDER: {folder} is used by another running stack.") from error
    os.set_inheritable(descriptor, True)


def local_secrets(folder: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """Files for the secrets that the variables don't name, made on the first start: variable name to path.

    Raises ConfigurationError if one can't be written.
    """
    missing = {name: folder / "secrets" / file for name, file in SECRETS.items() if not variables.get(name)}
    try:
        for path in missing.values():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            if not path.exists():
                _write_secret(path)
    except OSError as error:
        raise ConfigurationError(f"OPENSLIDES_DATA_FOLDER: no secret can be written: {error.strerror}.") from error
    return {name: str(path) for name, path in missing.items()}


def _write_secret(path: Path) -> None:
    """Under another name first, so that a start that was broken off leaves no half of a secret."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(_SECRET_BYTES))
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
