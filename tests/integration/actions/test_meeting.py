"""Archive meetings, their speakers, projectors, logos and fonts (meeting.md)."""

from typing import Any

import pytest

from openslides_backend.actions.shared.projectors import DEFAULT_PROJECTORS, USED_AS_DEFAULT
from tests.integration.actions.rights import RightsTest

ACTIVE, ARCHIVED = "is_active_in_organization_id", "is_archived_in_organization_id"


class TestArchive(RightsTest):
    """`meeting.archive` and `unarchive`."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting(locked_from_inside=True)

    def archive(self) -> None:
        """Store meeting/1 as an archived one."""
        self.set_models(
            {
                "meeting/1": {ACTIVE: None, ARCHIVED: 1},
                "organization/1": {"active_meeting_ids": [], "archived_meeting_ids": [1]},
            }
        )

    def test_there_and_back(self) -> None:
        assert self.request("meeting.archive", {"id": 1}).assert_status(200).results == [[None]]
        self.assert_model_exists("meeting/1", {ACTIVE: None, ARCHIVED: 1})
        self.assert_model_exists("organization/1", {"active_meeting_ids": [], "archived_meeting_ids": [1]})
        self.request("meeting.archive", {"id": 1}).assert_status(400, "archived")
        self.request("meeting.unarchive", {"id": 1}).assert_status(200)
        self.assert_model_exists("organization/1", {"active_meeting_ids": [1], "archived_meeting_ids": []})
        self.request("meeting.unarchive", {"id": 1}).assert_status(400, "not archived")

    def test_twice_in_a_batch(self) -> None:
        self.request("meeting.archive", {"id": 1}, {"id": 1}).assert_status(400, "archived")

    @pytest.mark.parametrize(
        ("models", "status"),
        [
            ({"speaker/1": {"meeting_id": 1, "begin_time": 5}}, 400),
            ({"speaker/1": {"meeting_id": 1, "begin_time": 5, "pause_time": 6}}, 400),
            ({"speaker/1": {"meeting_id": 1, "begin_time": 5, "end_time": 6}}, 200),
            ({"speaker/1": {"meeting_id": 1}}, 200),
            ({"speaker/1": {"meeting_id": 4, "begin_time": 5}}, 200),
            ({"poll/1": {"meeting_id": 1, "state": "started"}}, 400),
            ({"poll/1": {"meeting_id": 1, "state": "finished"}}, 200),
            ({"poll/1": {"meeting_id": 4, "state": "started"}}, 200),
        ],
    )
    def test_only_quiet_meetings(self, models: dict[str, dict[str, Any]], status: int) -> None:
        self.set_models(models)
        self.request("meeting.archive", {"id": 1}).assert_status(status)

    @pytest.mark.parametrize(("limit", "status"), [(0, 200), (2, 200), (1, 400)])
    def test_limit(self, limit: int, status: int) -> None:
        self.archive()
        self.create_meeting(4)
        self.set_models({"organization/1": {"limit_of_meetings": limit}})
        self.request("meeting.unarchive", {"id": 1}).assert_status(status)

    def test_who_may_archive(self) -> None:
        for user_id in (0, self.create_user(group_ids=[2]), self.create_user(oml="can_manage_users")):
            self.request("meeting.archive", {"id": 1}, user=user_id).assert_status(403)
        for user_id in (self.create_manager(60), self.create_user(oml="can_manage_organization")):
            self.request("meeting.archive", {"id": 1}, user=user_id).assert_status(200)
            self.request("meeting.unarchive", {"id": 1}).assert_status(200)
        self.request("meeting.archive", {"id": 99}).assert_status(400)

    def test_who_may_unarchive(self) -> None:
        self.archive()
        for user_id in (0, self.create_manager(60), self.create_user(oml="can_manage_organization")):
            self.request("meeting.unarchive", {"id": 1}, user=user_id).assert_status(403)


class TestDeleteAllSpeakers(RightsTest):
    """`meeting.delete_all_speakers_of_all_lists`."""

    NAME = "meeting.delete_all_speakers_of_all_lists"

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting(
            list_of_speakers_ids=[5, 6], list_of_speakers_couple_countdown=True, list_of_speakers_countdown_id=9
        )
        lists = {"meeting_id": 1, "structure_level_list_of_speakers_ids": [8]}
        self.set_models(
            {
                "list_of_speakers/5": {"speaker_ids": [51, 52], **lists},
                "list_of_speakers/6": {"speaker_ids": [61], **lists},
                "speaker/51": {"meeting_id": 1, "list_of_speakers_id": 5, "begin_time": 3},
                "speaker/52": {"meeting_id": 1, "list_of_speakers_id": 5},
                "speaker/61": {
                    "meeting_id": 1,
                    "list_of_speakers_id": 6,
                    "begin_time": 3,
                    "end_time": 4,
                    "structure_level_list_of_speakers_id": 8,
                },
                "structure_level_list_of_speakers/8": {"meeting_id": 1, "speaker_ids": [61], "remaining_time": 10},
                "projector_countdown/9": {"meeting_id": 1, "title": "x", "running": True, "countdown_time": 8},
            }
        )

    def test_delete(self) -> None:
        assert self.request(self.NAME, {"id": 1}).assert_status(200).results == [None]
        for id_ in (51, 52, 61):
            self.assert_model_deleted(f"speaker/{id_}")
        self.assert_model_exists("list_of_speakers/5", {"speaker_ids": []})
        self.assert_model_exists("structure_level_list_of_speakers/8", {"speaker_ids": [], "remaining_time": 10})
        self.assert_model_exists("projector_countdown/9", {"running": True, "countdown_time": 8})
        with self.stack.count_calls() as calls:
            self.request(self.NAME, {"id": 1}).assert_status(200)
        assert calls.writes == 0

    def test_rights(self) -> None:
        self.assert_needs_permission(self.NAME, {"id": 1}, "list_of_speakers.can_manage")
        self.request(self.NAME, {"id": 99}).assert_status(400)


class TestReplaceProjector(RightsTest):
    """`meeting.replace_projector_id`."""

    def test_replace(self) -> None:
        self.create_meeting()
        self.set_models(
            {
                "meeting/1": {DEFAULT_PROJECTORS[0]: [2], DEFAULT_PROJECTORS[1]: [2, 1]},
                "projector/1": {USED_AS_DEFAULT[0]: None},
                "projector/2": {"meeting_id": 1, USED_AS_DEFAULT[0]: 1, USED_AS_DEFAULT[1]: 1},
            }
        )
        element = {"id": 1, "projector_id": 2}
        self.request("meeting.replace_projector_id", element).assert_status(400)
        answer = self.request("meeting.replace_projector_id", element, internal=True).assert_status(200)
        assert answer.results == [None]
        self.assert_model_exists("meeting/1", {DEFAULT_PROJECTORS[0]: [1], DEFAULT_PROJECTORS[1]: [1]})
        self.assert_model_exists("projector/1", {USED_AS_DEFAULT[0]: 1})
        self.assert_model_exists("projector/2", {USED_AS_DEFAULT[0]: None, USED_AS_DEFAULT[1]: None})
        with self.stack.count_calls() as calls:
            self.request("meeting.replace_projector_id", element, internal=True).assert_status(200)
        assert calls.writes == 0


class TestLogosAndFonts(RightsTest):
    """`meeting.set_logo`, `unset_logo`, `set_font` and `unset_font`."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()
        self.create_meeting(4)
        published = {"owner_id": "organization/1", "published_to_meetings_in_organization_id": 1}
        own = {"owner_id": "meeting/1", "mimetype": "image/png"}
        self.set_models(
            {
                "mediafile/1": {**own, "meeting_mediafile_ids": [11]},
                "meeting_mediafile/11": {"meeting_id": 1, "mediafile_id": 1, "is_public": True},
                "mediafile/2": {**published, "mimetype": "image/png"},
                "mediafile/3": {**published, "mimetype": "image/png", "parent_id": 6},
                "mediafile/4": {**own, "owner_id": "meeting/4"},
                "mediafile/5": {**own, "owner_id": "organization/1"},
                "mediafile/6": {**published, "is_directory": True},
                "mediafile/7": {**published, "mimetype": "font/ttf"},
                "mediafile/8": own,
            }
        )

    @pytest.mark.parametrize(
        ("kind", "place", "file"), [("logo", "web_header", 1), ("logo", "pdf_ballot_paper", 2), ("font", "bold", 7)]
    )
    def test_set_and_unset(self, kind: str, place: str, file: int) -> None:
        name = f"{kind}_{place}_id"
        element = {"id": 1, "place": place}
        self.request(f"meeting.set_{kind}", {**element, "mediafile_id": file}).assert_status(200)
        link = self.get_model("meeting/1")[name]
        self.assert_model_exists(
            f"meeting_mediafile/{link}",
            {"mediafile_id": file, "meeting_id": 1, f"used_as_{kind}_{place}_in_meeting_id": 1},
        )
        self.request(f"meeting.unset_{kind}", element, element).assert_status(200)
        self.assert_model_exists("meeting/1", {name: None})
        self.assert_model_exists(f"meeting_mediafile/{link}", {f"used_as_{kind}_{place}_in_meeting_id": None})

    @pytest.mark.parametrize(("file", "own_groups"), [(2, [2]), (3, None)])
    def test_new_link(self, file: int, own_groups: list[int] | None) -> None:
        elements = [{"id": 1, "place": place, "mediafile_id": file} for place in ("web_header", "projector_main")]
        self.request("meeting.set_logo", *elements).assert_status(200)
        ((_, link),) = self.find_models("meeting_mediafile", mediafile_id=file).items()
        assert (link["is_public"], link["inherited_access_group_ids"]) == (False, [2])
        assert link.get("access_group_ids") == own_groups

    @pytest.mark.parametrize(
        ("name", "more"),
        [
            ("set_logo", {"mediafile_id": 99}),
            ("set_logo", {"mediafile_id": 4}),
            ("set_logo", {"mediafile_id": 5}),
            ("set_logo", {"mediafile_id": 6}),
            ("set_logo", {"mediafile_id": 7}),
            ("set_logo", {"mediafile_id": 8}),
            ("set_font", {"place": "bold", "mediafile_id": 1}),
            ("set_logo", {"place": "bold", "mediafile_id": 1}),
            ("set_logo", {"place": "", "mediafile_id": 1}),
            ("set_logo", {}),
            ("unset_logo", {"place": "x_id"}),
            ("unset_font", {}),
        ],
    )
    def test_refused(self, name: str, more: dict[str, Any]) -> None:
        self.request(f"meeting.{name}", {"id": 1, "place": "web_header", **more}).assert_status(400)

    @pytest.mark.parametrize(
        ("name", "more"),
        [
            ("set_logo", {"place": "web_header", "mediafile_id": 2}),
            ("unset_logo", {"place": "web_header"}),
            ("set_font", {"place": "bold", "mediafile_id": 7}),
            ("unset_font", {"place": "bold"}),
        ],
    )
    def test_rights(self, name: str, more: dict[str, Any]) -> None:
        permission = "meeting.can_manage_logos_and_fonts"
        self.assert_needs_permission(f"meeting.{name}", {"id": 1, **more}, permission)
