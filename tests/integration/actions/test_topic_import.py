"""Import of topics (imports.md, topic.md)."""

import time
from typing import Any

import pytest

from tests.integration.actions.rights import RightsTest
from tests.integration.base import Answer

MANAGE = "agenda_item.can_manage"


def counts(**values: int) -> list[dict[str, Any]]:
    """Statistics of an answer."""
    names = ("total", "created", "updated", "error", "warning")
    return [{"name": name, "value": values.get(name, 0)} for name in names]


class TopicImportTest(RightsTest):
    """Base: meeting/1 and meeting/4."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()
        self.create_meeting(4)

    def create(self, title: str, meeting_id: int = 1) -> int:
        """Create a topic; its id."""
        return self.request("topic.create", {"meeting_id": meeting_id, "title": title}).assert_status(200).id

    def upload(self, *rows: Any, meeting_id: int = 1, status: int = 200) -> Answer:
        """Call the first step."""
        return self.request("topic.json_upload", {"meeting_id": meeting_id, "data": list(rows)}).assert_status(status)

    def carry_out(self, preview_id: int, status: int = 200, *, really: bool = True) -> Answer:
        """Call the second step."""
        return self.request("topic.import", {"id": preview_id, "import": really}).assert_status(status)


class TestJsonUpload(TopicImportTest):
    """`topic.json_upload`."""

    def test_new(self) -> None:
        before = int(time.time())
        self.create("test", meeting_id=4)
        self.create("TEST")
        row = {"title": "test", "text": "<script>", "agenda_duration": "40", "agenda_type": "hidden", "x": 5}
        result = self.upload(row).result
        data = {
            "title": {"value": "test", "info": "new"},
            "text": "<script>",
            "agenda_duration": 40,
            "agenda_type": "hidden",
            "meeting_id": 1,
        }
        rows = [{"state": "new", "messages": [], "data": data}]
        assert result == {
            "id": 1,
            "headers": [
                {"property": "title", "type": "string", "is_object": True},
                {"property": "text", "type": "string"},
                {"property": "agenda_comment", "type": "string"},
                {"property": "agenda_type", "type": "string"},
                {"property": "agenda_duration", "type": "integer"},
            ],
            "rows": rows,
            "statistics": counts(total=1, created=1),
            "state": "done",
        }
        wanted = {"name": "topic", "state": "done", "result": {"rows": rows}}
        preview = self.assert_model_exists("import_preview/1", wanted)
        assert before <= preview["created"] <= time.time()
        assert len(self.find_models("topic")) == 2

    def test_states(self) -> None:
        once = self.create("once")
        self.create("twice")
        self.create("twice")
        self.create("repeated")
        titles = ["new", "once", "twice", "repeated", "repeated", "both", "both"]
        result = self.upload(*({"title": title} for title in titles)).result
        assert [row["state"] for row in result["rows"]] == ["new", "done", *["error"] * 5]
        assert [len(row["messages"]) for row in result["rows"]] == [0, *[1] * 6]
        assert result["rows"][1]["data"] == {
            "title": {"value": "once", "info": "warning", "id": once},
            "id": once,
            "meeting_id": 1,
        }
        assert all(row["data"]["title"]["info"] == "error" for row in result["rows"][2:])
        assert all(row["data"].keys() == {"title", "meeting_id"} for row in result["rows"][2:])
        assert result["statistics"] == counts(total=7, created=1, updated=1, error=5, warning=1)
        assert result["state"] == "error"
        self.assert_model_exists("import_preview/1", {"state": "error"})

    def test_update_is_a_warning(self) -> None:
        self.create("test")
        result = self.upload({"title": "test"}, {"title": "other"}).result
        assert result["state"] == "warning"
        assert result["statistics"] == counts(total=2, created=1, updated=1, warning=1)

    @pytest.mark.parametrize(
        "row",
        [
            {},
            {"title": ""},
            {"title": None},
            {"title": "x" * 257},
            {"title": "x", "agenda_comment": None},
            {"title": "x", "agenda_type": "unknown"},
            {"title": "x", "agenda_type": None},
            {"title": "x", "agenda_duration": None},
            {"title": "x", "agenda_duration": "-1"},
            {"title": "x", "agenda_duration": "long"},
            {"title": "x", "text": 5},
            "x",
        ],
    )
    def test_refused_rows(self, row: Any) -> None:
        self.upload({"title": "y"}, row, status=400)
        assert not self.find_models("import_preview")

    def test_refused_elements(self) -> None:
        element = {"meeting_id": 1, "data": [{"title": "x"}]}
        self.request("topic.json_upload").assert_status(400)
        self.request("topic.json_upload", element, element).assert_status(400)
        self.request("topic.json_upload", {"data": element["data"]}).assert_status(400)
        self.request("topic.json_upload", {**element, "data": []}).assert_status(400)
        self.request("topic.json_upload", {**element, "more": 1}).assert_status(400)
        assert not self.find_models("import_preview")

    def test_early_checks(self) -> None:
        stranger = self.create_user()
        bad_row = {"meeting_id": 1, "data": [{"title": ""}]}
        self.request("topic.json_upload", bad_row, user=stranger).assert_status(400)
        no_meeting = {"meeting_id": 9, "data": [{"title": "x"}]}
        self.request("topic.json_upload", no_meeting, user=stranger).assert_status(400, "meeting/9")

    def test_text_may_be_null(self) -> None:
        assert self.upload({"title": "x", "text": None}).result["rows"][0]["data"]["text"] is None

    def test_permission(self) -> None:
        element = {"meeting_id": 1, "data": [{"title": "x"}]}
        self.assert_needs_permission("topic.json_upload", element, MANAGE)

    def test_exists_though_the_batch_fails(self) -> None:
        upload = ("topic.json_upload", [{"meeting_id": 1, "data": [{"title": "x"}]}])
        self.request_multi([upload, ("topic.delete", [{"id": 99}])]).assert_status(400)
        assert len(self.find_models("import_preview")) == 1
        assert not self.find_models("history_position")


class TestImport(TopicImportTest):
    """`topic.import`."""

    def store(self, *rows: dict[str, Any], **fields: Any) -> None:
        """Store import_preview/1 as it is given."""
        preview = {"name": "topic", "state": "done", "created": 1, "result": {"rows": list(rows)}, **fields}
        self.set_models({"import_preview/1": preview})

    def test_create_and_update(self) -> None:
        known = self.create("known")
        plain = self.create("plain")
        preview = self.upload(
            {"title": "new", "text": "<script>t</script>", "agenda_comment": "c", "agenda_duration": 5},
            {"title": "known", "text": "changed", "agenda_comment": "c", "agenda_type": "hidden"},
            {"title": "plain"},
            {"title": "last", "text": None},
        ).result
        answer = self.carry_out(preview["id"])
        assert answer.result == {"rows": preview["rows"], "state": "done"}
        self.assert_model_not_exists(f"import_preview/{preview['id']}")
        new = self.assert_model_exists("topic/3", {"title": "new", "meeting_id": 1, "sequential_number": 3})
        assert "<script>" not in new["text"]
        item = {"comment": "c", "duration": 5, "type": "common"}
        self.assert_model_exists(f"agenda_item/{new['agenda_item_id']}", item)
        self.assert_model_exists("topic/4", {"title": "last", "text": None})
        topic = self.assert_model_exists(f"topic/{known}", {"text": "changed", "title": "known"})
        item = {"comment": "c", "type": "hidden", "is_hidden": True, "duration": None}
        self.assert_model_exists(f"agenda_item/{topic['agenda_item_id']}", item)
        self.assert_model_exists(f"topic/{plain}", {"title": "plain"})
        assert len(self.find_models("topic")) == 4
        self.carry_out(preview["id"], 400)

    def test_throw_away(self) -> None:
        preview = self.upload({"title": "x"}).result
        self.create("x")
        answer = self.carry_out(preview["id"], really=False)
        assert answer.result == {"rows": preview["rows"], "state": "done"}
        self.assert_model_not_exists("import_preview/1")
        assert len(self.find_models("topic")) == 1

    def test_created_in_the_meantime(self) -> None:
        self.upload({"title": "x"})
        self.create("x")
        self.carry_out(1, 400)
        self.assert_model_exists("import_preview/1")

    def assert_error(self, *infos: str) -> None:
        """The preview can't be imported now, and nothing has changed."""
        before, topics = self.get_model("import_preview/1"), self.find_models("topic")
        result = self.carry_out(1).result
        assert result["state"] == "error"
        assert [row["data"]["title"]["info"] for row in result["rows"]] == list(infos)
        for row, stored in zip(result["rows"], before["result"]["rows"], strict=True):
            is_error = row["data"]["title"]["info"] == "error"
            assert row["state"] == ("error" if is_error else stored["state"])
            assert len(row["messages"]) == len(stored["messages"]) + is_error
        assert self.get_model("import_preview/1") == before
        assert self.find_models("topic") == topics

    def test_deleted_in_the_meantime(self) -> None:
        id_ = self.create("x")
        self.upload({"title": "x"}, {"title": "y"})
        self.request("topic.delete", {"id": id_}).assert_status(200)
        self.assert_error("error", "new")

    def test_another_one_in_the_meantime(self) -> None:
        id_ = self.create("x")
        self.upload({"title": "x"})
        self.request("topic.update", {"id": id_, "title": "y"}).assert_status(200)
        self.create("x")
        self.assert_error("error")

    def test_several_in_the_meantime(self) -> None:
        self.create("x")
        self.upload({"title": "x"}, {"title": "y"})
        self.create("x")
        self.create("y")
        self.create("y")
        self.assert_error("error", "error")

    def test_repeated_titles(self) -> None:
        row = {"state": "new", "messages": [], "data": {"title": {"value": "x", "info": "new"}, "meeting_id": 1}}
        self.store(row, row)
        self.assert_error("error", "error")

    def test_failing_action_keeps_the_preview(self) -> None:
        self.upload({"title": "x", "agenda_comment": "c" * 257})
        self.carry_out(1, 400)
        self.assert_model_exists("import_preview/1")
        assert not self.find_models("topic")

    def test_failing_batch_keeps_the_preview(self) -> None:
        self.upload({"title": "x"})
        batch = [("topic.import", [{"id": 1, "import": True}]), ("topic.delete", [{"id": 99}])]
        self.request_multi(batch).assert_status(400)
        self.assert_model_exists("import_preview/1")

    @pytest.mark.parametrize("really", [True, False])
    @pytest.mark.parametrize(
        "fields",
        [
            {"name": "account"},
            {"state": None},
            {"state": "unknown"},
            {"state": "error"},
            {"result": None},
            {"result": {"rows": []}},
            {"result": {"rows": [{"state": "new", "data": {"title": "x"}}]}},
        ],
    )
    def test_unusable_previews(self, fields: dict[str, Any], really: bool) -> None:
        row = {"state": "new", "messages": [], "data": {"title": {"value": "x", "info": "new"}, "meeting_id": 1}}
        self.store(row, **fields)
        element = {"id": 1, "import": really}
        for user_id in (1, self.create_user()):
            self.request("topic.import", element, user=user_id).assert_status(400)
        self.assert_model_exists("import_preview/1")

    def test_refused_elements(self) -> None:
        self.upload({"title": "x"})
        self.request("topic.import").assert_status(400)
        self.request("topic.import", {"import": True}).assert_status(400)
        self.request("topic.import", {"id": 1}).assert_status(400)
        self.request("topic.import", {"id": 1, "import": "true"}).assert_status(400)
        self.request("topic.import", {"id": 9, "import": True}).assert_status(400)

    def test_permission(self) -> None:
        self.upload({"title": "x"})
        self.assert_needs_permission("topic.import", {"id": 1, "import": True}, MANAGE)
        self.assert_model_not_exists("import_preview/1")


class TestTwice(TopicImportTest):
    """The same table again."""

    def test_nothing_is_written(self) -> None:
        rows: list[dict[str, Any]] = [
            {"title": "a", "text": "<i>x", "agenda_duration": "5"},
            {"title": "b", "text": None},
            {"title": "c"},
        ]
        self.carry_out(self.upload(*rows).result["id"])
        preview = self.upload(*rows).result
        assert [row["state"] for row in preview["rows"]] == ["done"] * len(rows)
        with self.stack.count_calls() as calls:
            assert self.carry_out(preview["id"]).result["state"] == "done"
        assert calls.writes == 0
        rows[0]["agenda_duration"] = "6"
        self.carry_out(self.upload(*rows).result["id"])
        assert [item["duration"] for item in self.find_models("agenda_item").values() if "duration" in item] == [6]


class TestScale(TopicImportTest):
    """Thousands of topics in one request."""

    def calls(self, *titles: str) -> list[tuple[int, ...]]:
        """Reads, reserved ids and writes of upload and import."""
        counted: list[tuple[int, ...]] = []
        rows = [{"title": title, "text": "x", "agenda_comment": "c", "agenda_type": "internal"} for title in titles]
        with self.stack.count_calls() as calls:
            preview_id = self.upload(*rows).result["id"]
        counted.append((calls.reads, calls.reserves, calls.writes))
        with self.stack.count_calls() as calls:
            assert self.carry_out(preview_id).result["state"] == "done"
        counted.append((calls.reads, calls.reserves, calls.writes))
        return counted

    def test_calls_do_not_grow(self) -> None:
        few = self.calls("a")
        many = self.calls(*(f"topic {number}" for number in range(5000)))
        assert many == few
        assert len(self.find_models("topic")) == 5001

    def test_updates_do_not_need_more_calls(self) -> None:
        self.calls("a", *(f"topic {number}" for number in range(50)))
        few = self.calls("a")
        assert self.calls(*(f"topic {number}" for number in range(50))) == few
