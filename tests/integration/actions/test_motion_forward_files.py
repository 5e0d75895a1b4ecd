"""Files that come along with forwarded motions (motion_forwarding.md, "F8")."""

from collections import Counter
from typing import Any

from openslides_backend.services.datastore import UpdateEvent
from openslides_backend.shared.typing import Fields
from tests.integration.actions.interference import interfered
from tests.integration.actions.motion_forwarding import ORIGIN, OTHER, TARGET, ForwardTest
from tests.integration.wsgi_transport import WsgiTransport


class _CountingTransport(WsgiTransport):
    """Counts the requests to the media service by their paths."""

    def __init__(self, application: Any) -> None:
        super().__init__(application)
        self.paths: Counter[str] = Counter()

    def called(self, path: str) -> None:
        self.paths[path.strip("/").rpartition("/")[2]] += 1


class TestAttachments(ForwardTest):
    """Files that come along."""

    def setup_method(self) -> None:
        super().setup_method()
        self.motion(7)
        self.motion(8, 7)
        here = {"owner_id": f"meeting/{ORIGIN}"}
        self.set_models(
            {
                "mediafile/3": {"title": "f", "mimetype": "text/plain", "parent_id": 5, **here},
                "mediafile/4": {
                    "title": "o",
                    "owner_id": "organization/1",
                    "published_to_meetings_in_organization_id": 1,
                },
                "mediafile/5": {"title": "d", "is_directory": True, "child_ids": [3], **here},
                **{
                    f"meeting_mediafile/{id_ + 10}": {"mediafile_id": id_, "meeting_id": ORIGIN, "is_public": id_ == 4}
                    for id_ in (3, 4, 5)
                },
            }
        )

    def attach(self, motion_id: int, *file_ids: int) -> None:
        """Attach files to a stored motion."""
        links = [id_ + 10 for id_ in file_ids]
        self.set_models({f"motion/{motion_id}": {"attachment_meeting_mediafile_ids": links}})

    def files(self, copy: Fields) -> list[Fields]:
        """The files attached to a motion, with what they mean to its meeting under `link`."""
        links = [self.get_model(f"meeting_mediafile/{id_}") for id_ in copy["attachment_meeting_mediafile_ids"]]
        return [{**self.get_model(f"mediafile/{link['mediafile_id']}"), "link": link} for link in links]

    def test_file_and_folder_in_one_step(self) -> None:
        self.attach(7, 5, 3)
        self.forward(self.element(7, with_attachments=True)).assert_status(200)
        folder, file = self.files(self.copies()[7])
        assert [folder["title"], file["title"]] == ["d", "f"]
        assert folder["owner_id"] == file["owner_id"] == f"meeting/{TARGET}"
        assert (folder.get("parent_id"), file["parent_id"]) == (None, folder["id"])
        assert [f["link"]["inherited_access_group_ids"] for f in (folder, file)] == [[11], [11]]
        assert [f["link"].get("access_group_ids") or [] for f in (folder, file)] == [[11], []]
        assert [f["link"]["is_public"] for f in (folder, file)] == [False, False]

    def test_folder_of_another_step(self) -> None:
        self.attach(7, 5)
        self.attach(8, 3, 5)
        self.forward(self.element(7, with_attachments=True, with_amendments=True)).assert_status(200)
        (folder,) = self.files(self.copies()[7])
        file, same = self.files(self.copies()[8])
        assert same == folder
        assert "parent_id" not in file

    def test_files_of_the_organization_are_not_copied(self) -> None:
        self.attach(7, 4)
        self.attach(8, 4)
        elements = [self.element(7, target, with_attachments=True, with_amendments=True) for target in (TARGET, OTHER)]
        self.forward(*elements).assert_status(200)
        for target in (TARGET, OTHER):
            copies = self.copies(target)
            ((file,), (same,)) = (self.files(copies[id_]) for id_ in (7, 8))
            assert file == same
            assert (file["id"], file["link"]["is_public"], file["link"]["meeting_id"]) == (4, True, target)
        self.forward(elements[0]).assert_status(200)
        assert len(self.find_models("meeting_mediafile", mediafile_id=4)) == 3

    def test_without_flag_or_attachments(self) -> None:
        self.forward(self.element(7, with_attachments=True)).assert_status(200)
        assert "attachment_meeting_mediafile_ids" not in self.copies()[7]
        self.attach(7, 3)
        self.forward(self.element(7, OTHER)).assert_status(200)
        assert "attachment_meeting_mediafile_ids" not in self.copies(OTHER)[7]

    def test_no_attachments_next_to_motions_that_have_some(self) -> None:
        self.attach(7, 3)
        self.forward(self.element(7, with_attachments=True, with_amendments=True)).assert_status(200)
        assert self.copies()[8]["attachment_meeting_mediafile_ids"] == []

    def test_forbidden_by_the_organization(self) -> None:
        self.attach(7, 3)
        self.set_models({"organization/1": {"disable_forward_with_attachments": True}})
        media = _CountingTransport(self.stack.media.application)
        with self.stack.replaced(self.stack.environment.media_url, media):
            self.forward(self.element(7, with_attachments=True)).assert_status(400, "with_attachments")
        assert not media.paths
        self.forward(self.element(7)).assert_status(200)

    def test_nothing_is_copied_twice_on_a_retry(self) -> None:
        self.attach(7, 3)
        media = _CountingTransport(self.stack.media.application)
        change = UpdateEvent("motion/7", {"number": "X"})
        with (
            self.stack.replaced(self.stack.environment.media_url, media),
            interfered(self.stack, change) as calls,
        ):
            self.forward(self.element(7, with_attachments=True, use_original_number=True)).assert_status(200)
        assert (calls.writes, media.paths["duplicate_mediafile"]) == (2, 1)
        assert self.copies()[7]["number"] == "X"
        assert len(self.find_models("mediafile", owner_id=f"meeting/{TARGET}")) == 1

    def test_two_calls_copy_twice(self) -> None:
        self.attach(7, 3)
        data = [self.element(7, with_attachments=True)]
        self.request_multi([("motion.create_forwarded", data)] * 2).assert_status(200)
        titles = [file["title"] for file in self.find_models("mediafile", owner_id=f"meeting/{TARGET}").values()]
        assert titles == ["f", "f (1)"]

    def test_nothing_is_copied_where_anything_is_refused(self) -> None:
        self.attach(7, 3)
        self.set_models({f"meeting/{OTHER}": {"motions_default_workflow_id": None}})
        media = _CountingTransport(self.stack.media.application)
        with self.stack.replaced(self.stack.environment.media_url, media):
            elements = [self.element(7, target, with_attachments=True) for target in (TARGET, OTHER)]
            self.forward(*elements).assert_status(400, "workflow")
        assert not media.paths
