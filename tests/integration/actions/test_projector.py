"""Projectors, their projections and messages (projector.md)."""

from typing import Any

import pytest

from openslides_backend.actions.shared.projectors import DEFAULT_PROJECTORS, USED_AS_DEFAULT, USED_AS_REFERENCE
from tests.integration.actions.rights import RightsTest

CURRENT, PREVIEW, HISTORY = "current_projection_ids", "preview_projection_ids", "history_projection_ids"


class ProjectorTest(RightsTest):
    """Base: meeting/1 with the reference projector 1, another projector 2, and topics 1 and 2."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting(projector_ids=[1, 2])
        self.set_models(
            {
                "projector/2": {"name": "second", "sequential_number": 2, "meeting_id": 1},
                "topic/1": {"title": "one", "meeting_id": 1, "sequential_number": 1},
                "topic/2": {"title": "two", "meeting_id": 1, "sequential_number": 2},
            }
        )

    def project(self, list_: str, projector_id: int, topic_id: int = 1, **fields: Any) -> int:
        """Store a projection of a topic in a list of a projector."""
        id_ = self.new_id()
        field = list_.removesuffix("_projection_ids") + "_projector_id"
        content = f"topic/{topic_id}"
        self.set_models(
            {f"projection/{id_}": {"meeting_id": 1, "content_object_id": content, field: projector_id, **fields}}
        )
        self.add_to_lists(
            {
                f"projector/{projector_id}": {list_: [id_]},
                content: {"projection_ids": [id_]},
                "meeting/1": {"all_projection_ids": [id_]},
            }
        )
        return id_

    def assert_lists(self, projector_id: int, **lists: list[int]) -> None:
        """Fail unless the lists of a projector hold these projections in this order."""
        projector = self.get_model(f"projector/{projector_id}")
        found = {name: projector.get(f"{name}_projection_ids") or [] for name in ("current", "preview", "history")}
        assert found == {"current": [], "preview": [], "history": [], **lists}

    def only(self, **fields: Any) -> int:
        """The id of the one projection with these values."""
        (id_,) = self.find_models("projection", **fields)
        return id_


class TestProjectorCreate(ProjectorTest):
    """`projector.create`."""

    def test_defaults(self) -> None:
        answer = self.request("projector.create", {"name": None, "meeting_id": 1, "scale": 1})
        answer.assert_status(400)
        answer = self.request("projector.create", {"name": "", "meeting_id": 1}, {"name": "x", "meeting_id": 1})
        answer.assert_status(200)
        numbers = [result["sequential_number"] for result in answer.results[0]]
        assert numbers == [3, 4]
        fields = {"is_internal": False, "scale": 0, "scroll": 0, "width": 1200, "color": "#000000", "show_clock": True}
        self.assert_model_exists(f"projector/{answer.id}", fields)

    def test_null_is_kept(self) -> None:
        answer = self.request("projector.create", {"name": "x", "meeting_id": 1, "width": None, "show_clock": None})
        self.assert_model_exists(f"projector/{answer.assert_status(200).id}", {"width": None, "show_clock": None})

    def test_deleted_numbers_count(self) -> None:
        self.delete_models("projector/2")
        answer = self.request("projector.create", {"name": "x", "meeting_id": 1}).assert_status(200)
        assert answer.result["sequential_number"] == 3

    def test_roles(self) -> None:
        roles = {USED_AS_REFERENCE: 1, USED_AS_DEFAULT[0]: 1}
        answer = self.request("projector.create", {"name": "x", "meeting_id": 1, **roles}).assert_status(200)
        new = {"reference_projector_id": answer.id, DEFAULT_PROJECTORS[0]: [1, answer.id]}
        self.assert_model_exists("meeting/1", new)
        self.assert_model_exists("projector/1", {USED_AS_REFERENCE: None, USED_AS_DEFAULT[0]: 1})

    @pytest.mark.parametrize("role", [USED_AS_REFERENCE, USED_AS_DEFAULT[3]])
    def test_roles_in_other_meetings(self, role: str) -> None:
        self.create_meeting(4)
        self.request("projector.create", {"name": "x", "meeting_id": 1, role: 4}).assert_status(400, role)

    def test_internal_reference(self) -> None:
        element = {"name": "x", "meeting_id": 1, USED_AS_REFERENCE: 1, "is_internal": True}
        self.request("projector.create", element).assert_status(400, "is_internal")

    def test_rights(self) -> None:
        self.assert_needs_permission("projector.create", {"name": "x", "meeting_id": 1}, "projector.can_manage")


class TestProjectorUpdate(ProjectorTest):
    """`projector.update` and `control_view`."""

    def test_update(self) -> None:
        fields = {"name": "new", "width": 7, "color": "#00ff00", "show_logo": False, USED_AS_DEFAULT[1]: 1}
        answer = self.request("projector.update", {"id": 2, **fields}).assert_status(200)
        assert answer.results == [[None]]
        self.assert_model_exists("projector/2", fields)
        self.assert_model_exists("meeting/1", {DEFAULT_PROJECTORS[1]: [1, 2]})
        self.request("projector.update", {"id": 1, USED_AS_DEFAULT[1]: None}).assert_status(200)
        self.assert_model_exists("meeting/1", {DEFAULT_PROJECTORS[1]: [2]})
        self.request("projector.update", {"id": 2, USED_AS_DEFAULT[1]: None}).assert_status(400, DEFAULT_PROJECTORS[1])

    def test_foreign_role(self) -> None:
        self.create_meeting(4)
        self.request("projector.update", {"id": 2, USED_AS_DEFAULT[1]: 4}).assert_status(400, USED_AS_DEFAULT[1])
        self.request("projector.update", {"id": 2, USED_AS_REFERENCE: 1}).assert_status(400)

    def test_internal_reference_comes_before_rights(self) -> None:
        user_id = self.create_user()
        element = {"id": 1, "is_internal": True}
        self.request("projector.update", {"id": 2}, element, user=user_id).assert_status(400, "is_internal")
        self.request("projector.update", {"id": 2, "is_internal": True}).assert_status(200)
        self.set_models({"projector/1": {"is_internal": True}})
        self.request("projector.update", element).assert_status(200)

    @pytest.mark.parametrize(
        ("field", "direction", "step", "value"),
        [
            ("scale", "up", 3, 5),
            ("scale", "down", 5, -3),
            ("scale", "reset", 4, 0),
            ("scroll", "up", None, 3),
            ("scroll", "down", None, 1),
            ("scroll", "down", 5, 0),
        ],
    )
    def test_control_view(self, field: str, direction: str, step: int | None, value: int) -> None:
        self.set_models({"projector/2": {"scale": 2, "scroll": 2}})
        element = {"id": 2, "field": field, "direction": direction, **({} if step is None else {"step": step})}
        self.request("projector.control_view", element).assert_status(200)
        self.assert_model_exists("projector/2", {"scale": 2, "scroll": 2, field: value})

    def test_control_view_adds_up(self) -> None:
        element = {"id": 2, "field": "scale", "direction": "up"}
        self.request("projector.control_view", element, element).assert_status(200)
        self.assert_model_exists("projector/2", {"scale": 2})
        self.request("projector.control_view", {**element, "step": 0}).assert_status(400)

    @pytest.mark.parametrize(
        ("name", "element"),
        [("update", {"id": 2, "name": "x"}), ("control_view", {"id": 2, "field": "scale", "direction": "up"})],
    )
    def test_rights(self, name: str, element: dict[str, Any]) -> None:
        self.assert_needs_permission(f"projector.{name}", element, "projector.can_manage")


class TestProjectorDelete(ProjectorTest):
    """`projector.delete`."""

    def test_delete(self) -> None:
        self.set_models(
            {
                "meeting/1": {DEFAULT_PROJECTORS[0]: [2], DEFAULT_PROJECTORS[1]: [2, 1]},
                "projector/1": {USED_AS_DEFAULT[0]: None},
                "projector/2": {USED_AS_DEFAULT[0]: 1, USED_AS_DEFAULT[1]: 1},
            }
        )
        projections = [self.project(list_, 2) for list_ in (CURRENT, PREVIEW, HISTORY)]
        self.request("projector.delete", {"id": 2}).assert_status(200)
        self.assert_model_deleted("projector/2")
        for id_ in projections:
            self.assert_model_deleted(f"projection/{id_}")
        meeting = {DEFAULT_PROJECTORS[0]: [1], DEFAULT_PROJECTORS[1]: [1], "projector_ids": [1]}
        self.assert_model_exists("meeting/1", meeting)
        self.assert_model_exists("projector/1", {USED_AS_DEFAULT[0]: 1, USED_AS_DEFAULT[1]: 1})
        self.assert_model_exists("topic/1", {"projection_ids": []})

    def test_reference(self) -> None:
        self.request("projector.delete", {"id": 1}).assert_status(400, "reference")

    def test_rights(self) -> None:
        self.assert_needs_permission("projector.delete", {"id": 2}, "projector.can_manage")

    def test_few_calls(self) -> None:
        ids = list(range(10, 40))
        self.set_models({f"projector/{id_}": {"name": "x", "meeting_id": 1, USED_AS_DEFAULT[0]: 1} for id_ in ids})
        self.add_to_lists({"meeting/1": {"projector_ids": ids, DEFAULT_PROJECTORS[0]: ids}})
        with self.stack.count_calls() as calls:
            self.request("projector.delete", *[{"id": id_} for id_ in ids]).assert_status(200)
        calls.assert_at_most(reads=6, reserves=0, writes=1)
        self.assert_model_exists("meeting/1", {DEFAULT_PROJECTORS[0]: [1], "projector_ids": [1, 2]})


class TestProject(ProjectorTest):
    """`projector.project`, `toggle` and `add_to_preview`."""

    ELEMENT = {"ids": [1], "content_object_id": "topic/1", "meeting_id": 1}

    def test_project(self) -> None:
        self.set_models({"projector/1": {"scroll": 7}})
        kept = self.project(HISTORY, 1, weight=4)
        first, second = self.project(CURRENT, 1, 2), self.project(CURRENT, 1, 2)
        stable = self.project(CURRENT, 1, 2, stable=True)
        elsewhere = self.project(CURRENT, 2)
        answer = self.request("projector.project", {**self.ELEMENT, "options": {"a": 1}}).assert_status(200)
        assert answer.results == [None]
        new = self.only(content_object_id="topic/1", current_projector_id=1)
        self.assert_model_exists(f"projection/{new}", {"stable": False, "options": {"a": 1}, "weight": None})
        self.assert_lists(1, current=[stable, new], history=[kept, first, second])
        self.assert_lists(2, history=[elsewhere])
        weights = [self.get_model(f"projection/{id_}")["weight"] for id_ in (first, second, elsewhere)]
        assert weights == [5, 6, 1]
        self.assert_model_exists("projector/1", {"scroll": 0})

    def test_equal_on_chosen_projectors_only(self) -> None:
        elsewhere = self.project(CURRENT, 2)
        self.request("projector.project", {**self.ELEMENT, "keep_active_projections": True}).assert_status(200)
        self.assert_lists(2, current=[elsewhere])

    def test_other_types_and_stable_ones_are_not_equal(self) -> None:
        typed, stable = self.project(CURRENT, 2, type="x"), self.project(CURRENT, 2, stable=True)
        self.request("projector.project", self.ELEMENT).assert_status(200)
        self.assert_lists(2, current=[typed, stable])

    def test_stable(self) -> None:
        self.set_models({"projector/1": {"scroll": 7}})
        unstable, elsewhere = self.project(CURRENT, 1), self.project(CURRENT, 2, stable=True)
        self.request("projector.project", {**self.ELEMENT, "stable": True}).assert_status(200)
        self.assert_lists(1, current=[unstable, self.only(current_projector_id=1, stable=True)])
        self.assert_model_deleted(f"projection/{elsewhere}")
        self.assert_model_exists("projector/1", {"scroll": 7})

    def test_no_projector(self) -> None:
        shown = self.project(CURRENT, 2)
        self.request("projector.project", {**self.ELEMENT, "ids": []}).assert_status(200)
        self.assert_lists(2, history=[shown])
        assert list(self.find_models("projection")) == [shown]

    @pytest.mark.parametrize("name", ["project", "toggle", "add_to_preview"])
    @pytest.mark.parametrize(
        "change",
        [
            {"content_object_id": "topic/9"},
            {"content_object_id": "topic/4"},
            {"content_object_id": "topic/0"},
            {"content_object_id": "user/1"},
            {"content_object_id": "committee/1"},
            {"content_object_id": "strange/1"},
            {"content_object_id": "group/1"},
            {"content_object_id": "meeting/4"},
            {"ids": [4]},
            {"ids": [99]},
            {"ids": [1, 1]},
        ],
    )
    def test_what_can_not_be_shown(self, name: str, change: dict[str, Any]) -> None:
        self.create_meeting(4)
        self.set_models({"topic/4": {"title": "foreign", "meeting_id": 4}})
        self.request(f"projector.{name}", {**self.ELEMENT, **change}).assert_status(400)

    def test_meeting_as_content(self) -> None:
        element = {**self.ELEMENT, "content_object_id": "meeting/1", "type": "agenda_item_list"}
        self.request("projector.project", element).assert_status(200)
        self.assert_model_exists("meeting/1", {"projection_ids": [self.only(type="agenda_item_list")]})

    @pytest.mark.parametrize("name", ["project", "add_to_preview"])
    def test_files(self, name: str) -> None:
        file = {"owner_id": "organization/1", "title": "f"}
        self.set_models({"mediafile/3": {**file, "published_to_meetings_in_organization_id": 1}, "mediafile/4": file})
        element = {**self.ELEMENT, "content_object_id": "mediafile/3"}
        self.request(f"projector.{name}", element).assert_status(200)
        ((id_, link),) = self.find_models("meeting_mediafile", mediafile_id=3).items()
        assert (link["is_public"], link["access_group_ids"], link["inherited_access_group_ids"]) == (False, [2], [2])
        self.only(content_object_id=f"meeting_mediafile/{id_}")
        self.request(f"projector.{name}", {**element, "content_object_id": "mediafile/4"}).assert_status(400)
        self.request("projector.toggle", element).assert_status(400)

    def test_toggle(self) -> None:
        shown, other = self.project(CURRENT, 1), self.project(CURRENT, 2, 2)
        self.set_models({"projector/1": {"scroll": 3}, "projector/2": {"scroll": 3}})
        answer = self.request("projector.toggle", {**self.ELEMENT, "ids": [1, 2]}).assert_status(200)
        assert answer.results == [None]
        self.assert_lists(1, history=[shown])
        self.assert_lists(2, current=[self.only(current_projector_id=2)], history=[other])
        assert [self.get_model(f"projector/{id_}").get("scroll") for id_ in (1, 2)] == [3, 0]

    def test_toggle_stable(self) -> None:
        shown, other = self.project(CURRENT, 1, stable=True), self.project(CURRENT, 2, 2)
        self.request("projector.toggle", {**self.ELEMENT, "ids": [1, 2], "stable": True}).assert_status(200)
        self.assert_model_deleted(f"projection/{shown}")
        self.assert_lists(1)
        self.assert_lists(2, current=[other, self.only(stable=True)])
        self.request("projector.toggle", {**self.ELEMENT, "ids": []}).assert_status(400)

    def test_toggle_twice_in_a_batch(self) -> None:
        self.request("projector.toggle", self.ELEMENT, self.ELEMENT).assert_status(200)
        self.assert_lists(1, history=[self.only(history_projector_id=1)])

    def test_add_to_preview(self) -> None:
        first, current = self.project(PREVIEW, 1, weight=5), self.project(CURRENT, 1)
        element = {**self.ELEMENT, "ids": [1, 2], "stable": False, "type": ""}
        self.request("projector.add_to_preview", element, self.ELEMENT).assert_status(200)
        new = list(self.find_models("projection", preview_projector_id=1))[1:]
        self.assert_lists(1, current=[current], preview=[first, *new])
        assert [self.get_model(f"projection/{id_}")["weight"] for id_ in new] == [6, 7]
        other = self.only(preview_projector_id=2)
        self.assert_model_exists(f"projection/{other}", {"weight": 1, "type": None, "stable": False})

    @pytest.mark.parametrize("name", ["project", "toggle", "add_to_preview"])
    def test_rights(self, name: str) -> None:
        self.assert_needs_permission(f"projector.{name}", self.ELEMENT, "projector.can_manage")

    @pytest.mark.parametrize("name", ["toggle", "add_to_preview"])
    def test_few_calls(self, name: str) -> None:
        for _ in range(3):
            self.project(CURRENT, 1, 2)
        with self.stack.count_calls() as calls:
            self.request(f"projector.{name}", self.ELEMENT).assert_status(200)
        one = calls
        with self.stack.count_calls() as calls:
            elements = [{**self.ELEMENT, "ids": [1, 2], "content_object_id": f"topic/{n % 2 + 1}"} for n in range(30)]
            self.request(f"projector.{name}", *elements).assert_status(200)
        assert calls.writes == 1
        assert calls.reads <= one.reads + 2


class TestSteps(ProjectorTest):
    """`projector.next`, `previous`, `project_preview` and `sort_preview`."""

    def test_next(self) -> None:
        self.project(HISTORY, 1, weight=2)
        (old,) = self.find_models("projection")
        unstable, stable = self.project(CURRENT, 1), self.project(CURRENT, 1, stable=True)
        weightless, later = self.project(PREVIEW, 1), self.project(PREVIEW, 1, weight=9)
        first = self.project(PREVIEW, 1, weight=3)
        self.set_models({"projector/1": {"scroll": 4}})
        assert self.request("projector.next", {"id": 1}).assert_status(200).results == [None]
        self.assert_lists(1, current=[stable, first], preview=[weightless, later], history=[old, unstable])
        self.assert_model_exists(f"projection/{unstable}", {"weight": 3, "current_projector_id": None})
        self.assert_model_exists(f"projection/{first}", {"weight": 3, "preview_projector_id": None})
        self.assert_model_exists("projector/1", {"scroll": 4})
        self.request("projector.next", {"id": 1}, {"id": 1}, {"id": 1}).assert_status(200)
        self.assert_lists(1, current=[stable, weightless], history=[old, unstable, first, later])

    def test_previous(self) -> None:
        last, old = self.project(HISTORY, 1, weight=7), self.project(HISTORY, 1, weight=2)
        first, stable = self.project(CURRENT, 1), self.project(CURRENT, 1, stable=True)
        second, waiting = self.project(CURRENT, 1), self.project(PREVIEW, 1, weight=5)
        assert self.request("projector.previous", {"id": 1}).assert_status(200).results == [None]
        self.assert_lists(1, current=[last, stable], preview=[first, second, waiting], history=[old])
        weights = [self.get_model(f"projection/{id_}")["weight"] for id_ in (first, second, last)]
        assert weights == [4, 3, 7]
        self.assert_model_exists(f"projection/{first}", {"preview_projector_id": 1, "current_projector_id": None})
        self.assert_model_exists(f"projection/{last}", {"history_projector_id": None, "current_projector_id": 1})

    @pytest.mark.parametrize("name", ["next", "previous"])
    def test_nothing_to_show(self, name: str) -> None:
        shown = self.project(CURRENT, 1)
        with self.stack.count_calls() as calls:
            self.request(f"projector.{name}", {"id": 1}).assert_status(200)
        assert calls.writes == 0
        self.assert_lists(1, current=[shown])

    def test_project_preview(self) -> None:
        unstable, stable = self.project(CURRENT, 1), self.project(CURRENT, 1, stable=True)
        first, second = self.project(PREVIEW, 1, weight=1), self.project(PREVIEW, 1, weight=2)
        assert self.request("projector.project_preview", {"id": second}).assert_status(200).results == [[None]]
        self.assert_lists(1, current=[stable, second], preview=[first], history=[unstable])
        self.assert_model_exists(f"projection/{second}", {"weight": 2, "preview_projector_id": None})
        self.request("projector.project_preview", {"id": second}).assert_status(400, "preview")
        twice = self.request("projector.project_preview", {"id": first}, {"id": first}).assert_status(400, "preview")
        assert twice.body["action_data_error_index"] == 1

    def test_sort_preview(self) -> None:
        first, second = self.project(PREVIEW, 1), self.project(PREVIEW, 1)
        element = {"id": 1, "projection_ids": [second, first]}
        assert self.request("projector.sort_preview", element).assert_status(200).results == [None]
        self.assert_lists(1, preview=[first, second])
        assert [self.get_model(f"projection/{id_}")["weight"] for id_ in (first, second)] == [2, 1]
        for ids in ([first], [first, second, 99], [first, first]):
            self.request("projector.sort_preview", {"id": 1, "projection_ids": ids}).assert_status(400)

    @pytest.mark.parametrize("name", ["next", "previous", "sort_preview", "project_preview"])
    def test_rights(self, name: str) -> None:
        id_ = self.project(PREVIEW, 1) if name == "project_preview" else 1
        more: dict[str, Any] = {"projection_ids": []} if name == "sort_preview" else {}
        self.assert_needs_permission(f"projector.{name}", {"id": id_, **more}, "projector.can_manage")


class TestProjections(ProjectorTest):
    """`projection.*` and `projector_message.*`."""

    def test_create_and_update_are_internal(self) -> None:
        element = {"content_object_id": "topic/1", "meeting_id": 1, "current_projector_id": 1}
        self.request("projection.create", element).assert_status(400)
        id_ = self.request("projection.create", element, internal=True).assert_status(200).id
        self.assert_lists(1, current=[id_])
        self.create_meeting(4)
        self.request("projection.create", {**element, "current_projector_id": 4}, internal=True).assert_status(400)
        self.request("projection.update", {"id": id_, "current_projector_id": 4}, internal=True).assert_status(400)
        moved = {"id": id_, "current_projector_id": None, "history_projector_id": 2, "weight": 3}
        self.request("projection.update", moved, internal=True).assert_status(200)
        self.assert_lists(1)
        self.assert_lists(2, history=[id_])

    def test_update_options(self) -> None:
        id_ = self.project(CURRENT, 1, options={"a": 1}, stable=True)
        self.request("projection.update_options", {"id": id_}).assert_status(400)
        self.request("projection.update_options", {"id": id_, "options": [2]}).assert_status(200)
        self.assert_model_exists(f"projection/{id_}", {"options": [2], "stable": True})
        self.request("projection.update_options", {"id": id_, "options": None}).assert_status(200)
        self.assert_model_exists(f"projection/{id_}", {"options": None})

    @pytest.mark.parametrize(("list_", "status"), [(CURRENT, 200), (PREVIEW, 200), (HISTORY, 400)])
    def test_delete(self, list_: str, status: int) -> None:
        id_ = self.project(list_, 1)
        self.request("projection.delete", {"id": id_}).assert_status(status)
        if status == 200:
            self.assert_model_deleted(f"projection/{id_}")
            self.assert_lists(1)
            self.assert_model_exists("topic/1", {"projection_ids": []})

    @pytest.mark.parametrize(("name", "more"), [("update_options", {"options": {}}), ("delete", {})])
    def test_rights(self, name: str, more: dict[str, Any]) -> None:
        element = {"id": self.project(CURRENT, 1), **more}
        self.assert_needs_permission(f"projection.{name}", element, "projector.can_manage")

    def test_messages(self) -> None:
        self.request("projector_message.create", {"meeting_id": 1}).assert_status(400)
        text = "<p>x</p><script>y</script>"
        id_ = self.request("projector_message.create", {"meeting_id": 1, "message": text}).assert_status(200).id
        clean = "<p>x</p>"
        self.assert_model_exists(f"projector_message/{id_}", {"message": clean, "meeting_id": 1})
        self.request("projector_message.update", {"id": id_, "message": None}).assert_status(200)
        self.assert_model_exists(f"projector_message/{id_}", {"message": None})
        shown = self.project(HISTORY, 1)
        self.set_models(
            {
                f"projection/{shown}": {"content_object_id": f"projector_message/{id_}"},
                f"projector_message/{id_}": {"projection_ids": [shown]},
            }
        )
        self.request("projector_message.delete", {"id": id_}).assert_status(200)
        self.assert_model_deleted(f"projection/{shown}")
        self.assert_model_deleted(f"projector_message/{id_}")

    @pytest.mark.parametrize(
        ("name", "element"),
        [("create", {"meeting_id": 1, "message": "x"}), ("update", {"id": 5, "message": "y"}), ("delete", {"id": 5})],
    )
    def test_message_rights(self, name: str, element: dict[str, Any]) -> None:
        self.set_models({"projector_message/5": {"meeting_id": 1, "message": "x"}})
        self.assert_needs_permission(f"projector_message.{name}", element, "projector.can_manage")
