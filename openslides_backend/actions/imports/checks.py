"""Checks of the second step, against the data as they are now (imports.md, "Step 2")."""

from collections.abc import Iterable, Mapping, Sequence

from openslides_backend.actions.imports.lookup import Lookup, Outcome, same_text
from openslides_backend.actions.imports.rows import Row, is_value_object
from openslides_backend.engine.unit_of_work import UnitOfWork
from openslides_backend.shared.exceptions import BadRequest


def check_main_key(row: Row, column: str, lookup: Lookup) -> int | None:
    """Check the column that identifies the row; the id of the model that the row means, None for a new one.

    Raises BadRequest if the value is missing, or the row updates a model without naming it.
    """
    value = row.value(column)
    if value in (None, ""):
        raise BadRequest(f"The preview has a row without {column}.")
    outcome = lookup.outcome(value)
    if outcome is Outcome.AMBIGUOUS:
        row.fail(f"{column}: there are several of '{value}'.", column)
        return None
    if outcome is Outcome.NOT_FOUND:
        _check_not_gone(row, column)
        return row.data.get("id")
    found = lookup.id(value)
    if row.state != "done":
        row.fail(f"{column}: '{value}' has been created in the meantime.", column)
    elif "id" not in row.data:
        raise BadRequest(f"The preview doesn't say what the row '{value}' updates.")
    elif row.data["id"] != found:
        row.fail(f"{column}: '{value}' is a different one now.", column)
    return found


def check_cross_key(row: Row, column: str, lookup: Lookup, main_id: int | None) -> None:
    """Check a further unique column; `main_id` is what the main key check came to."""
    value = row.value(column)
    if value in (None, ""):
        return
    outcome = lookup.outcome(value)
    if outcome is Outcome.AMBIGUOUS:
        row.fail(f"{column}: there are several of '{value}'.", column)
    elif outcome is Outcome.NOT_FOUND:
        _check_not_gone(row, column)
    elif main_id is None or lookup.id(value) != main_id:
        row.fail(f"{column}: '{value}' belongs to another one.", column)


def _check_not_gone(row: Row, column: str) -> None:
    named = row.data.get(column)
    if is_value_object(named) and "id" in named:
        row.fail(f"{column}: '{named['value']}' has been renamed or deleted in the meantime.", column)


def check_references(uow: UnitOfWork, rows: Sequence[Row], columns: Mapping[str, tuple[str, str]]) -> None:
    """Warn of values whose model is gone or has another name now.

    `columns` maps a column to the collection that it refers to, and the field that its values are.
    """
    for collection, name in dict.fromkeys(columns.values()):
        referring = [column for column, target in columns.items() if target == (collection, name)]
        ids = {entry["id"] for row in rows for column in referring for entry in row.objects(column) if "id" in entry}
        models = uow.get_many(collection, sorted(ids), "id", name) if ids else {}
        names = {id_: model.get(name) for id_, model in models.items()}
        for row in rows:
            _check_row_references(row, referring, names)


def _check_row_references(row: Row, columns: Iterable[str], names: Mapping[int, str | None]) -> None:
    for column in columns:
        for entry in row.objects(column):
            if "id" not in entry or same_text(names.get(entry["id"])) == same_text(entry["value"]):
                continue
            entry["info"] = "warning"
            reason = "has another name now" if entry["id"] in names else "doesn't exist any more"
            row.messages.append(f"{column}: '{entry['value']}' {reason}.")
