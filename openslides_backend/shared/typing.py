"""Types that every room uses."""

from collections.abc import Mapping
from typing import Any

Fields = dict[str, Any]
"""Fields of a model or of a payload element, by name."""
ReadOnlyFields = Mapping[str, Any]
Models = dict[int, Fields]
"""Models of one collection by id."""
