"""First step of the import of participants (participant_import.md)."""

from typing import Any

import pytest

from openslides_backend.permissions.permissions import Permissions
from tests.integration.actions.people_import import PeopleImportTest, value

MANAGE = Permissions.User.CAN_MANAGE


class ParticipantUploadTest(PeopleImportTest):
    """Base: meeting/1 with the groups 1 (default), 2 (admins) and 3, and structure level 1."""

    kind = "participant"
    place = {"meeting_id": 1}

    def setup_method(self) -> None:
        super().setup_method()
        self.set_models(
            {
                "group/1": {"name": "Default"},
                "group/2": {"name": "Admin"},
                "group/3": {"name": "Delegates"},
                "structure_level/1": {"name": "north", "meeting_id": 1},
            }
        )
        self.admin = self.create_user("admin", group_ids=[2])


class TestParticipation(ParticipantUploadTest):
    """Groups, structure levels and other data of the meeting."""

    def test_all(self) -> None:
        result = self.upload(
            {"username": "a", "groups": "Delegates, new", "structure_level": ["north", "south"], "vote_weight": "2"},
            {"username": "b", "groups": "new", "number": "7", "is_present": "0", "comment": "<b>", "locked_out": "no"},
            {"username": "c", "groups": "", "structure_level": ""},
        ).result
        first, second, third = (row["data"] for row in result["rows"])
        assert first["groups"] == [value("Delegates", "done", 3), value("new", "new")]
        assert first["structure_level"] == [value("north", "done", 1), value("south", "new")]
        assert first["vote_weight"] == value("2.000000")
        assert {name: second[name]["value"] for name in ("number", "is_present", "comment", "locked_out")} == {
            "number": "7",
            "is_present": False,
            "comment": "<b>",
            "locked_out": False,
        }
        assert third["groups"] == [value("Default", "generated", 1)]
        assert "structure_level" not in third
        assert result["statistics"][-2:] == [
            {"name": "structure levels created", "value": 1},
            {"name": "groups created", "value": 1},
        ]
        assert self.get_model("import_preview/1")["result"] == {"rows": result["rows"], "meeting_id": 1}
        assert len(self.find_models("group", meeting_id=1)) == 3

    def test_the_anonymous_group_is_nobodys(self) -> None:
        self.set_models({"group/9": {"name": "Public", "meeting_id": 1, "anonymous_group_for_meeting_id": 1}})
        assert self.row(username="a", groups="Public")["data"]["groups"] == [value("Public", "new")]

    def test_no_default_group(self) -> None:
        self.set_models({"group/1": {"default_group_for_meeting_id": None}})
        self.upload({"username": "a"}, status=400)
        self.upload({"username": "a", "groups": "Delegates"})

    @pytest.mark.parametrize("weight", ["0", "-1"])
    def test_vote_weight(self, weight: str) -> None:
        row = self.row(username="a", vote_weight=weight)
        assert (row["state"], row["data"]["vote_weight"]["info"]) == ("error", "error")

    @pytest.mark.parametrize("row", [{"groups": [""]}, {"groups": ["a", "a"]}, {"vote_weight": None}, {"groups": 5}])
    def test_refused_rows(self, row: dict[str, Any]) -> None:
        self.upload({"username": "y", **row}, status=400)

    def test_unknown_meeting(self) -> None:
        element = {"meeting_id": 99, "data": [{"username": "a"}]}
        self.request("participant.json_upload", element).assert_status(400, "meeting/99")

    def test_archived_meetings_are_not_refused(self) -> None:
        self.set_models({"meeting/1": {"is_active_in_organization_id": None}})
        self.upload({"username": "a"})


class TestLockedOut(ParticipantUploadTest):
    """Nobody is locked out and has rights at the same time."""

    def assert_locked(self, messages: int, **row: Any) -> Any:
        """The row is an error for so many reasons; its data."""
        judged = self.row(locked_out="1", **row)
        assert (judged["state"], len(judged["messages"])) == ("error", messages)
        assert judged["data"]["locked_out"] == value(True, "error")
        return judged["data"]

    def test_new_ones(self) -> None:
        assert self.row(username="a", locked_out="1")["state"] == "new"
        data = self.assert_locked(1, username="a", groups="Admin, Delegates")
        assert data["groups"] == [value("Admin", "error", 2), value("Delegates", "done", 3)]
        self.set_permissions(3, [MANAGE])
        assert self.assert_locked(1, username="a", groups="Delegates")

    def test_own_account_with_level(self) -> None:
        self.assert_locked(2, username=self.get_model("user/1")["username"])

    def test_committee_manager(self) -> None:
        self.create_user("boss", committee_management_ids=[60])
        self.assert_locked(1, username="boss")

    def test_who_is_locked_out(self) -> None:
        user_id = self.create_user("a", group_ids=[3])
        self.set_models({f"meeting_user/{self.meeting_user_id(user_id, 1)}": {"locked_out": True}})
        row = self.row(username="a", groups="Admin")
        assert (row["state"], row["data"]["groups"][0]["info"]) == ("error", "error")
        assert self.row(username="a", groups="Admin", locked_out="0")["state"] == "done"


class TestAdmins(ParticipantUploadTest):
    """The last admin of a meeting: told in the rows, but not counted."""

    def test_last_one(self) -> None:
        result = self.upload({"username": "admin", "groups": "Delegates"}, {"username": "b"}).result
        row, other = result["rows"]
        assert (row["state"], other["state"], result["state"]) == ("error", "new", "done")
        assert row["data"]["groups"] == [value("Delegates", "done", 3), value("", "error")]
        assert result["statistics"][3] == {"name": "error", "value": 0}

    def test_another_one(self) -> None:
        rows = self.rows({"username": "admin", "groups": "Delegates"}, {"username": "b", "groups": "Admin"})
        assert [row["state"] for row in rows] == ["done", "new"]

    def test_templates(self) -> None:
        self.set_models({"meeting/1": {"template_for_organization_id": 1}})
        assert self.row(username="admin", groups="Delegates")["state"] == "done"


class TestRights(ParticipantUploadTest):
    """Who may upload, and set which columns."""

    def assert_status(self, user: int, status: int) -> None:
        """The answer to an upload."""
        self.upload({"username": "x"}, user=user, status=status)

    def test_who_may(self) -> None:
        member = self.create_user(group_ids=[3])
        self.set_permissions(3, [Permissions.User.CAN_UPDATE])
        self.assert_status(member, 403)
        self.assert_status(0, 403)
        self.set_permissions(3, [MANAGE])
        self.assert_status(member, 200)
        self.assert_status(self.admin, 200)
        self.assert_status(self.create_user(oml="can_manage_users"), 200)
        self.assert_status(self.create_user(committee_management_ids=[60]), 200)
        self.set_models({f"meeting_user/{self.meeting_user_id(member, 1)}": {"locked_out": True}})
        self.assert_status(member, 403)

    def test_locked_meetings(self) -> None:
        self.set_models({"meeting/1": {"locked_from_inside": True}})
        self.assert_status(1, 403)
        self.assert_status(self.create_user(committee_management_ids=[60]), 403)
        self.assert_status(self.admin, 200)

    def test_foreign_account(self) -> None:
        """Who belongs to other places, too, is theirs: but for groups and what belongs to the meeting."""
        self.create_meeting(4)
        self.create_user("a", group_ids=[3, 6])
        row = self.row(self.admin, username="a", first_name="x", number="7", groups="Delegates")
        infos = {name: row["data"][name]["info"] for name in ("username", "first_name", "number")}
        assert infos == {"username": "remove", "first_name": "remove", "number": "done"}
        assert row["data"]["groups"][0]["info"] == "done"
        assert (row["state"], len(row["messages"])) == ("done", 1)

    def test_without_rights_in_the_meeting(self) -> None:
        user_id = self.create_user(oml="can_manage_users")
        row = self.row(user_id, username="a", number="7", structure_level="north", groups="new", vote_weight="0")
        data = row["data"]
        assert [data[name]["info"] for name in ("number", "vote_weight", "username")] == ["remove", "remove", "done"]
        assert data["structure_level"] == [value("north", "remove", 1)]
        assert data["groups"] == [value("new", "new")]
        assert row["state"] == "new"

    def test_nobody_is_handed_over(self) -> None:
        """Whoever takes an account into the own meeting could set its password then."""
        self.create_user("stranger")
        row = self.row(self.admin, username="stranger", groups="Delegates")
        assert (row["state"], len(row["messages"])) == ("error", 2)
        manager = self.create_user(oml="can_manage_users")
        assert self.row(manager, username="stranger", groups="Delegates")["state"] == "done"

    def test_own_members(self) -> None:
        self.create_user("a", group_ids=[3])
        assert self.row(self.admin, username="a", first_name="x")["messages"] == []


class TestCalls(ParticipantUploadTest):
    """What is asked of the datastore doesn't grow with the rows."""

    @pytest.mark.parametrize("rows", [1, 50])
    def test_budget(self, rows: int) -> None:
        table = [{"first_name": f"A{n}", "groups": f"g{n % 3}", "structure_level": f"s{n}"} for n in range(rows)]
        with self.stack.count_calls() as calls:
            self.upload(*table, user=self.admin)
        assert calls.reads <= 10, calls.paths
        assert (calls.reserves, calls.writes, calls.others) == (1, 0, 1)
