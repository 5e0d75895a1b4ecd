"""Second step of the import of accounts (account_import.md)."""

from typing import Any

import pytest

from openslides_backend.actions.user import hashing
from openslides_backend.actions.user.hashing import LENGTH
from tests.integration.actions.people_import import PeopleImportTest, value
from tests.integration.actions.rights import RightsTest
from tests.integration.listening import listening_for

ROWS = 40


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real hashes take long, and are tested elsewhere."""
    monkeypatch.setattr(hashing, "hash_password", lambda password: f"hash of {password}")


class TestEffects(PeopleImportTest):
    """What is created and changed."""

    def test_new_account(self) -> None:
        self.set_models({"gender/1": {"name": "male", "organization_id": 1}, "committee/60": {"name": "home"}})
        row = {
            "title": "Dr.",
            "first_name": "Änna",
            "last_name": "Bach",
            "email": "a@example.com",
            "gender": "male",
            "pronoun": "she",
            "member_number": "7",
            "home_committee": "home",
            "default_vote_weight": "2",
            "is_physical_person": "0",
            "is_active": "1",
        }
        done = self.bring_in(row)
        user = self.find_user("ÄnnaBach")
        names = ("title", "first_name", "last_name", "email", "pronoun", "member_number")
        assert {name: user[name] for name in names} == {name: row[name] for name in names}
        expected = {"gender_id": 1, "home_committee_id": 60, "external": False, "is_physical_person": False}
        assert {name: user[name] for name in expected} == expected
        assert user["default_vote_weight"] == "2.000000"
        assert user["default_password"] == done["rows"][0]["data"]["default_password"]["value"]
        assert user["password"] == f"hash of {user['default_password']}"
        self.assert_model_not_exists("import_preview/1")
        assert len(self.find_models("history_position")) == 1

    def test_order_of_new_ones(self) -> None:
        self.bring_in({"username": "b"}, {"username": "a"})
        users = self.find_models("user")
        assert [users[id_]["username"] for id_ in sorted(users)][-2:] == ["b", "a"]

    def test_update(self) -> None:
        id_ = self.create_user("anna", title="x", member_number="7")
        self.bring_in({"member_number": "7", "username": "berta", "last_name": "B", "gender": "unknown"})
        user = self.assert_model_exists(f"user/{id_}", {"username": "berta", "last_name": "B", "title": "x"})
        assert "gender_id" not in user
        assert "default_password" not in user

    def test_legacy_username_stays(self) -> None:
        id_ = self.create_user("anna b")
        self.bring_in({"username": "anna b", "title": "Dr."})
        self.assert_model_exists(f"user/{id_}", {"username": "anna b", "title": "Dr."})

    def test_single_sign_on(self) -> None:
        fields: dict[str, Any] = {"default_password": "x", "password": "y", "can_change_own_password": True}
        id_ = self.create_user("anna", **fields)
        self.bring_in({"username": "anna", "saml_id": "s"}, {"saml_id": "t", "default_password": "z"})
        removed = {"default_password": "", "password": "", "can_change_own_password": False}
        self.assert_model_exists(f"user/{id_}", {"saml_id": "s", **removed})
        new = self.find_user("t")
        assert new["saml_id"] == "t"
        assert "password" not in new

    def test_external_removes_the_home_committee(self) -> None:
        id_ = self.create_user("anna", home_committee_id=60)
        self.add_to_lists({"committee/60": {"native_user_ids": [id_]}})
        self.bring_in({"username": "anna", "external": "1"})
        assert "home_committee_id" not in self.assert_model_exists(f"user/{id_}", {"external": True})

    def test_throw_away(self) -> None:
        preview = self.upload({"username": "x"}).result
        result = self.carry_out(really=False).result
        assert result == {"rows": preview["rows"], "state": "done"}
        assert len(self.find_models("user")) == 1

    def test_twice(self) -> None:
        """The second time, all are found and nothing changes."""
        self.create_user("known", member_number="7")
        table = [
            {"first_name": "Rene\u0301", "last_name": " x", "email": "R@example.com", "pronoun": "p"},
            {"saml_id": "s"},
            {"username": "u", "default_password": "pw", "title": ""},
            {"member_number": "7", "username": "renamed"},
            {"member_number": "8", "first_name": "Eva"},
        ]
        self.bring_in(*table)
        before = (self.find_models("user"), self.find_models("history_entry"))
        done = self.bring_in(*table)
        assert {row["state"] for row in done["rows"]} == {"done"}
        assert (self.find_models("user"), self.find_models("history_entry")) == before

    @pytest.mark.parametrize("empty", ["", None])
    def test_an_empty_cell_takes_no_password_away(self, empty: str | None) -> None:
        """The first import has made one of it, which is to be printed."""
        row = {"username": "x", "default_password": empty}
        self.bring_in(row)
        before = self.find_user("x")
        assert len(before["default_password"]) == LENGTH
        self.bring_in(row)
        assert self.find_user("x") == before

    @pytest.mark.parametrize("key", ["username", "saml_id", "member_number", "first_name"])
    def test_whatever_a_table_holds_twice_changes_nothing(self, key: str) -> None:
        """Blanks around texts, accents in both forms, decimals and booleans as a spreadsheet writes them."""
        self.set_models({"gender/1": {"name": "divers", "organization_id": 1}})
        row = {
            "first_name": " Zoe\u0308 ",
            "last_name": "Nguye\u0302\u0303n\u00a0",
            "title": " Dr. ",
            "pronoun": "sie ",
            "email": "ZOE@EXAMPLE.COM",
            "gender": "divers",
            "member_number": " 007",
            "default_vote_weight": 1.50,
            "is_active": "TRUE",
            "is_physical_person": True,
            "external": "no",
            "home_committee": "",
            "default_password": "",
        }
        row |= {"saml_id": {"saml_id": " x "}, "username": {"username": "Zoe\u0308"}}.get(key, {})
        if key == "first_name":
            del row["member_number"]
        self.bring_in(row)
        models = [self.find_models(name) for name in ("user", "history_entry", "history_position")]
        assert self.upload(row).result["rows"][0]["state"] == "done"
        with self.stack.count_calls() as calls:
            self.carry_out(2)
        assert calls.writes == 0
        assert [self.find_models(name) for name in ("user", "history_entry", "history_position")] == models

    def test_the_limit_of_active_users_holds(self) -> None:
        self.set_models({"organization/1": {"limit_of_users": 2}})
        self.upload({"username": "a"}, {"username": "b"})
        self.carry_out(status=400)
        assert len(self.find_models("user")) == 1
        self.assert_model_exists("import_preview/1")


class TestChangedMeanwhile(PeopleImportTest):
    """What the second step finds otherwise than the first."""

    def test_created(self) -> None:
        self.upload({"username": "x"})
        self.create_user("x")
        self.assert_error("username")

    def test_renamed(self) -> None:
        id_ = self.create_user("x")
        self.upload({"username": "x"})
        self.set_models({f"user/{id_}": {"username": "y"}})
        self.assert_error("username")

    def test_deleted(self) -> None:
        id_ = self.create_user("x")
        self.upload({"username": "x"})
        self.request("user.delete", {"id": id_}).assert_status(200)
        self.assert_error("username")

    def test_another_one_has_the_name(self) -> None:
        id_ = self.create_user("x")
        self.upload({"username": "x"})
        self.set_models({f"user/{id_}": {"username": "y"}})
        self.create_user("x")
        self.assert_error("username")

    @pytest.mark.parametrize("column", ["member_number", "saml_id"])
    def test_number_given_to_another_one(self, column: str) -> None:
        self.upload({"username": "x", column: "7"})
        taken: dict[str, Any] = {column: "7"}
        self.create_user("y", **taken)
        self.assert_error(column)

    def test_number_taken_away(self) -> None:
        id_ = self.create_user("x", member_number="7")
        self.upload({"username": "y", "member_number": "7"})
        self.set_models({f"user/{id_}": {"member_number": "8"}})
        self.assert_error("member_number")

    def test_a_committee_with_another_name_is_meant_all_the_same(self) -> None:
        self.set_models({"committee/60": {"name": "home"}})
        self.upload({"username": "x", "home_committee": "home"})
        self.set_models({"committee/60": {"name": "other"}})
        (row,) = self.carry_out().result["rows"]
        assert row["data"]["home_committee"] == value("home", "warning", 60)
        assert self.find_user("x")["home_committee_id"] == 60

    def test_a_deleted_committee(self) -> None:
        self.create_committee(61, name="home")
        self.upload({"username": "x", "home_committee": "home"})
        self.delete_models("committee/61")
        self.carry_out(status=400)
        assert len(self.find_models("user")) == 1


class TestRights(RightsTest, PeopleImportTest):
    """Who may import, and which columns were and are left out."""

    def test_level(self) -> None:
        self.upload({"username": "x"})
        self.assert_needs_level("account.import", {"id": 1, "import": True}, "can_manage_users")

    def test_rows_are_read_for_those_only_who_may_import(self) -> None:
        """They may be many megabytes."""
        self.upload({"username": "x"})
        for user, reads in ((0, 0), (self.create_user(), 0), (1, 1)):
            with listening_for(self.stack, '"result"') as rows:
                self.carry_out(user=user, status=200 if reads else 403)
            assert rows.count == reads

    def test_removed_columns(self) -> None:
        boss = self.create_user("boss", oml="superadmin", first_name="x")
        user_id = self.create_user(oml="can_manage_users")
        self.upload({"username": "boss", "first_name": "y"}, {"username": "new"}, user=user_id)
        assert self.carry_out(user=user_id).result["state"] == "done"
        self.assert_model_exists(f"user/{boss}", {"first_name": "x"})

    def test_allowed_by_now(self) -> None:
        boss = self.create_user("boss", oml="superadmin", first_name="x")
        self.upload({"username": "boss", "first_name": "y"}, user=self.create_user(oml="can_manage_users"))
        (row,) = self.carry_out().result["rows"]
        assert row["data"]["first_name"] == value("y")
        assert len(row["messages"]) == 2
        self.assert_model_exists(f"user/{boss}", {"first_name": "y"})

    def test_forbidden_by_now(self) -> None:
        self.create_user("boss", oml="superadmin")
        self.upload({"username": "boss", "first_name": "y"})
        self.assert_error("first_name", "username", user=self.create_user(oml="can_manage_users"))


class TestCalls(PeopleImportTest):
    """What is asked of the datastore doesn't grow with the rows."""

    def test_budget(self) -> None:
        user_id = self.create_user(oml="can_manage_users")
        table = [{"first_name": "Ann", "last_name": f"B{n % 7}", "email": f"{n}@example.com"} for n in range(ROWS)]
        for title in ("", "Dr."):
            changed = [{**row, "title": title} for row in table]
            with self.stack.count_calls() as uploading:
                preview = self.upload(*changed, user=user_id).result["id"]
            with self.stack.count_calls() as importing:
                assert self.carry_out(preview, user=user_id).result["state"] == "done"
            assert uploading.reads <= 6, uploading.paths
            assert (uploading.reserves, uploading.writes, uploading.others) == (1, 0, 1)
            assert importing.reads <= 7, importing.paths
            assert importing.reserves <= 2
            assert (importing.writes, importing.others) == (1, 1)
        assert len(self.find_models("user")) == ROWS + 2
