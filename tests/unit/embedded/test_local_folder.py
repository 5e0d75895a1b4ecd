import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from openslides_backend.embedded.local_folder import SECRETS, local_secrets, lock_folder, prepare_folder
from openslides_backend.environment import ConfigurationError


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_modes_of_an_older_folder_are_corrected(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    for path in (folder, folder / "media", folder / "secrets", folder / "others"):
        path.mkdir(mode=0o755)
    for name in ("datastore.sqlite", "datastore.sqlite-wal", "auth.sqlite", "lock", "note"):
        (folder / name).touch(0o644)
    (tmp_path / "elsewhere").touch(0o644)
    (folder / "auth.sqlite-wal").symlink_to(tmp_path / "elsewhere")
    prepare_folder(folder)
    for name in (".", "media", "secrets"):
        assert mode(folder / name) == 0o700
    for name in ("datastore.sqlite", "datastore.sqlite-wal", "auth.sqlite", "lock"):
        assert mode(folder / name) == 0o600
    assert mode(folder / "others") == 0o755
    assert mode(folder / "note") == mode(tmp_path / "elsewhere") == 0o644
    (folder / "later").touch()
    assert mode(folder / "later") == 0o600


def test_a_file_that_vanishes_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lock").touch()
    monkeypatch.setattr(Path, "glob", lambda folder, name: iter([folder / "gone", folder / "lock"]))
    prepare_folder(tmp_path)
    assert mode(tmp_path / "lock") == 0o600


def test_a_folder_that_many_share_stays_open(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o1777)
    (folder / "datastore.sqlite").touch(0o644)
    prepare_folder(folder)
    assert mode(folder) == 0o1777
    assert mode(folder / "datastore.sqlite") == 0o600


def test_secrets_are_made_once(tmp_path: Path) -> None:
    files = local_secrets(tmp_path, {})
    contents = {name: Path(file).read_text() for name, file in files.items()}
    assert set(files) == set(SECRETS)
    assert len(set(contents.values())) == len(SECRETS)
    assert all(len(content) >= 40 for content in contents.values())
    assert all(stat.S_IMODE(Path(file).stat().st_mode) == 0o600 for file in files.values())
    local_secrets(tmp_path, {})
    assert {name: Path(file).read_text() for name, file in files.items()} == contents


def test_own_secrets_are_left_to_the_user(tmp_path: Path) -> None:
    files = local_secrets(tmp_path, {"AUTH_TOKEN_KEY_FILE": "/own/file"})
    assert "AUTH_TOKEN_KEY_FILE" not in files
    assert not (tmp_path / "secrets" / "auth_token_key").exists()


def test_a_broken_off_start_leaves_no_half_of_a_secret(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "superadmin.new").write_text("ha")
    files = local_secrets(tmp_path, {})
    assert len(Path(files["SUPERADMIN_PASSWORD_FILE"]).read_text()) >= 40
    assert not (tmp_path / "secrets" / "superadmin.new").exists()


def test_folder_is_made_for_its_owner_only_and_locked(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    lock_folder(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    with pytest.raises(ConfigurationError, match="another running stack"):
        lock_folder(folder)


def test_folder_that_can_not_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="OPENSLIDES_DATA_FOLDER"):
        lock_folder(tmp_path / "file" / "data")
