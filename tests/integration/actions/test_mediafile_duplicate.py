"""Copies of files for other meetings (mediafile.md, "mediafile.duplicate_to_another_meeting")."""

from typing import Any

from openslides_backend.actions.mediafile.forwarding import forward_files
from openslides_backend.actions.registry import load_actions
from openslides_backend.engine.action import Action
from openslides_backend.engine.performing import Performer
from openslides_backend.engine.run import Run
from openslides_backend.engine.states import States
from openslides_backend.models.models import MODELS
from openslides_backend.shared.context import RequestContext
from tests.integration.base import Answer, IntegrationTest

NAME = "mediafile.duplicate_to_another_meeting"
CONTENT = {"filename": "a.pdf", "filesize": 3, "mimetype": "application/pdf", "pdf_information": {"pages": 2}}


class DuplicateTest(IntegrationTest):
    """Base: meeting/1 with mediafile/3, and meeting/10."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting(1)
        self.create_meeting(10)
        self.set_models({"mediafile/3": {"title": "f", "owner_id": "meeting/1", **CONTENT}})
        self.media = self.stack.media_files
        for id_ in self.media.touched():
            self.media.remove(id_, self.media.touched()[id_])
        self.media.put(3, "application/pdf", [b"abc"])

    def stored_content(self, file_id: int) -> bytes | None:
        """What the media service keeps."""
        found = self.media.open(file_id)
        if found is None:
            return None
        with found.stream as stream:
            return stream.read()


class TestDuplicate(DuplicateTest):
    def duplicate(self, *copies: dict[str, Any]) -> Answer:
        """Copy files, to the root of meeting/10 unless told otherwise."""
        elements = ({"owner_id": "meeting/10", "origin_id": 3, **copy} for copy in copies)
        return self.request(NAME, *elements, internal=True)

    def test_file(self) -> None:
        assert self.duplicate({"id": 7}).assert_status(200).results == [[{"id": 7}]]
        copy = self.get_model("mediafile/7")
        assert copy.pop("create_timestamp") > 0
        assert copy == {"id": 7, "title": "f", "owner_id": "meeting/10", **CONTENT}
        assert self.stored_content(7) == b"abc"
        self.assert_model_exists("meeting/10", {"mediafile_ids": [7]})

    def test_nothing_of_the_organization_is_taken_over(self) -> None:
        published = {"published_to_meetings_in_organization_id": 1, "token": "t", "owner_id": "organization/1"}
        self.set_models({"mediafile/4": {"title": "f", **published}})
        self.duplicate({"id": 7, "origin_id": 4}).assert_status(200)
        copy = self.get_model("mediafile/7")
        assert copy.keys() == {"id", "title", "owner_id", "create_timestamp"}

    def test_directory_with_a_file(self) -> None:
        self.set_models({"mediafile/5": {"title": "d", "owner_id": "meeting/1", "is_directory": True}})
        self.duplicate({"id": 8, "origin_id": 5}, {"id": 7, "parent_id": 8}).assert_status(200)
        self.assert_model_exists("mediafile/8", {"title": "d", "is_directory": True, "child_ids": [7]})
        self.assert_model_exists("mediafile/7", {"title": "f", "parent_id": 8})
        assert (self.stored_content(7), self.stored_content(8)) == (b"abc", None)

    def test_titles(self) -> None:
        titles = {4: "f", 5: "f (7)", 6: "f (x)"}
        self.set_models({f"mediafile/{id_}": {"title": t, "owner_id": "meeting/10"} for id_, t in titles.items()})
        self.duplicate({"id": 7}, {"id": 8}, {"id": 9, "parent_id": 4}).assert_status(200)
        found = [self.get_model(f"mediafile/{id_}")["title"] for id_ in (7, 8, 9)]
        assert found == ["f (8)", "f (9)", "f"]

    def test_no_title(self) -> None:
        self.set_models({"mediafile/3": {"title": None}})
        self.duplicate({"id": 7}, {"id": 8}).assert_status(200)
        assert "title" not in self.get_model("mediafile/8")

    def test_no_origin(self) -> None:
        answer = self.duplicate({"id": 7}, {"id": 8, "origin_id": 99}).assert_status(400, "mediafile/99")
        assert answer.body["action_data_error_index"] == 1
        self.assert_model_not_exists("mediafile/7")
        assert self.stored_content(7) is None

    def test_few_calls(self) -> None:
        with self.stack.count_calls() as calls:
            self.duplicate(*({"id": id_} for id_ in range(100, 400))).assert_status(200)
        calls.assert_at_most(reads=2, reserves=0, writes=1)
        assert self.get_model("mediafile/399")["title"] == "f (299)"


class TestForwarding(DuplicateTest):
    """What forwarding of topics does with files."""

    def forwarder(self) -> Action:
        """Any action that the copies are made for."""
        run = Run(self.stack.services, RequestContext(-1, internal=True), MODELS, States())
        actions = load_actions()
        Performer(run, actions)
        return actions["agenda_item.forward"](run)

    def test_links_are_for_admins_only(self) -> None:
        self.set_models({"mediafile/5": {"title": "d", "owner_id": "meeting/1", "is_directory": True}})
        action = self.forwarder()
        ids = forward_files(action, {3: {"parent_id": 5}, 5: {}}, 10)
        links = {change.fields["mediafile_id"]: change.fields for _, change in action.uow.changed("meeting_mediafile")}
        own = {file: link["access_group_ids"] for file, link in links.items()}
        assert own == {ids[3]: [], ids[5]: [11]}
        for link in links.values():
            assert (link["meeting_id"], link["is_public"]) == (10, False)
            assert link["inherited_access_group_ids"] == [11]
        assert self.stored_content(ids[3]) == b"abc"

    def test_no_files(self) -> None:
        action = self.forwarder()
        assert forward_files(action, {}, 10) == {}
        assert not list(action.uow.changed("meeting_mediafile"))
