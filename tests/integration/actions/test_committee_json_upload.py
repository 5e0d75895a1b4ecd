"""First step of the import of committees (imports.md, committee_import.md)."""

from typing import Any, ClassVar

import pytest

from openslides_backend.actions.committee import import_meetings
from openslides_backend.actions.committee.import_meetings import MAX_MEETINGS
from openslides_backend.actions.committee.tree import MAX_ABOVE
from tests.integration.actions.committee_import import CommitteeImportTest, chain, done, error, new, warning

DAY = 24 * 60 * 60
FIRST = 1691539200
"""2023-08-09, 00:00 UTC."""


class TestCommittees(CommitteeImportTest):
    """Names, parents, managers, forwardings, tags."""

    def test_all_columns(self) -> None:
        row = {
            "name": "new",
            "description": "<script>",
            "forward_to_committees": "one, new",
            "organization_tags": ["tag", "fresh"],
            "managers": '"anna"',
            "meeting_name": "m",
            "meeting_start_time": "2023-08-09",
            "meeting_end_time": "2023-08-10",
            "meeting_admins": ["anna"],
            "meeting_template": "",
            "parent": "two",
            "more": 5,
        }
        answer = self.upload(row)
        data = {
            "name": new("new"),
            "description": "<script>",
            "forward_to_committees": [done("one", 1), done("new")],
            "organization_tags": [done("tag", 7), new("fresh")],
            "managers": [done("anna", 9)],
            "meeting_name": "m",
            "meeting_start_time": FIRST,
            "meeting_end_time": FIRST + DAY,
            "meeting_admins": [done("anna", 9)],
            "parent": done("two", 2),
        }
        rows = [{"state": "new", "messages": [], "data": data}]
        assert answer.result["rows"] == rows
        assert answer.result["state"] == "done"
        self.assert_counts(answer, total=1, created=1, meetings_created=1, organization_tags_created=1)
        many = {"type": "string", "is_object": True, "is_list": True}
        assert answer.result["headers"] == [
            {"property": "name", "type": "string", "is_object": True},
            {"property": "description", "type": "string"},
            *({"property": name, **many} for name in ("forward_to_committees", "organization_tags", "managers")),
            {"property": "meeting_name", "type": "string"},
            {"property": "meeting_start_time", "type": "date"},
            {"property": "meeting_end_time", "type": "date"},
            {"property": "meeting_admins", **many},
            {"property": "meeting_template", "type": "string", "is_object": True},
            {"property": "parent", "type": "string", "is_object": True},
        ]
        self.assert_model_exists("import_preview/1", {"name": "committee", "state": "done", "result": {"rows": rows}})
        assert set(self.ids()) == {"one", "two", "twin"}

    def test_names(self) -> None:
        answer = self.upload(*({"name": name} for name in ("one", "One", "twin", "two", "two", "x", "x")))
        rows = answer.result["rows"]
        assert [row["state"] for row in rows] == ["done", "new", *["error"] * 5]
        assert rows[0]["data"] == {"name": done("one", 1), "id": 1}
        assert rows[1]["data"] == {"name": new("One")}
        assert [row["data"] for row in rows[2:4]] == [{"name": error("twin")}, {"name": error("two")}]
        assert [len(row["messages"]) for row in rows] == [0, 0, *[1] * 5]
        self.assert_counts(answer, total=7, created=1, updated=1, error=5)
        assert answer.result["state"] == "error"

    def test_parents(self) -> None:
        parents = ["one", "c", "unknown", "twin", "double", ""]
        rows = self.rows(
            *({"name": name, "parent": parent} for name, parent in zip("abcdef", parents, strict=True)),
            {"name": "double"},
            {"name": "double"},
        )
        expected = [done("one", 1), new("c"), *[warning("")] * 3]
        assert [row["data"]["parent"] for row in rows[:5]] == expected
        assert "parent" not in rows[5]["data"]
        assert [len(row["messages"]) for row in rows[:6]] == [0, 0, 1, 1, 1, 0]
        assert {row["state"] for row in rows[:6]} == {"new"}

    def test_people(self) -> None:
        (row,) = self.rows({"name": "x", "managers": ["anna", "Anna", "nobody", "superadmin"]})
        assert row["data"]["managers"] == [done("anna", 9), warning("Anna"), warning("nobody"), done("superadmin", 1)]
        assert len(row["messages"]) == 1
        assert "Anna, nobody" in row["messages"][0]
        assert row["state"] == "new"

    def test_forwardings(self) -> None:
        names = ["one", "new", "unknown", "other", "twin", "double"]
        rows = self.rows({"name": "new", "forward_to_committees": names}, {"name": "double"}, {"name": "double"})
        assert rows[0]["data"]["forward_to_committees"] == [
            done("one", 1),
            done("new"),
            warning("unknown"),
            warning("other"),
            done("twin"),
            done("double"),
        ]
        assert len(rows[0]["messages"]) == 2

    def test_tags(self) -> None:
        self.set_models({f"organization_tag/{id_}": {"name": "twice", "color": "#ffffff"} for id_ in (20, 21)})
        tags = ["tag", "fresh", "twice"]
        answer = self.upload({"name": "a", "organization_tags": tags}, {"name": "b", "organization_tags": ["fresh"]})
        first, second = answer.result["rows"]
        assert first["data"]["organization_tags"] == [done("tag", 7), new("fresh"), done("twice")]
        assert second["data"]["organization_tags"] == [done("fresh")]
        assert [len(first["messages"]), len(second["messages"])] == [1, 0]
        self.assert_counts(answer, total=2, created=2, organization_tags_created=1)

    def test_empty_lists_stay(self) -> None:
        columns = ("forward_to_committees", "organization_tags", "managers", "meeting_admins")
        (row,) = self.rows({"name": "x", **dict.fromkeys(columns, "")})
        assert row == {"state": "new", "messages": [], "data": {"name": new("x"), **{name: [] for name in columns}}}

    @pytest.mark.parametrize(
        "row",
        [
            {},
            {"name": ""},
            {"name": "x" * 257},
            {"name": "x", "managers": "a,a"},
            {"name": "x", "managers": "a,,b"},
            {"name": "x", "managers": None},
            {"name": "x", "parent": None},
            {"name": "x", "meeting_name": ""},
            {"name": "x", "meeting_name": "m" * 101},
            {"name": "x", "meeting_start_time": "9.8.2023"},
            {"name": "x", "meeting_template": None},
        ],
    )
    def test_refused_rows(self, row: Any) -> None:
        self.upload({"name": "y"}, row, status=400)
        assert not self.find_models("import_preview")

    def test_rights(self) -> None:
        element = {"data": [{"name": "x"}]}
        for oml, status in (("can_manage_organization", 200), ("can_manage_users", 403)):
            self.request("committee.json_upload", element, user=self.create_user(oml=oml)).assert_status(status)
        self.request("committee.json_upload", element, user=self.create_manager(1)).assert_status(403)
        self.request("committee.json_upload", element, user=0).assert_status(403)
        self.request("committee.json_upload", {**element, "meeting_id": 1}).assert_status(400)


class TestMeetings(CommitteeImportTest):
    """Meetings and their templates."""

    def test_columns_without_a_meeting(self) -> None:
        data = {"meeting_admins": ["anna"], "meeting_end_time": "2023-08-09", "meeting_template": "t"}
        (row,) = self.rows({"name": "one", **data})
        assert row["state"] == "done"
        assert len(row["messages"]) == 1
        assert row["data"]["meeting_admins"] == ["anna"]
        assert row["data"]["meeting_end_time"] == FIRST
        assert row["data"]["meeting_template"] == warning("t")

    @pytest.mark.parametrize(
        ("times", "state"),
        [
            ({}, "new"),
            ({"meeting_start_time": "2023-08-09", "meeting_end_time": "2023-08-09"}, "new"),
            ({"meeting_start_time": "2023-08-10", "meeting_end_time": "2023-08-09"}, "error"),
            ({"meeting_start_time": "2023-08-10"}, "error"),
            ({"meeting_end_time": "2023-08-10"}, "error"),
        ],
    )
    def test_times(self, times: dict[str, str], state: str) -> None:
        (row,) = self.rows({"name": "x", "meeting_name": "m", "meeting_admins": "anna", **times})
        assert row["state"] == state
        assert len(row["messages"]) == (state == "error")

    @pytest.mark.parametrize(
        ("stored", "times", "state"),
        [
            ({}, [], "error"),
            ({}, ["2023-08-09", "2023-08-10"], "done"),
            ({"start_time": FIRST + 5, "end_time": FIRST + 2 * DAY - 1}, ["2023-08-09", "2023-08-10"], "error"),
            ({"start_time": FIRST + 5, "end_time": FIRST + 2 * DAY}, ["2023-08-09", "2023-08-10"], "done"),
            ({"start_time": FIRST, "end_time": FIRST}, [], "done"),
            ({"is_active_in_organization_id": None}, [], "error"),
        ],
    )
    def test_the_same_meeting(self, stored: dict[str, Any], times: list[str], state: str) -> None:
        self.add_meeting(10, 1, "m", **stored)
        days = dict(zip(("meeting_start_time", "meeting_end_time"), times, strict=False))
        row = {"meeting_name": "m", "meeting_admins": ["anna"], **days}
        same, other = self.rows({"name": "one", **row}, {"name": "two", **row})
        assert [same["state"], other["state"]] == [state, "done"]
        assert len(same["messages"]) == (state == "error")

    def test_no_admins(self) -> None:
        meeting = {"meeting_name": "m"}
        without, unknown = self.rows({"name": "a", **meeting}, {"name": "b", "meeting_admins": ["nobody"], **meeting})
        assert without["data"]["meeting_admins"] == [error("")]
        assert unknown["data"]["meeting_admins"] == [warning("nobody"), error("")]
        assert [without["state"], unknown["state"]] == ["error", "error"]
        assert [len(without["messages"]), len(unknown["messages"])] == [1, 2]

    def test_templates(self) -> None:
        self.add_meeting(10, 1, "t")
        self.add_to_groups(9, [11])
        self.add_meeting(20, 1, "no admin")
        for base in (30, 40):
            self.add_meeting(base, 1, "twice")
        templates = ["t", "no admin", "twice", "unknown"]
        given = {"meeting_name": "m", "meeting_admins": ["nobody"]}
        found = []
        for template in templates:
            (row,) = self.rows({"name": "one", "meeting_template": template, **given})
            found.append((row["state"], row["data"]["meeting_template"], len(row["messages"])))
        assert found == [
            ("done", done("t", 10), 1),
            ("error", done("no admin", 20), 2),
            ("error", warning("twice"), 3),
            ("error", warning("unknown"), 3),
        ]

    def test_templates_are_those_of_the_committee(self) -> None:
        self.add_meeting(10, 1, "t")
        given = {"meeting_name": "m", "meeting_admins": ["anna"], "meeting_template": "t"}
        answer = self.upload({"name": "one", **given}, {"name": "two", **given}, {"name": "x", **given})
        rows = answer.result["rows"]
        assert [row["data"]["meeting_template"] for row in rows] == [done("t", 10), warning("t"), warning("t")]
        assert [len(row["messages"]) for row in rows] == [0, 1, 1]
        self.assert_counts(answer, total=3, created=1, updated=2, warning=2, meetings_created=2, meetings_cloned=1)


class TestCycles(CommitteeImportTest):
    """Committees that would be below themselves."""

    def infos(self, *pairs: tuple[str, str | None]) -> list[str | None]:
        """What becomes of the parents."""
        rows = self.rows(*({"name": name, **({"parent": parent} if parent else {})} for name, parent in pairs))
        for row in rows:
            is_error = row["state"] == "error"
            assert len(row["messages"]) == is_error
            assert not is_error or "id" not in row["data"].get("parent", {})
        return [row["data"].get("parent", {}).get("info") if row["state"] != "error" else "error" for row in rows]

    def test_of_new_ones(self) -> None:
        assert self.infos(("a", "b"), ("b", "a"), ("c", "a"), ("d", "d")) == ["error", "error", "new", "error"]

    def test_with_stored_ones(self) -> None:
        assert self.infos(("one", "two"), ("x", "two")) == ["error", "done"]
        assert self.infos(("one", "x"), ("x", "two"), ("two", None)) == ["error", "error", "error"]

    def test_new_parents_replace_stored_ones(self) -> None:
        assert self.infos(("one", "two"), ("two", "x"), ("x", None)) == ["done", "new", None]

    def test_rows_of_no_use_do_not_count(self) -> None:
        rows = self.rows({"name": "a", "parent": "b"}, {"name": "b", "parent": "a"}, {"name": "b"})
        assert rows[0]["data"]["parent"] == warning("")
        assert rows[1]["data"]["parent"] == new("a")


class TestDepth(CommitteeImportTest):
    """No committee has more than a hundred others above it."""

    def errors(self, *rows: Any) -> list[str]:
        """The names of the rows that can't be imported because of their places, each with one message."""
        failed = [row for row in self.rows(*rows) if row["state"] == "error"]
        assert all(len(row["messages"]) == 1 and str(MAX_ABOVE) in row["messages"][0] for row in failed)
        assert all(row["data"]["parent"].keys() == {"value", "info"} for row in failed)
        assert {row["data"]["parent"]["info"] for row in failed} <= {"error"}
        return [row["data"]["name"]["value"] for row in failed]

    def test_of_new_ones(self) -> None:
        assert self.errors(*chain(MAX_ABOVE + 1)) == []
        assert self.errors(*chain(MAX_ABOVE + 3)) == [f"level {n}" for n in (MAX_ABOVE + 1, MAX_ABOVE + 2)]

    def test_below_stored_ones(self) -> None:
        first, *others = chain(MAX_ABOVE)
        assert self.errors({**first, "parent": "two"}, *others) == [f"level {MAX_ABOVE - 1}"]

    def test_of_what_is_below_and_no_row(self) -> None:
        """Committee two comes along with committee one, its parent."""
        rows = chain(MAX_ABOVE)
        assert self.errors(*rows, {"name": "one", "parent": rows[-1]["name"]}) == ["one"]
        assert self.errors(*rows, {"name": "one", "parent": rows[-2]["name"]}) == []

    def test_what_stays_where_it_is_is_no_cause(self) -> None:
        """It may be too deep since it has been stored by another version."""
        ids = range(100, 100 + MAX_ABOVE + 3)
        self.set_models({f"committee/{id_}": {"name": f"c{id_}", "parent_id": id_ - 1} for id_ in ids[1:]})
        self.set_models({f"committee/{ids[0]}": {"name": f"c{ids[0]}"}})
        last = {"name": f"c{ids[-1]}", "parent": f"c{ids[-2]}"}
        assert self.errors(last, {"name": "one", "parent": "c101"}) == []


class TestAmountOfMeetings(CommitteeImportTest):
    """A table of a megabyte could make twenty thousand meetings."""

    GIVEN: ClassVar = {"meeting_name": "m", "meeting_admins": ["anna"]}

    def test_of_meetings(self) -> None:
        rows = [{"name": f"c{number}", **self.GIVEN} for number in range(MAX_MEETINGS + 2)]
        rows[3]["meeting_admins"] = []
        answer = self.upload({"name": "without"}, *rows, {"name": "without, too"})
        failed = [row for row in answer.result["rows"] if row["state"] == "error"]
        assert [row["data"]["name"]["value"] for row in failed] == ["c3", f"c{MAX_MEETINGS + 1}"]
        assert [len(row["messages"]) for row in failed] == [1, 1]
        assert str(MAX_MEETINGS) in failed[-1]["messages"][0]
        self.assert_counts(
            answer, total=MAX_MEETINGS + 4, created=MAX_MEETINGS + 2, error=2, meetings_created=MAX_MEETINGS
        )

    def test_of_what_is_cloned(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Each clone counts with all that its template holds."""
        self.add_meeting(10, 1, "t")
        self.add_meeting(20, 2, "t")
        self.set_models({"meeting/20": {"motion_ids": list(range(1, 101))}})
        monkeypatch.setattr(import_meetings, "MAX_CLONED", 100)
        given = {**self.GIVEN, "meeting_template": "t"}
        small, large = self.rows({"name": "one", **given}, {"name": "two", **given})
        assert (small["state"], small["messages"]) == ("done", [])
        assert (large["state"], len(large["messages"])) == ("error", 1)
        assert large["data"]["meeting_template"]["info"] == "error"

    def test_one_read_for_all_templates(self) -> None:
        self.add_meeting(10, 1, "t")
        self.add_meeting(20, 2, "t")
        rows = [{"name": name, **self.GIVEN, "meeting_template": "t"} for name in ("one", "two")]
        reads = []
        for part in (rows[:1], rows):
            with self.stack.count_calls() as calls:
                assert self.upload(*part).result["state"] == "done"
            reads.append(calls.reads)
        assert reads[0] == reads[1]
