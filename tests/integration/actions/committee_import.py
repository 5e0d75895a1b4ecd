"""Base of the tests for the import of committees."""

from typing import Any

from tests.integration.actions.rights import RightsTest
from tests.integration.base import Answer

COUNTED = (
    "total",
    "created",
    "updated",
    "error",
    "warning",
    "meetings_created",
    "meetings_cloned",
    "organization_tags_created",
)


def done(value: str, id_: int | None = None) -> dict[str, Any]:
    """A value object."""
    return {"value": value, "info": "done", **({} if id_ is None else {"id": id_})}


def new(value: str) -> dict[str, Any]:
    """One of something that will be created."""
    return {"value": value, "info": "new"}


def warning(value: str) -> dict[str, Any]:
    """One of something that will be left out."""
    return {"value": value, "info": "warning"}


def error(value: str) -> dict[str, Any]:
    """One of something that makes the row an error."""
    return {"value": value, "info": "error"}


def chain(length: int) -> list[dict[str, Any]]:
    """Rows of new committees, each below the one before."""
    return [{"name": f"level {n}", **({"parent": f"level {n - 1}"} if n else {})} for n in range(length)]


class CommitteeImportTest(RightsTest):
    """Base: committees 1 "one", 2 "two" below it, and 3 and 4, both "twin"; user/9 "anna"; organization_tag/7 "tag"."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_committee(1, name="one", child_ids=[2], all_child_ids=[2])
        self.create_committee(2, name="two", parent_id=1, all_parent_ids=[1])
        self.create_committee(3, name="twin")
        self.create_committee(4, name="twin")
        self.set_models(
            {
                "user/9": {"username": "anna", "organization_id": 1},
                "organization_tag/7": {"name": "tag", "color": "#ffffff", "organization_id": 1},
            }
        )
        self.add_to_lists({"organization/1": {"user_ids": [9], "organization_tag_ids": [7]}})

    def add_meeting(self, base: int, committee_id: int, name: str, **fields: Any) -> None:
        """Store a meeting."""
        self.create_meeting(base, committee_id=committee_id, name=name, **fields)

    def upload(self, *rows: Any, status: int = 200) -> Answer:
        """Call the first step."""
        return self.request("committee.json_upload", {"data": list(rows)}).assert_status(status)

    def rows(self, *rows: Any) -> list[Any]:
        """The rows that the first step answers."""
        found: list[Any] = self.upload(*rows).result["rows"]
        return found

    def carry_out(self, preview_id: int = 1, status: int = 200, *, really: bool = True) -> Answer:
        """Call the second step."""
        return self.request("committee.import", {"id": preview_id, "import": really}).assert_status(status)

    def bring_in(self, *rows: Any) -> dict[str, int]:
        """Call both steps; the ids of all committees by their names."""
        preview_id = self.upload(*rows).result["id"]
        assert self.carry_out(preview_id).result["state"] == "done"
        return self.ids()

    def ids(self) -> dict[str, int]:
        """The ids of all committees by their names."""
        return {committee["name"]: id_ for id_, committee in self.find_models("committee").items()}

    def assert_counts(self, answer: Answer, **values: int) -> None:
        """Fail unless the statistics are these, and 0 besides."""
        expected = [{"name": name, "value": values.get(name, 0)} for name in COUNTED]
        assert answer.result["statistics"] == expected
