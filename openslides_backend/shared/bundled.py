"""Data that come with the service. In a checkout the package's `data` is a link to `global/data`."""

from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[1] / "data"


def bundled_data(name: str) -> Path:
    """The file of this name, such as `initial-data.json`."""
    return _FOLDER / name
