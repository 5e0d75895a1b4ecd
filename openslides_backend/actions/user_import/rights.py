"""Columns that the request user may not set (account_import.md, "field rights").

The judgement is that of the one table (permissions/user_fields.py). What differs for imports: which rule a column falls
under, and that `user.can_manage` counts in meetings, for accounts that exist, too.
"""

from collections.abc import Iterable, Mapping, Sequence

from openslides_backend.actions.imports.rows import Row
from openslides_backend.actions.user_import.columns import ACCOUNT_COLUMNS, PARTICIPANT_COLUMNS
from openslides_backend.engine.run import Run
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.user_fields import GROUP_OF, Case, FieldGroup, cases_of
from openslides_backend.shared.typing import Fields

_FIELDS = {
    "gender": "gender_id",
    "home_committee": "home_committee_id",
    "structure_level": "structure_level_ids",
    # Whoever may import an account may say how it logs in.
    "default_password": "username",
    "saml_id": "username",
}
"""The fields whose rules columns fall under, where the names differ."""
_FREE = ("groups",)
_GROUPS: Mapping[str, FieldGroup] = {
    name: GROUP_OF[_FIELDS.get(name, name)]
    for name in (*(column.name for column in (*ACCOUNT_COLUMNS, *PARTICIPANT_COLUMNS)), "gender_id")
    if name not in _FREE
}
_NEEDED_BY_NEW = ("username", "member_number")
"""Without them there would be no account."""


def judged_cases(run: Run, rows: Sequence[Row], meeting_id: int | None = None) -> list[Case | None]:
    """For each row what decides about its columns; `meeting_id` of a participants' import.

    None where nothing is forbidden: to superadmins, and in rows whose account isn't there any more, which are errors
    anyway. Four reads at most.
    """
    cases: list[Case | None] = [None for _ in rows]
    if run.checker.has_level(Level.SUPERADMIN):
        return cases
    stored = run.uow.get_many("user", [row.data["id"] for row in rows if "id" in row.data], "id")
    judged = [index for index, row in enumerate(rows) if row.data.get("id", 0) in {0, *stored}]
    accounts = [(_given(rows[index], meeting_id), rows[index].data.get("id")) for index in judged]
    found = run.checker.ask(cases_of(run.user_id, accounts, Permissions.User.CAN_MANAGE))
    for index, case in zip(judged, found, strict=True):
        cases[index] = case
    return cases


def _given(row: Row, meeting_id: int | None) -> Fields:
    """What a call of `user.create` or `user.update` for the row would contain, as far as rules look at it."""
    home = next((entry.get("id") for entry in row.objects("home_committee")), None)
    groups = [entry.get("id", 0) for entry in row.objects("groups")]
    participation = {} if meeting_id is None else {"meeting_id": meeting_id, "group_ids": groups}
    return {"home_committee_id": home, **participation}


def refuse_handed_over(rows: Iterable[Row], cases: Iterable[Case | None]) -> None:
    """Nobody gets rights to an account by taking it into the own meeting (user_permissions.md, section 5)."""
    for row, case in zip(rows, cases, strict=True):
        if case is not None and case.hands_over():
            row.fail("You are not allowed to take this account into the meeting: you would get rights to it.")


def _forbidden(row: Row, case: Case | None) -> set[str]:
    if case is None:
        return set()
    columns = [name for name in row.data if name in _GROUPS and not _is_unresolved(row, name)]
    refused = {group for group in {_GROUPS[name] for name in columns} if _is_refused(case, group)}
    exempt = _NEEDED_BY_NEW if case.is_new else ()
    return {name for name in columns if _GROUPS[name] in refused and name not in exempt}


def _is_refused(case: Case, group: FieldGroup) -> bool:
    if group is not FieldGroup.PARTICIPATION and case.level_refusal() is not None:
        return True
    return case.refusal(group) is not None


def _is_unresolved(row: Row, column: str) -> bool:
    return column == "home_committee" and any(entry.get("info") == "error" for entry in row.objects(column))


def remove_forbidden(rows: Iterable[Row], cases: Iterable[Case | None]) -> None:
    """First step: leave the columns out that the request user may not set, and say so."""
    for row, case in zip(rows, cases, strict=True):
        columns = _forbidden(row, case)
        if columns:
            row.messages.append(f"You are not allowed to set {_listed(columns)}: will be left out.")
        for entry in _objects(row, columns):
            if entry.get("info") != "error":
                entry["info"] = "remove"


def compare_forbidden(rows: Iterable[Row], cases: Iterable[Case | None]) -> None:
    """Second step: tell which columns may be set now, and refuse rows with those that may not be set any more."""
    for row, case in zip(rows, cases, strict=True):
        columns = _forbidden(row, case)
        removed = {name for name in row.data if name in _GROUPS and _is_removed(row, name)}
        if allowed := removed - columns:
            row.messages.append(f"You are allowed to set {_listed(allowed)} by now: will be set.")
        for name in allowed:
            for entry in row.objects(name):
                is_missing = name == "structure_level" and "id" not in entry
                entry["info"] = "new" if is_missing else "done"
        if lost := columns - removed:
            row.fail(f"You are not allowed to set {_listed(lost)} any more.")
        for entry in _objects(row, lost):
            entry["info"] = "error"


def _is_removed(row: Row, column: str) -> bool:
    return any(entry.get("info") == "remove" for entry in row.objects(column))


def _objects(row: Row, columns: Iterable[str]) -> list[Fields]:
    return [entry for name in columns for entry in row.objects(name)]


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(sorted(columns))
