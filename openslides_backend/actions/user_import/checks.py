"""What is checked of a row once it is known whom it means (account_import.md, checks E to J)."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from openslides_backend.actions.imports.columns import Column
from openslides_backend.actions.imports.lookup import Lookup, Outcome, read_lookups
from openslides_backend.actions.imports.rows import Row, is_value_object, value_object
from openslides_backend.actions.user.hashing import generate_password
from openslides_backend.engine.run import Run
from openslides_backend.shared.mail_address import is_valid_address

_LEAST_WEIGHT = Decimal("0.000001")


def check_accounts(run: Run, rows: Sequence[Row]) -> None:
    """Judge what rows say about their accounts. One read."""
    lookups = _References(rows)
    read_lookups(run.uow, lookups.genders, lookups.committees)
    checks: tuple[Callable[[Row], None], ...] = (
        _check_username,
        _check_default_password,
        lookups.check_gender,
        _check_email,
        lookups.check_home_committee,
        _check_external,
    )
    for row in rows:
        for check in checks:
            check(row)
        if row.data.get("id") == run.user_id and row.value("is_active") is False:
            row.data["is_active"] = value_object(False, "error")
            row.messages.append("is_active: You can not set yourself inactive.")


def _check_username(row: Row) -> None:
    if not row.value("username"):
        row.fail("username: There is none, and no name that one could be made of.")


def _check_default_password(row: Row) -> None:
    if "saml_id" in row.data:
        return
    if "default_password" in row.data:
        row.data["default_password"] = value_object(row.data["default_password"], "done")
    elif row.state == "new":
        row.data["default_password"] = value_object(generate_password(), "generated")


def _check_email(row: Row) -> None:
    if not (email := row.data.get("email")):
        return
    row.data["email"] = value_object(email, "done")
    if not is_valid_address(email):
        row.fail("email: This is not a valid address.", "email")


class _References:
    """Genders and home committees that rows name."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.genders = self._lookup(rows, "gender", "gender")
        self.committees = self._lookup(rows, "committee", "home_committee")

    @staticmethod
    def _lookup(rows: Sequence[Row], collection: str, column: str) -> Lookup:
        return Lookup(collection, "name", [row.data[column] for row in rows if column in row.data], refers=True)

    def check_gender(self, row: Row) -> None:
        """Check G: one that doesn't exist is left out."""
        if "gender" not in row.data:
            return
        name = row.data["gender"]
        if ids := self.genders.ids(name):
            row.data["gender"] = value_object(name, "done", ids[0])
        else:
            row.data["gender"] = value_object(name, "warning")
            row.messages.append(f"gender: There is no '{name}': it will be left out.")

    def check_home_committee(self, row: Row) -> None:
        """Check I, as far as a committee is named."""
        if "home_committee" not in row.data:
            return
        name = row.data["home_committee"]
        row.data["home_committee"] = value_object(name, "done", self.committees.id(name))
        if self.committees.outcome(name) is not Outcome.FOUND:
            row.fail(f"home_committee: There is none, or several, with the name '{name}'.", "home_committee")


def _check_external(row: Row) -> None:
    """Check I, as far as `external` is concerned."""
    external = row.data.get("external")
    if "home_committee" in row.data:
        row.data["external"] = value_object(bool(external), "generated" if external is None else "done")
        if external:
            row.fail("external: Who has a home committee can not be external.", "external")
    elif external is not None:
        row.data["external"] = value_object(external, "done")
        if external:
            row.data["home_committee"] = value_object(None, "generated")
            row.messages.append("home_committee: It will be removed, as external accounts have none.")


def check_weight(row: Row, column: str) -> None:
    """A vote weight must not be lower than the smallest one, unless it is left out anyway."""
    weight, objects = row.value(column), row.objects(column)
    if weight is None or any(entry.get("info") == "remove" for entry in objects):
        return
    if Decimal(weight) < _LEAST_WEIGHT:
        row.data[column] = value_object(weight, "error")
        row.fail(f"{column}: It must be at least {_LEAST_WEIGHT}.", column)


def as_objects(rows: Iterable[Row], columns: Sequence[Column]) -> None:
    """Make value objects of those values that nothing was found out about."""
    names = [column.name for column in columns if not column.is_list]
    for row in rows:
        for name in names:
            if name in row.data and not is_value_object(row.data[name]):
                row.data[name] = value_object(row.data[name], "done")
