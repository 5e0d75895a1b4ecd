"""Second step of the import of committees (imports.md, committee_import.md)."""

from collections.abc import Callable
from typing import Any
from unicodedata import normalize

from openslides_backend.actions.committee.tree import MAX_ABOVE
from tests.integration.actions.committee_import import CommitteeImportTest, chain, done, error, new, warning
from tests.integration.base import Answer
from tests.integration.stack import Calls

MEETING = {"meeting_name": "m", "meeting_admins": ["anna"]}
DAYS = {"meeting_start_time": "2023-08-09", "meeting_end_time": "2023-08-10"}


class TestChains(CommitteeImportTest):
    """Each committee names all that are above it: a chain of 5,000 would have twelve million names."""

    def test_the_longest(self) -> None:
        last = self.bring_in(*chain(MAX_ABOVE + 1))[f"level {MAX_ABOVE}"]
        assert len(self.get_model(f"committee/{last}")["all_parent_ids"]) == MAX_ABOVE
        below = {"name": "below", "organization_id": 1, "parent_id": last}
        self.request("committee.create", below).assert_status(400, "parent_id")
        self.request("committee.update", {"id": 3, "parent_id": last}).assert_status(400, "parent_id")

    def test_too_long(self) -> None:
        preview = self.request("committee.json_upload", {"data": chain(MAX_ABOVE + 2)}).assert_status(200)
        before = self.stack.datastore.get_everything()
        assert f"{MAX_ABOVE} others above it" in preview.result["rows"][-1]["messages"][0]
        self.request("committee.import", {"id": preview.result["id"], "import": True}).assert_status(400)
        assert self.stack.datastore.get_everything() == before

    def test_too_long_meanwhile(self) -> None:
        rows = chain(MAX_ABOVE + 1)
        rows[0]["name"] = rows[1]["parent"] = "one"
        preview = self.request("committee.json_upload", {"data": rows}).assert_status(200).result["id"]
        self.request("committee.update", {"id": 1, "parent_id": 3}).assert_status(200)
        before = self.stack.datastore.get_everything()
        result = self.request("committee.import", {"id": preview, "import": True}).assert_status(200).result
        assert [row["state"] == "error" for row in result["rows"]] == [False] * MAX_ABOVE + [True]
        assert f"{MAX_ABOVE} others above it" in result["rows"][-1]["messages"][0]
        assert self.stack.datastore.get_everything() == before


class TestEffects(CommitteeImportTest):
    """What is created and changed."""

    def test_new_ones(self) -> None:
        ids = self.bring_in(
            {
                "name": "a",
                "description": "<script>",
                "parent": "b",
                "forward_to_committees": ["two", "b", "a"],
                "organization_tags": ["fresh", "tag"],
                "managers": ["anna", "nobody"],
            },
            {"name": "b", "parent": "two", "organization_tags": ["fresh"]},
        )
        a, b = ids["a"], ids["b"]
        tags = {tag["name"]: id_ for id_, tag in self.find_models("organization_tag").items()}
        assert tags.keys() == {"tag", "fresh"}
        self.assert_model_exists(f"organization_tag/{tags['fresh']}", {"color": "#2196f3", "organization_id": 1})
        self.assert_model_exists(
            f"committee/{a}",
            {
                "description": "",
                "parent_id": b,
                "all_parent_ids": [1, 2, b],
                "forward_to_committee_ids": [2, b, a],
                "receive_forwardings_from_committee_ids": [a],
                "organization_tag_ids": [tags["fresh"], 7],
                "manager_ids": [9],
                "user_ids": [9],
            },
        )
        expected = {"parent_id": 2, "all_parent_ids": [1, 2], "organization_tag_ids": [tags["fresh"]]}
        self.assert_model_exists(f"committee/{b}", expected)
        assert sorted(self.get_model("committee/1")["all_child_ids"]) == sorted([2, a, b])
        self.assert_model_exists("user/9", {"committee_management_ids": [a]})
        self.assert_model_not_exists("import_preview/1")
        assert not self.find_models("history_position")

    def test_lists_replace(self) -> None:
        both = {"manager_ids": [1], "organization_tag_ids": [7], "forward_to_committee_ids": [3]}
        self.set_models(
            {
                "committee/1": both,
                "committee/2": both,
                "committee/3": {"receive_forwardings_from_committee_ids": [1, 2]},
                "user/1": {"committee_management_ids": [1, 2]},
                "organization_tag/7": {"tagged_ids": ["committee/1", "committee/2"]},
            }
        )
        empty = {"managers": "nobody", "organization_tags": [], "forward_to_committees": ""}
        self.bring_in({"name": "one", **empty}, {"name": "two", "description": "x", "parent": "unknown"})
        unset: dict[str, list[int]] = {name: [] for name in both}
        assert {name: self.get_model("committee/1").get(name) or [] for name in both} == unset
        self.assert_model_exists("committee/2", {**both, "description": "x", "parent_id": 1})

    def test_moving(self) -> None:
        self.bring_in({"name": "one", "parent": "two"}, {"name": "two", "parent": "top"}, {"name": "top"})
        top = self.ids()["top"]
        self.assert_model_exists("committee/1", {"all_parent_ids": [top, 2]})
        self.assert_model_exists("committee/2", {"all_parent_ids": [top], "child_ids": [1]})

    def test_meetings(self) -> None:
        self.set_models({"organization/1": {"default_language": "de"}})
        ids = self.bring_in({"name": "a", **MEETING, **DAYS}, {"name": "one", **MEETING})
        meetings = {meeting["committee_id"]: meeting for meeting in self.find_models("meeting").values()}
        assert meetings.keys() == {ids["a"], 1}
        times = {"start_time": 1691539200, "end_time": 1691625600}
        self.assert_model_exists(f"meeting/{meetings[ids['a']]['id']}", {"name": "m", "language": "de", **times})
        for meeting in meetings.values():
            assert self.admins(meeting) == {9}
        assert self.history_of("user/9")

    def test_copied_meetings(self) -> None:
        self.add_meeting(10, 1, "t")
        self.add_meeting(20, 2, "t", location="here")
        self.add_to_groups(9, [11])
        rows = [{"name": name, **MEETING, "meeting_template": "t"} for name in ("one", "two")]
        rows[0]["meeting_admins"] = ["superadmin"]
        self.bring_in({**rows[0], **DAYS}, rows[1])
        meetings = self.find_models("meeting", name="m")
        assert [meeting["committee_id"] for meeting in meetings.values()] == [1, 2]
        first, second = meetings.values()
        assert (first["start_time"], first["end_time"]) == (1691539200, 1691625600)
        assert second["location"] == "here"
        assert self.admins(first) == {1, 9}
        assert self.admins(second) == {9}

    def admins(self, meeting: Any) -> set[int]:
        """The users who are admins of a meeting."""
        members = self.get_model(f"group/{meeting['admin_group_id']}")["meeting_user_ids"]
        return {self.get_model(f"meeting_user/{id_}")["user_id"] for id_ in members}

    def test_values_of_no_meeting_are_ignored(self) -> None:
        self.bring_in({"name": "a", "meeting_admins": ["anna"], "meeting_template": "t", **DAYS})
        assert not self.find_models("meeting")

    def test_limit_of_meetings(self) -> None:
        self.set_models({"organization/1": {"limit_of_meetings": 1}})
        self.upload(*({"name": name, **MEETING} for name in "ab"))
        assert "limit" in self.carry_out(status=400).message
        assert "a" not in self.ids()
        self.assert_model_exists("import_preview/1")

    def test_throwing_away(self) -> None:
        rows = self.rows({"name": "a", "organization_tags": ["fresh"], **MEETING})
        assert self.carry_out(really=False).result == {"rows": rows, "state": "done"}
        assert "a" not in self.ids()
        self.assert_model_not_exists("import_preview/1")

    def test_letters_with_accents(self) -> None:
        """They are the same whether they are one character or two."""
        composed, decomposed = (normalize(form, "Café") for form in ("NFC", "NFD"))
        self.bring_in(
            {"name": composed, "organization_tags": [composed]},
            {
                "name": "below",
                "parent": decomposed,
                "forward_to_committees": [decomposed],
                "organization_tags": [decomposed],
            },
        )
        ids = self.ids()
        expected = {"parent_id": ids[composed], "forward_to_committee_ids": [ids[composed]]}
        below = self.assert_model_exists(f"committee/{ids['below']}", expected)
        assert len(self.find_models("organization_tag")) == 2
        assert below["organization_tag_ids"] == self.get_model(f"committee/{ids[composed]}")["organization_tag_ids"]
        self.assert_counts(self.upload({"name": decomposed}), total=1, updated=1)

    def test_twice(self) -> None:
        rows: list[dict[str, Any]] = [
            {"name": "a", "parent": "b", "managers": ["anna"], "organization_tags": ["fresh"], "description": "<p>d"},
            {"name": "b", "parent": "one", "forward_to_committees": ["a", "b", "two"], "managers": []},
        ]
        self.bring_in(*rows)
        before = [self.find_models(name) for name in ("committee", "organization_tag", "user")]
        answer = self.upload(*rows)
        self.assert_counts(answer, total=2, updated=2)
        with self.stack.count_calls() as calls:
            self.carry_out(answer.result["id"])
        assert calls.writes == 0
        self.assert_model_not_exists(f"import_preview/{answer.result['id']}")
        assert [self.find_models(name) for name in ("committee", "organization_tag", "user")] == before

    def test_rights(self) -> None:
        self.upload({"name": "x"})
        element = {"id": 1, "import": True}
        for user_id in (self.create_user(oml="can_manage_users"), self.create_manager(1), 0):
            self.request("committee.import", element, user=user_id).assert_status(403)
        organizer = self.create_user(oml="can_manage_organization")
        self.request("committee.import", element, user=organizer).assert_status(200)


class TestChangedMeanwhile(CommitteeImportTest):
    """What has been changed between both steps."""

    def assert_error(self, *messages: int) -> list[Any]:
        """The preview can't be imported, and nothing has changed; the data of its rows."""
        before, committees = self.get_model("import_preview/1"), self.find_models("committee")
        result = self.carry_out().result
        assert result["state"] == "error"
        assert [len(row["messages"]) for row in result["rows"]] == list(messages)
        assert [row["state"] == "error" for row in result["rows"]] == [count > 0 for count in messages]
        assert self.get_model("import_preview/1") == before
        assert self.find_models("committee") == committees
        return [row["data"] for row in result["rows"]]

    def test_created(self) -> None:
        self.upload({"name": "a"}, {"name": "b"})
        self.request("committee.create", {"name": "a", "organization_id": 1}).assert_status(200)
        assert self.assert_error(1, 0) == [{"name": error("a")}, {"name": new("b")}]

    def test_renamed_or_deleted(self) -> None:
        self.upload({"name": "one"}, {"name": "two"})
        self.set_models({"committee/1": {"name": "renamed"}})
        self.delete_models("committee/2")
        data = self.assert_error(1, 1)
        assert [row["name"]["info"] for row in data] == ["error", "error"]

    def test_another_one_of_the_name(self) -> None:
        self.upload({"name": "one"})
        self.set_models({"committee/3": {"name": "one"}, "committee/1": {"name": "renamed"}})
        self.assert_error(1)

    def test_moved(self) -> None:
        self.upload({"name": "two", "parent": "one"}, {"name": "x", "parent": "one"})
        self.set_models({"committee/1": {"parent_id": 2}, "committee/2": {"parent_id": None}})
        assert self.assert_error(1, 0)[0]["parent"] == error("one")

    def test_no_admin_any_more(self) -> None:
        self.upload({"name": "a", **MEETING})
        self.delete_models("user/9")
        (data,) = self.assert_error(2)
        assert data["meeting_admins"] == [{**warning("anna"), "id": 9}, error("")]

    def test_no_template_any_more(self) -> None:
        self.add_meeting(10, 1, "t")
        self.add_to_groups(9, [11])
        self.upload({"name": "one", "meeting_name": "m", "meeting_template": "t"})
        self.set_models({"meeting/10": {"name": "renamed"}})
        (data,) = self.assert_error(2)
        assert data["meeting_template"] == {**warning("t"), "id": 10}
        assert data["meeting_admins"] == [error("")]

    def test_template_without_members(self) -> None:
        self.add_meeting(10, 1, "t")
        self.add_to_groups(9, [11])
        self.upload({"name": "one", "meeting_name": "m", "meeting_template": "t"})
        self.set_models({"group/11": {"meeting_user_ids": []}})
        self.assert_error(1)

    def test_renamed_references_are_left_out(self) -> None:
        row = {"forward_to_committees": ["one", "two"], "managers": ["anna"], "organization_tags": ["tag"]}
        self.upload({"name": "a", "parent": "one", **row})
        self.set_models(
            {
                "committee/1": {"name": "renamed"},
                "user/9": {"username": "bella"},
                "organization_tag/7": {"name": "other"},
            }
        )
        result = self.carry_out().result
        assert result["state"] == "done"
        data, messages = result["rows"][0]["data"], result["rows"][0]["messages"]
        assert len(messages) == 4
        assert [entry["info"] for entry in data["forward_to_committees"]] == ["warning", "done"]
        assert [data[name][0]["info"] for name in ("managers", "organization_tags")] == ["warning", "warning"]
        expected = {"parent_id": 1, "forward_to_committee_ids": [2], "manager_ids": None, "organization_tag_ids": None}
        stored = self.get_model(f"committee/{self.ids()['a']}")
        assert {name: stored.get(name) or None for name in expected} == expected

    def test_deleted_parent(self) -> None:
        self.upload({"name": "a", "parent": "one"})
        self.delete_models("committee/1")
        assert "committee/1" in self.carry_out(status=400).message
        assert "a" not in self.ids()
        self.assert_model_exists("import_preview/1")

    def test_tags_that_became_several(self) -> None:
        self.upload({"name": "a", "organization_tags": ["fresh", "tag"]})
        for _ in range(2):
            tag = {"name": "fresh", "color": "#ffffff", "organization_id": 1}
            self.request("organization_tag.create", tag).assert_status(200)
        self.carry_out()
        assert len(self.find_models("organization_tag")) == 3
        self.assert_model_exists(f"committee/{self.ids()['a']}", {"organization_tag_ids": [7]})

    def test_names_that_nobody_creates(self) -> None:
        data = {"name": new("a"), "forward_to_committees": [done("gone"), done("two", 2)], "parent": new("gone")}
        rows = [{"state": "new", "messages": [], "data": data}]
        self.set_models({"import_preview/5": {"name": "committee", "state": "done", "result": {"rows": rows}}})
        self.carry_out(5)
        expected = {"forward_to_committee_ids": [2], "parent_id": None}
        self.assert_model_exists(f"committee/{self.ids()['a']}", expected)

    def test_values_without_info(self) -> None:
        """Previews of other versions may lack it."""
        data = {"name": {"value": "one", "id": 2}, "id": 2, "managers": [{"value": "anna", "id": 9}]}
        rows = [{"state": "done", "messages": [], "data": data}]
        self.set_models({"import_preview/5": {"name": "committee", "state": "done", "result": {"rows": rows}}})
        (row,) = self.carry_out(5).result["rows"]
        assert row["state"] == "error"
        assert row["data"] == {**data, "name": {"value": "one", "id": 2, "info": "error"}}

    def test_other_previews(self) -> None:
        self.set_models({"import_preview/5": {"name": "topic", "state": "done", "result": {"rows": []}}})
        self.carry_out(5, 400)
        self.upload({"name": "twin"})
        self.carry_out(1, 400, really=False)


class _Again(Calls):
    """Sends a request of somebody else when a preview has been carried out, but isn't removed yet."""

    def __init__(self, send: Callable[[], Answer]) -> None:
        super().__init__()
        self._send = send
        self.answers: list[Answer] = []

    def count(self, path: str) -> None:
        super().count(path)
        if path.endswith("/write_without_events") and self.others == 1:
            self.answers.append(self._send())


class TestAtTheSameTime(CommitteeImportTest):
    """Two who carry out a preview, or somebody impatient."""

    def test_it_is_carried_out_once(self) -> None:
        preview = self.upload({"name": "one", **MEETING}).result["id"]
        element = {"id": preview, "import": True}
        again = _Again(lambda: self.request("committee.import", element))
        with self.stack.observed_by(again):
            assert self.carry_out(preview).result["state"] == "done"
        assert [answer.status for answer in again.answers] == [400]
        assert len(self.find_models("meeting")) == 1
        self.assert_model_not_exists(f"import_preview/{preview}")


class TestScale(CommitteeImportTest):
    """Thousands of committees in one request."""

    def calls(self, *rows: Any) -> list[tuple[int, ...]]:
        """Reads, reserved ids and writes of upload and import."""
        counted: list[tuple[int, ...]] = []
        with self.stack.count_calls() as calls:
            answer = self.upload(*rows)
        counted.append((calls.reads, calls.reserves, calls.writes))
        with self.stack.count_calls() as calls:
            assert self.carry_out(answer.result["id"]).result["state"] == "done"
        counted.append((calls.reads, calls.reserves, calls.writes))
        return counted

    def committees(self, prefix: str, count: int) -> list[dict[str, Any]]:
        """Rows with all columns but those of meetings, in a tree."""
        return [
            {
                "name": f"{prefix}{number}",
                "description": "d",
                "parent": f"{prefix}{(number - 1) // 10}" if number else "two",
                "forward_to_committees": [f"{prefix}{number}", "one"],
                "organization_tags": [f"{prefix}{number % 30}", "tag"],
                "managers": ["anna"],
            }
            for number in range(count)
        ]

    def test_calls_do_not_grow(self) -> None:
        few = self.calls(*self.committees("a", 2))
        assert self.calls(*self.committees("b", 500)) == few
        assert len(self.find_models("committee")) == 4 + 502

    def test_updates_do_not_need_more_calls(self) -> None:
        rows = self.committees("a", 60)
        self.calls(*rows)
        assert self.calls(*rows) == self.calls(*rows[:2])

    def test_meetings_do_not_need_more_calls(self) -> None:
        self.calls({"name": "z", **MEETING})
        few = self.calls(*({"name": name, **MEETING} for name in "ab"))
        assert self.calls(*({"name": f"c{number}", **MEETING} for number in range(20))) == few
