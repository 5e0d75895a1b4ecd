"""The presenters on files."""

from typing import Any

import pytest

from tests.integration.base import IntegrationTest


class TestGetMediafileContext(IntegrationTest):
    """get_mediafile_context."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting(name="M")
        self.set_models(
            {
                "mediafile/1": {"owner_id": "meeting/1", "child_ids": [2]},
                "mediafile/2": {"owner_id": "meeting/1", "parent_id": 1, "child_ids": [3]},
                "mediafile/3": {"owner_id": "meeting/1", "parent_id": 2, "meeting_mediafile_ids": [9]},
                "mediafile/4": {"owner_id": "organization/1", "published_to_meetings_in_organization_id": 1},
                "meeting_mediafile/9": {"meeting_id": 1, "mediafile_id": 3, "projection_ids": [6, 7]},
                "projection/6": {"meeting_id": 1, "history_projector_id": 1},
                "projection/7": {"meeting_id": 4, "current_projector_id": 1},
            }
        )

    def context(self, *ids: int, user: int = 1) -> Any:
        return self.presenter("get_mediafile_context", {"mediafile_ids": list(ids)}, user=user)

    def test_uses_of_what_is_below(self) -> None:
        self.set_models({"meeting_mediafile/9": {"used_as_font_bold_in_meeting_id": 1}})
        with self.stack.count_calls() as calls:
            answer = self.context(1, 4, 99).body[0]
        assert answer == {
            "1": {
                "owner_id": "meeting/1",
                "published": False,
                "children_amount": 2,
                "meetings_of_interest": {
                    "1": {
                        "name": "M",
                        "holds_attachments": False,
                        "holds_logos": False,
                        "holds_fonts": True,
                        "holds_current_projections": False,
                        "holds_history_projections": True,
                        "holds_preview_projections": False,
                    }
                },
            },
            "4": {
                "owner_id": "organization/1",
                "published": True,
                "children_amount": 0,
                "meetings_of_interest": {},
            },
        }
        calls.assert_at_most(reads=4, reserves=0, writes=0)

    def test_nothing(self) -> None:
        assert self.context(99, user=0).body == [{}]

    @pytest.mark.parametrize(("ids", "status"), [([1], 200), ([4], 403), ([1, 4], 403), ([], 200)])
    def test_manager_of_the_meetings_files(self, ids: list[int], status: int) -> None:
        user_id = self.create_user(group_ids=[3])
        self.set_permissions(3, ["mediafile.can_manage"])
        self.context(*ids, user=user_id).assert_status(status)

    def test_participant(self) -> None:
        self.context(1, user=self.create_user(group_ids=[3])).assert_status(403)
