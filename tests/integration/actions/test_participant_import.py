"""Second step of the import of participants (participant_import.md)."""

from typing import Any

import pytest

from openslides_backend.actions.user import hashing
from openslides_backend.permissions.permissions import Permissions
from tests.integration.actions.people_import import PeopleImportTest, value
from tests.integration.listening import listening_for


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real hashes take long, and are tested elsewhere."""
    monkeypatch.setattr(hashing, "hash_password", lambda password: f"hash of {password}")


class ParticipantImportTest(PeopleImportTest):
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
                "meeting/1": {"structure_level_ids": [1]},
            }
        )
        self.admin = self.create_user("admin", group_ids=[2])

    def member(self, username: str) -> dict[str, Any]:
        """The meeting_user of an account in meeting/1, and whether it is present."""
        user = self.find_user(username)
        (member,) = self.find_models("meeting_user", user_id=user["id"], meeting_id=1).values()
        return {**member, "is_present": 1 in user.get("is_present_in_meeting_ids", [])}


class TestEffects(ParticipantImportTest):
    """What is created and changed."""

    def test_new_participants(self) -> None:
        row = {"vote_weight": "2", "number": "7", "comment": "<script>x</script>y", "locked_out": "0"}
        done = self.bring_in(
            {"username": "a", "groups": "new, Delegates", "structure_level": "south, north", "is_present": "1", **row},
            {"username": "b", "groups": "new, other", "structure_level": "south"},
            {"username": "c"},
        )
        groups = {group["name"]: id_ for id_, group in self.find_models("group", meeting_id=1).items()}
        levels = {level["name"]: id_ for id_, level in self.find_models("structure_level", meeting_id=1).items()}
        assert groups.keys() == {"Default", "Admin", "Delegates", "new", "other"}
        assert levels.keys() == {"north", "south"}
        member = self.member("a")
        expected = {"vote_weight": "2.000000", "number": "7", "comment": "y", "locked_out": False, "is_present": True}
        assert {name: member[name] for name in expected} == expected
        assert member["group_ids"] == [groups["new"], groups["Delegates"]]
        assert member["structure_level_ids"] == [levels["south"], levels["north"]]
        assert self.member("b")["group_ids"] == [groups["new"], groups["other"]]
        assert self.member("c")["group_ids"] == [1]
        assert not self.member("c")["is_present"]
        assert done["rows"][0]["data"]["groups"][0] == value("new", "new", groups["new"])
        assert self.find_user("a")["meeting_ids"] == [1]

    def test_groups_are_replaced(self) -> None:
        self.create_user("a", group_ids=[3])
        self.bring_in({"username": "a", "number": "7"})
        assert self.member("a")["group_ids"] == [1]

    def test_an_account_joins(self) -> None:
        id_ = self.create_user("a", title="x")
        self.bring_in({"username": "a", "groups": "Delegates", "is_present": "yes"})
        member = self.member("a")
        assert (member["user_id"], member["group_ids"], member["is_present"]) == (id_, [3], True)
        self.assert_model_exists(f"user/{id_}", {"title": "x"})

    def test_twice(self) -> None:
        """The second time, all are found and nothing changes."""
        table = [
            {
                "first_name": "Eva\u0308",
                "last_name": "x ",
                "email": "E@EXAMPLE.ORG",
                "groups": "Delegates, new",
                "structure_level": "south",
                "comment": "<b>x</b>",
            },
            {"username": "b", "groups": "new", "is_present": "1", "vote_weight": "1.5", "number": "", "title": ""},
            {"username": "admin", "groups": "Admin", "first_name": " x "},
        ]
        self.bring_in(*table)
        kinds = ("user", "meeting_user", "group", "structure_level", "history_entry", "history_position")
        before = [self.find_models(kind) for kind in kinds]
        done = self.bring_in(*table)
        assert {row["state"] for row in done["rows"]} == {"done"}
        assert [self.find_models(kind) for kind in kinds] == before

    def test_archived_meetings(self) -> None:
        self.set_models({"meeting/1": {"is_active_in_organization_id": None}})
        self.bring_in({"username": "a", "groups": "new"})
        assert len(self.member("a")["group_ids"]) == 1

    def test_a_failed_rule_writes_nothing(self) -> None:
        self.set_models({"organization/1": {"limit_of_users": 2}})
        self.upload({"username": "a", "groups": "new"})
        self.carry_out(status=400)
        assert len(self.find_models("group", meeting_id=1)) == 3


class TestChangedMeanwhile(ParticipantImportTest):
    """What the second step finds otherwise than the first."""

    def test_group_created(self) -> None:
        self.upload({"username": "a", "groups": "new", "structure_level": "south"})
        self.set_models({"structure_level/2": {"name": "south", "meeting_id": 1}})
        new = self.request("group.create", {"name": "new", "meeting_id": 1}).assert_status(200).id
        (row,) = self.carry_out().result["rows"]
        assert row["data"]["groups"] == [value("new", "done", new)]
        assert self.member("a")["group_ids"] == [new]
        assert self.member("a")["structure_level_ids"] == [2]

    def test_renamed_and_deleted(self) -> None:
        self.create_group(9, "gone")
        self.upload({"username": "a", "groups": "Default, Delegates, gone", "structure_level": "north"})
        self.set_models({"group/3": {"name": "other"}, "structure_level/1": {"name": "other"}})
        self.delete_models("group/9")
        (row,) = self.carry_out().result["rows"]
        assert [entry["info"] for entry in row["data"]["groups"]] == ["done", "warning", "warning"]
        assert len(row["messages"]) == 3
        assert self.member("a")["group_ids"] == [1, 3]
        assert self.member("a")["structure_level_ids"] == [1]

    def create_group(self, id_: int, name: str) -> None:
        self.set_models({f"group/{id_}": {"name": name, "meeting_id": 1}})

    def test_no_group_left(self) -> None:
        self.create_group(9, "gone")
        self.upload({"username": "a", "groups": "gone"})
        self.delete_models("group/9")
        self.assert_error("groups")

    def test_promoted(self) -> None:
        self.upload({"username": "a", "groups": "Delegates", "locked_out": "1"})
        self.set_permissions(3, [Permissions.User.CAN_MANAGE])
        self.assert_error("groups", "locked_out")

    def test_last_admin(self) -> None:
        self.create_user("b", group_ids=[2])
        self.upload({"username": "b", "groups": "Delegates"})
        self.set_models({"group/2": {"meeting_user_ids": [self.meeting_user_id(self.find_user("b")["id"], 1)]}})
        self.assert_error("groups")

    def test_rights_lost(self) -> None:
        user_id = self.create_user(oml="can_manage_organization")
        self.upload({"username": "a", "number": "7", "structure_level": "north"}, user=user_id)
        self.assert_error("number", "structure_level", user=self.create_user(oml="can_manage_users"))

    def test_rights_gained(self) -> None:
        user_id = self.create_user(oml="can_manage_users")
        row = {"username": "a", "number": "7", "structure_level": "north, south", "is_present": "1"}
        self.upload(row, user=user_id)
        (row,) = self.carry_out().result["rows"]
        levels = row["data"]["structure_level"]
        assert [entry["info"] for entry in levels] == ["done", "new"]
        member = self.member("a")
        assert member["structure_level_ids"] == [1, levels[1]["id"]]
        assert (member["number"], member["is_present"]) == ("7", True)

    def test_left_out(self) -> None:
        user_id = self.create_user(oml="can_manage_users")
        row = {"username": "a", "number": "7", "structure_level": "north, south", "is_present": "1", "locked_out": "1"}
        self.bring_in(row, user=user_id)
        assert not self.member("a").keys() & {"number", "structure_level_ids", "locked_out"}
        assert not self.member("a")["is_present"]
        assert len(self.find_models("structure_level")) == 1


class TestRights(ParticipantImportTest):
    """Who may import."""

    def test_who_may(self) -> None:
        self.upload({"username": "a"}, user=self.admin)
        self.carry_out(user=self.create_user(group_ids=[3]), status=403)
        self.carry_out(user=0, status=403)
        self.set_models({"meeting/1": {"locked_from_inside": True}})
        self.carry_out(status=403)
        self.carry_out(user=self.admin)

    def test_rows_are_read_for_those_only_who_may_import(self) -> None:
        """They may be many megabytes; only the permission service needs them to know the meeting."""
        self.upload({"username": "a"}, user=self.admin)
        for user, reads in ((0, 0), (self.create_user(group_ids=[3]), 0), (self.admin, 1)):
            with listening_for(self.stack, '"result"') as rows:
                self.carry_out(user=user, status=200 if reads else 403)
            assert rows.count == reads

    def test_preview_without_meeting(self) -> None:
        preview = {"name": "participant", "state": "done", "created": 1, "result": {"rows": []}}
        self.set_models({"import_preview/1": preview})
        self.carry_out(status=400)


class TestCalls(ParticipantImportTest):
    """What is asked of the datastore doesn't grow with the rows."""

    @pytest.mark.parametrize("rows", [3, 60])
    def test_budget(self, rows: int) -> None:
        for title in ("", "Dr."):
            table = [
                {
                    "title": title,
                    "first_name": f"A{n % 9}",
                    "email": f"{n}@example.com",
                    "groups": f"g{n % 3}",
                    "structure_level": f"s{n % 4}",
                    "number": f"{title}{n}",
                    "is_present": "1",
                }
                for n in range(rows)
            ]
            preview = self.upload(*table, user=self.admin).result["id"]
            with self.stack.count_calls() as calls:
                assert self.carry_out(preview, user=self.admin).result["state"] == "done"
            assert calls.reads <= 11, calls.paths
            assert calls.reserves <= 5, calls.paths
            assert (calls.writes, calls.others) == (1, 1)
