"""What others change meanwhile: access to files follows from it where it must, and nobody waits for other meetings."""

import pytest

from openslides_backend.services.datastore import Event, UpdateEvent
from openslides_backend.shared.typing import Fields
from tests.integration.actions.interference import interfered
from tests.integration.actions.test_mediafile import OWNER, FilesTest

MOVE = ("mediafile.move", {"owner_id": OWNER, "ids": [5], "parent_id": 6})
UPDATE = ("mediafile.update", {"id": 6, "meeting_id": 1, "access_group_ids": [2]})
DELETE_GROUP = ("group.delete", {"id": 3})


class TestLocks(FilesTest):
    """mediafile/5 with 20 files, and mediafile/6, which group/3 may see."""

    def setup_method(self) -> None:
        super().setup_method()
        link = {"link": {"is_public": True}}
        files = {f"f{10 + n}": {"parent_id": 5, **link} for n in range(20)}
        self.store(OWNER, f5=link, f6={"is_directory": True, **link}, **files)
        restricted = {"is_public": False, "inherited_access_group_ids": [3], "access_group_ids": [3]}
        self.set_models({"meeting_mediafile/6": restricted})
        self.create_meeting(70)
        self.set_models(
            {
                "mediafile/900": {"owner_id": "meeting/70", "title": "x", "meeting_mediafile_ids": [900]},
                "meeting_mediafile/900": {"meeting_id": 70, "mediafile_id": 900, "is_public": True},
            }
        )

    def writes(self, action: tuple[str, Fields], fqid: str, **changes: object) -> int:
        """How often it is tried to write when somebody else changes something just before the first time."""
        event: Event = UpdateEvent(fqid, dict(changes))
        with interfered(self.stack, event) as calls:
            self.request(action[0], action[1]).assert_status(200)
        return calls.writes

    @pytest.mark.parametrize("action", [MOVE, UPDATE, DELETE_GROUP])
    def test_other_meetings_do_not_matter(self, action: tuple[str, Fields]) -> None:
        changes = {"access_group_ids": [72], "inherited_access_group_ids": [72], "is_public": False}
        assert self.writes(action, "meeting_mediafile/900", **changes) == 1

    def test_the_new_parent_changes(self) -> None:
        assert self.writes(MOVE, "meeting_mediafile/6", inherited_access_group_ids=[2]) == 2
        assert self.link_of(29)["inherited_access_group_ids"] == [2]

    def test_a_file_below_changes(self) -> None:
        assert self.writes(MOVE, "meeting_mediafile/29", access_group_ids=[2, 3], is_public=False) == 2
        assert self.link_of(29)["inherited_access_group_ids"] == [3]
        assert self.link_of(28)["inherited_access_group_ids"] == [3]

    def test_access_groups_change_twice(self) -> None:
        self.request(*MOVE).assert_status(200)
        assert self.writes(UPDATE, "meeting_mediafile/29", access_group_ids=[2], is_public=False) == 2
        assert self.link_of(29)["inherited_access_group_ids"] == [2]

    def test_a_file_gets_the_group_that_is_deleted(self) -> None:
        assert self.writes(DELETE_GROUP, "meeting_mediafile/29", inherited_access_group_ids=[3], is_public=False) == 2
        assert self.link_of(29) == {**self.link_of(29), "inherited_access_group_ids": [], "is_public": True}
