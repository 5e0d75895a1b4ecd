"""Version of the models."""

from typing import Final

MIGRATION_INDEX: Final = 83
"""Number of the last migration that the models are the result of; exported data carry theirs (checker.md)."""
