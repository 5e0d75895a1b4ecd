"""What the README and the welcome tell people to paste does what they say, on a fresh stack with the example data."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from dev.stack import ROOT, Stack
from openslides_backend.embedded.welcome import welcome
from openslides_backend.environment import Environment

README = (ROOT / "README.md").read_text(encoding="utf-8")
PORTS = {
    "ACTION": 9002,
    "PRESENTER": 9003,
    "AUTH": 9004,
    "DATASTORE_READER": 9010,
}


def paste(script: str) -> str:
    """What a shell prints for the script."""
    result = subprocess.run(["bash", "-e"], input=script, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def json_values(text: str) -> list[object]:
    """JSON values that follow each other with or without white space in between."""
    decoder, values, position = json.JSONDecoder(), [], 0
    while position < len(text):
        value, position = decoder.raw_decode(text, position)
        values.append(value)
        position = len(text) - len(text[position:].lstrip())
    return values


def readme_block(after: str, language: str = "") -> str:
    """The first block of code of this language that follows a text in the README."""
    match = re.search(rf"```{language}\n(.*?)```", README[README.index(after) :], re.DOTALL)
    assert match is not None
    return match[1]


@pytest.fixture
def stack() -> Stack:
    return Stack({"OPENSLIDES_BACKEND_CREATE_INITIAL_DATA": "1"})


def test_readme(stack: Stack) -> None:
    script = readme_block("## Try it", "sh")
    for name, port in PORTS.items():
        script = script.replace(f"localhost:{port}", f"localhost:{stack.ports[name]}")
    with stack:
        assert json_values(paste(script)) == json_values(readme_block("The answers, one a line").strip())


def test_welcome(stack: Stack, tmp_path: Path) -> None:
    with stack:
        text = welcome(Environment.from_mapping(stack.variables), 0.5)
        commands = text.partition("try it:\n")[2].replace('cd "$(mktemp -d)"', f"cd {tmp_path}")
        login, health, create, whoami = json_values(paste(commands))
    assert isinstance(login, dict)
    assert isinstance(health, dict)
    assert isinstance(create, dict)
    assert login["success"] is True
    assert "topic.create" in health["healthinfo"]["actions"]
    assert create["results"][0][0]["id"] == 7
    assert isinstance(whoami, list)
    assert "  superadmin       superadmin       superadmin\n" in text
