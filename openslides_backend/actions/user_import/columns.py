"""The columns of both imports (account_import.md, "Columns of an account")."""

from collections.abc import Sequence
from dataclasses import replace

from openslides_backend.actions.imports.columns import Column
from openslides_backend.engine.payload import Schema

_TEXT: Schema = {"maxLength": 256}
_NAME: Schema = {"minLength": 1, "maxLength": 256}

_ACCOUNT = (
    Column("title", nullable=True, limits=_TEXT),
    Column("first_name", nullable=True, limits=_TEXT),
    Column("last_name", nullable=True, limits=_TEXT),
    Column("is_active", "boolean"),
    Column("is_physical_person", "boolean"),
    Column("default_password", is_object=True, nullable=True, limits=_TEXT),
    Column("email", is_object=True, nullable=True, limits=_TEXT),
    Column("username", is_object=True, limits=_NAME),
    Column("gender", is_object=True, blank_is_absent=True),
    Column("pronoun", nullable=True, limits={"maxLength": 32}),
    Column("saml_id", is_object=True, blank_is_absent=True, trimmed=True, limits=_NAME),
    Column("member_number", is_object=True, blank_is_absent=True, limits=_TEXT),
    Column("home_committee", is_object=True, blank_is_absent=True),
    Column("external", "boolean", is_object=True),
)
_PARTICIPATION = (
    Column("structure_level", is_list=True, limits=_TEXT),
    Column("number", nullable=True, limits=_TEXT),
    Column("vote_weight", "decimal", nullable=True),
    Column("comment", nullable=True),
    Column("is_present", "boolean"),
    Column("groups", is_list=True, limits=_TEXT),
    Column("locked_out", "boolean"),
)


def _as_objects(columns: Sequence[Column]) -> tuple[Column, ...]:
    return tuple(replace(column, is_object=True) for column in columns)


ACCOUNT_COLUMNS = (*_ACCOUNT, Column("default_vote_weight", "decimal", is_object=True, nullable=True))
"""The columns of `account.json_upload`, in the order of its headers."""
PARTICIPANT_COLUMNS = _as_objects([*_ACCOUNT, *_PARTICIPATION])
"""The columns of `participant.json_upload`, in the order of its headers."""
