"""The committed example data are what the service's actions make."""

from pathlib import Path

import pytest

from dev.create_example_data import FILE, main


def test_example_data_are_up_to_date() -> None:
    assert main(["--check"]) == 0


def test_stale_data_are_noticed_and_made_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "example-data.json"
    content = FILE.read_text(encoding="utf-8")
    file.write_text(content.replace("Example meeting", "Another meeting"), encoding="utf-8")
    assert main(["--check"], file) == 1
    assert "make example-data" in capsys.readouterr().err
    assert main([], file) == 0
    assert file.read_text(encoding="utf-8") == content
