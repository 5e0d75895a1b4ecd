"""`is_hidden` and `is_internal` of agenda items (agenda_item.md, "Shared rules")."""

from openslides_backend.shared.typing import Fields, ReadOnlyFields

FLAGS = {"is_hidden": "hidden", "is_internal": "internal"}
"""The flags with the type of item that sets them."""


def flags_of(type_: str | None, parent: ReadOnlyFields) -> Fields:
    """The flags of an item of this type below a parent; no parent: an empty object."""
    return {flag: type_ == kind or bool(parent.get(flag)) for flag, kind in FLAGS.items()}
