"""The presenter on what may be downloaded."""

from typing import Any

import pytest

from tests.integration.base import IntegrationTest


class TestCheckMediafileId(IntegrationTest):
    """check_mediafile_id."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()
        self.set_permissions(3, [])
        self.set_models(
            {
                "mediafile/1": {"owner_id": "meeting/1", "filename": "a.pdf", "mimetype": "application/pdf"},
                "mediafile/2": {"owner_id": "organization/1", "filename": "b.pdf", "mimetype": "application/pdf"},
                "meeting_mediafile/9": {"mediafile_id": 1, "meeting_id": 1, "projection_ids": [5]},
                "projection/5": {"meeting_id": 1, "content_object_id": "meeting_mediafile/9"},
            }
        )
        self.participant = self.create_user(group_ids=[3])

    def check(self, id_: int = 1, *, user: int) -> Any:
        return self.presenter("check_mediafile_id", {"mediafile_id": id_}, user=user)

    def assert_allowed(self, user: int, is_allowed: bool) -> None:
        answer = self.check(user=user)
        assert answer.status == (200 if is_allowed else 403)
        assert not is_allowed or answer.body == [{"ok": True, "filename": "a.pdf"}]

    def test_admin(self) -> None:
        with self.stack.count_calls() as calls:
            self.assert_allowed(self.create_user(group_ids=[2]), True)
        calls.assert_at_most(reads=4, reserves=0, writes=0)
        self.assert_allowed(self.participant, False)

    def test_logo(self) -> None:
        self.set_models({"meeting_mediafile/9": {"used_as_logo_web_header_in_meeting_id": 1}})
        self.assert_allowed(self.participant, True)
        self.assert_allowed(self.create_user(), False)
        self.assert_allowed(0, False)
        self.set_models({"meeting/1": {"enable_anonymous": True}})
        self.assert_allowed(0, True)

    def test_projected(self) -> None:
        self.set_permissions(3, ["projector.can_see"])
        self.assert_allowed(self.participant, False)
        self.set_models({"projection/5": {"current_projector_id": 1}})
        self.assert_allowed(self.participant, True)
        self.set_permissions(3, [])
        self.assert_allowed(self.participant, False)

    @pytest.mark.parametrize(
        ("use", "is_allowed"),
        [
            ({"is_public": True}, True),
            ({"inherited_access_group_ids": [3]}, True),
            ({"inherited_access_group_ids": [1]}, False),
        ],
    )
    def test_access(self, use: dict[str, object], is_allowed: bool) -> None:
        self.set_models({"meeting_mediafile/9": use})
        self.assert_allowed(self.participant, False)
        self.set_permissions(3, ["mediafile.can_see"])
        self.assert_allowed(self.participant, is_allowed)

    def test_access_of_anonymous(self) -> None:
        self.set_models(
            {
                "group/50": {"meeting_id": 1, "permissions": ["mediafile.can_see"]},
                "meeting/1": {"enable_anonymous": True, "anonymous_group_id": 50},
            }
        )
        self.assert_allowed(0, False)
        self.set_models({"meeting_mediafile/9": {"inherited_access_group_ids": [50]}})
        self.assert_allowed(0, True)

    def test_file_of_the_organization(self) -> None:
        assert self.check(2, user=self.create_user()).body == [{"ok": True, "filename": "b.pdf"}]
        self.check(2, user=0).assert_status(403)
        self.set_models({"mediafile/2": {"token": "web_logo"}})
        assert self.check(2, user=0).body == [{"ok": True, "filename": "web_logo.pdf"}]

    @pytest.mark.parametrize(
        "fields", [{"is_directory": True}, {"token": "x", "mimetype": None}, {"token": "x", "mimetype": "no/such"}]
    )
    def test_nothing_to_download(self, fields: dict[str, object]) -> None:
        self.set_models({"mediafile/2": fields})
        assert self.check(2, user=1).body == [{"ok": False}]

    def test_file_without_name(self) -> None:
        self.set_models({"mediafile/1": {"filename": None}})
        assert self.check(user=1).body == [{"ok": False}]

    def test_unknown_file(self) -> None:
        self.check(99, user=1).assert_status(400)
