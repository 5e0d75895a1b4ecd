"""Imports of meetings (meeting_clone_import.md, "meeting.import"); that nothing is lost is tested by
`test_travelling_meetings`."""

import base64
from copy import deepcopy
from typing import Any

import pytest

from openslides_backend.actions.meeting.import_files import MAX_FILE_SIZE
from openslides_backend.models.migration import MIGRATION_INDEX
from openslides_backend.services.datastore import UpdateEvent
from openslides_backend.services.passwords import verify_password
from openslides_backend.shared.typing import Fields
from openslides_backend.transfer.export import export_meeting
from tests.integration.actions.interference import interfered
from tests.integration.base import SUPERADMIN, Answer, IntegrationTest
from tests.integration.two_meetings import two_meetings

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(50)).decode()


class ImportTest(IntegrationTest):
    """A meeting with some of everything, on its way to another organization."""

    export: Any = None

    def setup_method(self) -> None:
        super().setup_method()
        if ImportTest.export is None:
            self.stack.reset()
            self.set_models(two_meetings())
            ImportTest.export = export_meeting(self.stack.datastore, 1, internal=False)
            for name in ("organization_tag_ids", "template_for_organization_id", "default_meeting_for_committee_id"):
                ImportTest.export["meeting"]["1"].pop(name, None)
            super().setup_method()
        self.data = deepcopy(ImportTest.export)
        self.set_models({f"user/{SUPERADMIN}": {"username": "somebody"}})
        self.create_committee()

    def import_(self, status: int = 200, user: int = SUPERADMIN, **fields: Any) -> Answer:
        element = {"committee_id": 60, "meeting": self.data, **fields}
        return self.request("meeting.import", element, user=user).assert_status(status)

    def assert_refused(self, text: str) -> None:
        before = self.stack.datastore.get_everything()
        self.import_(400).assert_status(400, text)
        assert self.stack.datastore.get_everything() == before

    def changed(self, path: str, value: Any) -> None:
        """Set something in the data, or remove it (None)."""
        *way, last = path.split("/")
        place = self.data
        for key in way:
            place = place.setdefault(key, {})
        if value is None:
            del place[last]
        else:
            place[last] = value


class TestJudgement(ImportTest):
    """Everything is judged before anything is written; each error names model and field."""

    @pytest.mark.parametrize(
        ("path", "value", "text"),
        [
            ("_migration_index", None, "_migration_index"),
            ("_migration_index", MIGRATION_INDEX + 1, f"{MIGRATION_INDEX + 1}"),
            ("_migration_index", "83", "_migration_index"),
            ("meeting", {}, "exactly one meeting"),
            ("meeting/2", {"id": 2}, "exactly one meeting"),
            ("meeting/1/locked_from_inside", True, "meeting/1/locked_from_inside"),
            ("organization", {"1": {"id": 1}}, "organization"),
            ("committee", {"60": {"id": 60}}, "committee"),
            ("Motion", {}, "Motion"),
            ("tag", [], "tag"),
            ("tag/1", [], "tag/1"),
            ("tag/x", {"id": 1}, "tag/x"),
            ("tag/99999999999", {"id": 99999999999}, "tag/99999999999"),
            ("tag/1/id", 2, "tag/1"),
            ("tag/1/id", True, "tag/1"),
            ("tag/1/colour", "red", "tag/1/colour"),
            ("tag/1/name", 7, "tag/1/name"),
            ("tag/1/name", "", "tag/1/name"),
            ("tag/1/name", "x" * 257, "tag/1/name"),
            ("tag/1/name", "x\0", "tag/1/name"),
            ("tag/1/name", None, "tag/1/name"),
            ("tag/1/meeting_id", 101, "tag/1/meeting_id"),
            ("tag/1/meeting_id", {}, "tag/1/meeting_id"),
            ("tag/1/tagged_ids", ["motion/77"], "tag/1/tagged_ids"),
            ("tag/1/tagged_ids", ["user/1"], "tag/1/tagged_ids"),
            ("tag/1/tagged_ids", [{}], "tag/1/tagged_ids"),
            ("motion/1/block_id", 77, "motion/1/block_id"),
            ("motion/1/state_extension", "[motion/77]", "motion/1/state_extension"),
            ("motion/1/state_extension", "[user/1]", "motion/1/state_extension"),
            ("motion/1/amendment_paragraphs", {"x": "y"}, "motion/1/amendment_paragraphs"),
            ("motion/1/text", "<b>" * 5000, "motion/1/text"),
            ("group/1/permissions", ["everything"], "group/1/permissions"),
            ("projector/1/scale", "1", "projector/1/scale"),
            ("user/1/gender_id", 1, "user/1/gender_id"),
            ("user/1/gender", 1, "user/1/gender"),
            ("user/1/history_position_ids", [1], "user/1/history_position_ids"),
            ("user/1/default_vote_weight", "0.000000", "user/1/default_vote_weight"),
            ("user/1/username", " ", "user/1/username"),
            ("meeting/1/is_archived_in_organization_id", 1, "meeting/1/is_archived_in_organization_id"),
            ("meeting/1/admin_group_id", 77, "meeting/1/admin_group_id"),
            ("history_entry/9", {"id": 9, "position_id": 1, "meeting_id": 1}, "history_entry/9/position_id"),
            ("mediafile/1/owner_id", "organization/1", "mediafile/1/owner_id"),
            ("mediafile/1/blob", 7, "mediafile/1/blob"),
            ("mediafile/1/blob", "a", "mediafile/1/blob"),
            ("mediafile/1/blob", base64.b64encode(b"<script>").decode(), "mediafile/1/blob"),
        ],
    )
    def test_refused(self, path: str, value: Any, text: str) -> None:
        self.changed(path, value)
        self.assert_refused(text)

    @pytest.mark.parametrize(
        ("collection", "above", "below"),
        [
            ("agenda_item", "parent_id", "child_ids"),
            ("mediafile", "parent_id", "child_ids"),
            ("motion", "lead_motion_id", "amendment_ids"),
            ("motion", "sort_parent_id", "sort_child_ids"),
        ],
    )
    def test_circles(self, collection: str, above: str, below: str) -> None:
        models = self.data[collection]
        ids = sorted(map(int, models))[:2]
        for model in models.values():
            model.update({above: None, below: []})
        for id_, other in zip(ids, reversed(ids), strict=True):
            models[str(id_)].update({above: other, below: [other]})
        self.assert_refused(f"{collection}/{ids[0]}/{above}: it stands above itself")

    def test_type_of_files(self) -> None:
        self.data["mediafile"]["1"] |= {"blob": PNG, "mimetype": "image/jpeg"}
        self.assert_refused("mediafile/1/mimetype")

    def test_large_files(self) -> None:
        """The body is within its limit: what is told is which file is too large."""
        self.data["mediafile"]["1"] |= {"blob": "A" * (MAX_FILE_SIZE * 4 // 3 + 4), "mimetype": "image/png"}
        self.assert_refused("mediafile/1/blob: is larger than 209715200 bytes")

    def test_many_errors(self) -> None:
        for user in self.data["user"].values():
            user |= {f"x{number}": "y" * 1000 for number in range(1000)}
        assert len(self.import_(400).message) < 20_000

    def test_older_data(self) -> None:
        self.changed("_migration_index", 1)
        self.changed("tag/1/colour", "red")
        self.assert_refused("tag/1/colour")

    @pytest.mark.parametrize(
        "element", [{}, {"committee_id": 60}, {"meeting": {}}, {"committee_id": 60, "meeting": []}]
    )
    def test_payload(self, element: Fields) -> None:
        self.request("meeting.import", element).assert_status(400)

    def test_unknown_committee(self) -> None:
        self.import_(400, committee_id=77).assert_status(400, "committee/77")

    def test_external_id(self) -> None:
        self.create_meeting(1, external_id="x")
        self.changed("meeting/1/external_id", "x")
        self.assert_refused("external_id")

    def test_limits(self) -> None:
        self.set_models({"organization/1": {"limit_of_users": 1}})
        self.assert_refused("limit of 1 active users")
        self.set_models({"organization/1": {"limit_of_users": 0, "limit_of_meetings": 1, "active_meeting_ids": [5]}})
        self.assert_refused("limit of 1 active meetings")

    def test_permission(self) -> None:
        self.import_(403, user=self.create_user(oml="can_manage_organization"))
        self.import_(403, user=0)

    def test_is_singular(self) -> None:
        element = {"committee_id": 60, "meeting": self.data}
        self.request("meeting.import", element, element).assert_status(400)


class TestContents(ImportTest):
    def test_html_is_cleaned(self) -> None:
        self.changed("motion/1/text", "<p>a<script>b</script></p>")
        self.changed("motion/1/reason", "<p>&ouml; &amp; &lt;</p>")
        self.changed("motion/2/amendment_paragraphs", {"0": "<p>c<script>d</script></p>", "1": None})
        self.data["motion"]["2"]["amendment_paragraphs"]["1"] = None
        self.import_()
        motions = {motion["sequential_number"]: motion for motion in self.find_models("motion").values()}
        assert motions[1]["text"] == "<p>a</p>"
        assert motions[1]["reason"] == "<p>&ouml; &amp; &lt;</p>"
        assert motions[2]["amendment_paragraphs"] == {"0": "<p>c</p>"}

    def test_author_becomes_admin(self) -> None:
        id_ = self.import_().id
        meeting = self.get_model(f"meeting/{id_}")
        member = self.get_model(f"meeting_user/{self.meeting_user_id(SUPERADMIN, id_)}")
        assert member["group_ids"] == [meeting["admin_group_id"]]
        assert SUPERADMIN in meeting["user_ids"]
        assert self.find_models("history_entry") == {}

    def test_files(self) -> None:
        self.data["mediafile"]["1"]["blob"] = PNG
        self.import_()
        assert len(self.find_models("mediafile")) == 1

    def test_files_of_the_old_organization(self) -> None:
        self.data["meeting_mediafile"]["9"] = {
            "id": 9,
            "meeting_id": 1,
            "mediafile_id": 77,
            "is_public": True,
            "used_as_logo_web_header_in_meeting_id": 1,
            "list_of_speakers_id": 900,
        }
        self.data["list_of_speakers"]["900"] = {
            "id": 900,
            "meeting_id": 1,
            "content_object_id": "meeting_mediafile/9",
            "sequential_number": 900,
        }
        meeting = self.data["meeting"]["1"]
        meeting["meeting_mediafile_ids"].append(9)
        meeting["list_of_speakers_ids"].append(900)
        meeting["logo_web_header_id"] = 9
        id_ = self.import_().id
        assert self.get_model(f"meeting/{id_}").get("logo_web_header_id") is None
        assert self.find_models("list_of_speakers", sequential_number=900) == {}

    def test_calls(self) -> None:
        with self.stack.count_calls() as calls:
            self.import_()
        calls.assert_at_most(reads=10, reserves=3, writes=1)


class TestUsers(ImportTest):
    def test_merged_and_new(self) -> None:
        names = {user["username"] for user in self.data["user"].values()}
        first = self.import_().result
        assert first["number_of_imported_users"] == len(names)
        assert first["number_of_merged_users"] == 0
        second = self.import_().result
        assert second["number_of_merged_users"] == len(names)
        assert len(self.find_models("user")) == len(names) + 1

    def test_numbered_usernames(self) -> None:
        for number in range(1, 40):
            self.create_user(f"admin{number}")
        user = self.data["user"]["1"]
        user.update(username=" admin ", first_name="New")
        self.create_user("admin")
        with self.stack.count_calls() as calls:
            self.import_()
        calls.assert_at_most(reads=13, reserves=3, writes=1)
        (user,) = self.find_models("user", first_name="New").values()
        assert user["username"] == "admin40"

    def test_passwords_and_genders(self) -> None:
        self.set_models({"gender/7": {"name": "b", "organization_id": 1}})
        users = list(self.data["user"].values())
        users[0].update(gender="b", first_name="First", password="x", organization_management_level="superadmin")
        users[1].update(gender="c", first_name="Second", default_password="y")
        self.import_()
        (first,) = self.find_models("user", first_name="First").values()
        (second,) = self.find_models("user", first_name="Second").values()
        assert first["gender_id"] == 7
        assert first.get("organization_management_level") is None
        assert self.get_model(f"gender/{second['gender_id']}")["name"] == "c"
        for user in (first, second):
            assert len(user["default_password"]) == 10
            assert verify_password(user["default_password"], user["password"])
        assert self.get_model("organization/1")["user_ids"][0] == SUPERADMIN

    @pytest.mark.parametrize("name", ["saml_id", "member_number"])
    def test_values_that_must_be_unique(self, name: str) -> None:
        self.set_models({f"user/{self.create_user()}": {name: "x"}})
        self.changed(f"user/1/{name}", "x")
        self.assert_refused(f"user/1/{name}")

    def test_conflict(self) -> None:
        """Somebody takes a username between reading and writing."""
        event = UpdateEvent(f"user/{SUPERADMIN}", {"username": next(iter(self.data["user"].values()))["username"]})
        with interfered(self.stack, event) as calls:
            self.import_()
        assert calls.writes == 2
        assert len({user["username"] for user in self.find_models("user").values()}) == len(self.data["user"]) + 1
