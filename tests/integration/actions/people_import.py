"""Helpers for the tests of the imports of accounts and participants."""

from collections.abc import Mapping
from typing import Any

from tests.integration.base import Answer, IntegrationTest


def value(value_: object, info: str = "done", id_: int | None = None) -> dict[str, Any]:
    """A value object."""
    return {"value": value_, "info": info, **({} if id_ is None else {"id": id_})}


class PeopleImportTest(IntegrationTest):
    """Base: meeting/1 in committee/60; uploads, and what became of them."""

    kind = "account"
    place: Mapping[str, Any] = {}

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()

    def upload(self, *rows: Mapping[str, Any], user: int = 1, status: int = 200) -> Answer:
        """Call the first step."""
        element = {**self.place, "data": list(rows)}
        return self.request(f"{self.kind}.json_upload", element, user=user).assert_status(status)

    def rows(self, *rows: Mapping[str, Any], user: int = 1) -> list[Any]:
        """The rows of the preview."""
        judged: list[Any] = self.upload(*rows, user=user).result["rows"]
        return judged

    def row(self, user: int = 1, **row: Any) -> Any:
        """The only row of a preview."""
        (judged,) = self.rows(row, user=user)
        return judged

    def carry_out(self, preview: int = 1, *, user: int = 1, really: bool = True, status: int = 200) -> Answer:
        """Call the second step."""
        element = {"id": preview, "import": really}
        return self.request(f"{self.kind}.import", element, user=user).assert_status(status)

    def bring_in(self, *rows: Mapping[str, Any], user: int = 1) -> Any:
        """Both steps; the result of the second one, which has succeeded."""
        result = self.upload(*rows, user=user).result
        assert result["state"] != "error", [row["messages"] for row in result["rows"]]
        done = self.carry_out(result["id"], user=user).result
        assert done["state"] == "done", [row["messages"] for row in done["rows"]]
        return done

    def assert_error(self, *columns: str, preview: int = 1, user: int = 1) -> Any:
        """The first row can't be imported any more because of these columns, and nothing has changed; the row."""
        before = self.find_models("user")
        result = self.carry_out(preview, user=user).result
        assert result["state"] == "error"
        row = result["rows"][0]
        assert row["state"] == "error"
        assert row["messages"]
        blamed = [name for name, found in row["data"].items() if "error" in str(found)]
        assert sorted(blamed) == sorted(columns)
        self.assert_model_exists(f"import_preview/{preview}")
        assert self.find_models("user") == before
        return row

    def find_user(self, username: str) -> dict[str, Any]:
        """The only account with the username."""
        (user,) = self.find_models("user", username=username).values()
        return dict(user)
