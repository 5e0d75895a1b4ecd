"""Import of accounts (account_import.md)."""

from collections.abc import Sequence

from openslides_backend.actions.imports.columns import UploadPayload
from openslides_backend.actions.imports.execution import ImportAction
from openslides_backend.actions.imports.rows import Row
from openslides_backend.actions.imports.upload import JsonUpload
from openslides_backend.actions.user_import.checks import as_objects, check_accounts, check_weight
from openslides_backend.actions.user_import.columns import ACCOUNT_COLUMNS
from openslides_backend.actions.user_import.execution import check_keys, write_accounts
from openslides_backend.actions.user_import.matching import Matching
from openslides_backend.actions.user_import.rights import compare_forbidden, judged_cases, remove_forbidden
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.rules import oml
from openslides_backend.shared.typing import Fields

_NAME = "account"


class AccountJsonUpload(JsonUpload):
    """Show which accounts a table would create and update."""

    name = "account.json_upload"
    import_name = _NAME
    payload = UploadPayload(ACCOUNT_COLUMNS)
    permission = oml(Level.CAN_MANAGE_USERS)

    def judge(self, element: Fields, rows: Sequence[Row]) -> None:
        Matching(self.uow, rows).match()
        check_accounts(self.run, rows)
        for row in rows:
            check_weight(row, "default_vote_weight")
        as_objects(rows, ACCOUNT_COLUMNS)
        remove_forbidden(rows, judged_cases(self.run, rows))


class AccountImport(ImportAction):
    """Create and update the accounts of a preview."""

    name = "account.import"
    import_name = _NAME
    permission = oml(Level.CAN_MANAGE_USERS)

    def check_again(self, rows: Sequence[Row]) -> None:
        check_keys(self.uow, rows)
        compare_forbidden(rows, judged_cases(self.run, rows))

    def carry_out(self, rows: Sequence[Row]) -> None:
        write_accounts(self, rows, [{} for _ in rows])
