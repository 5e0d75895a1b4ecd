"""First step of the import of accounts (account_import.md)."""

from typing import Any

import pytest

from tests.integration.actions.people_import import PeopleImportTest, value
from tests.integration.actions.rights import RightsTest

ANNA: dict[str, Any] = {"first_name": "Anna", "last_name": "Bach", "email": "anna@example.com"}


class TestMatching(PeopleImportTest):
    """Whom rows mean."""

    def test_new_account(self) -> None:
        result = self.upload({**ANNA, "title": "", "unknown": 5}).result
        (row,) = result["rows"]
        password = row["data"].pop("default_password")
        assert password == value(password["value"], "generated")
        assert len(password["value"]) == 10
        names = {name: value(text) for name, text in ANNA.items()}
        assert row == {
            "state": "new",
            "messages": [],
            "data": {**names, "title": value(""), "username": value("AnnaBach", "generated")},
        }
        assert result["state"] == "done"
        stored = self.get_model("import_preview/1")
        assert stored["name"] == "account"
        assert stored["result"].keys() == {"rows"}
        assert len(self.find_models("user")) == 1

    def test_by_username(self) -> None:
        id_ = self.create_user("anna b")
        row = self.row(username="anna b", title="Dr.")
        assert row["state"] == "done"
        assert row["data"] == {"id": id_, "username": value("anna b", "done", id_), "title": value("Dr.")}

    def test_by_saml_id_and_by_names(self) -> None:
        one = self.create_user("one", saml_id="s")
        two = self.create_user("two", **ANNA)
        first, second = self.rows({"saml_id": "s"}, ANNA)
        assert (first["state"], first["data"]["id"]) == ("done", one)
        assert first["data"]["username"] == value("one", "done", one)
        assert first["data"]["saml_id"] == value("s")
        assert (second["state"], second["data"]["id"]) == ("done", two)

    @pytest.mark.parametrize("unset", ["first_name", "last_name", "email"])
    def test_unset_names_are_no_empty_ones(self, unset: str) -> None:
        self.create_user("anna", **{name: text for name, text in ANNA.items() if name != unset})
        (row,) = self.rows({**ANNA, unset: ""})
        assert row["state"] == "new"

    def test_blanks_around_names_make_no_new_account(self) -> None:
        """They would not be stored, so that each import of the same table would create another account."""
        id_ = self.create_user("anna", **ANNA)
        (row,) = self.rows({**ANNA, "first_name": "Anna ", "last_name": " Bach"})
        assert (row["state"], row["data"]["id"]) == ("done", id_)

    def test_composed_and_decomposed_accents(self) -> None:
        id_ = self.create_user("rene", first_name="Rene\u0301", last_name="x", email="r@example.com")
        composed = {"first_name": "Ren\u00e9", "last_name": "x", "email": "r@example.com"}
        assert self.rows(composed)[0]["data"]["id"] == id_
        twice = self.rows(composed, {**composed, "first_name": "Rene\u0301"})
        assert [(row["state"], len(row["messages"])) for row in twice] == [("error", 1)] * 2

    def test_case_matters(self) -> None:
        self.create_user("anna", **ANNA)
        (row,) = self.rows({**ANNA, "email": "ANNA@EXAMPLE.COM"})
        assert row["state"] == "new"
        assert row["data"]["email"] == value("ANNA@EXAMPLE.COM")

    def test_the_same_twice(self) -> None:
        rows = self.rows({"username": "x"}, {"username": "x"}, ANNA, ANNA, {"saml_id": "s"}, {"saml_id": "s"})
        assert {row["state"] for row in rows} == {"error"}
        assert rows[0]["data"]["username"] == value("x", "error")
        assert rows[2]["data"]["username"] == value("AnnaBach", "generated")
        assert rows[3]["data"]["username"] == value("AnnaBach1", "generated")
        assert rows[4]["data"]["saml_id"] == value("s", "error")

    def test_one_account_in_several_ways(self) -> None:
        self.create_user("anna", saml_id="s", **ANNA)
        rows = self.rows({"username": "anna"}, {"saml_id": "s"}, {"username": "other"})
        assert [row["state"] for row in rows] == ["error", "error", "new"]

    def test_blanks_in_usernames(self) -> None:
        row = self.row(username="a b")
        assert (row["state"], row["data"]["username"]) == ("error", value("a b", "error"))

    @pytest.mark.parametrize("username", ["a\tb", "a\u00a0b", "\nb", "a\u200bb", "\u202eb", "\ufeffb", "\x1bb"])
    def test_usernames_that_look_like_others(self, username: str) -> None:
        row = self.row(username=username)
        assert (row["state"], len(row["messages"])) == ("error", 1)
        assert row["data"]["username"] == value(username, "error")
        self.create_user(username)
        assert self.row(username=username)["state"] == "done"

    def test_usernames_that_ids_of_single_sign_on_can_not_be(self) -> None:
        self.create_user("old name", first_name="Ann", last_name="", email="", saml_id="y z")
        rows = self.rows({"saml_id": "x y"}, {"saml_id": "y z"})
        assert [row["state"] for row in rows] == ["error", "done"]
        assert [row["data"]["username"]["info"] for row in rows] == ["error", "done"]

    def test_blanks_around_ids_of_single_sign_on(self) -> None:
        """They are stored without."""
        known = self.create_user(saml_id="x")
        rows = self.rows({"saml_id": " x\t"}, {"saml_id": "y "}, {"saml_id": " ", "username": "z"})
        assert [row["state"] for row in rows] == ["done", "new", "new"]
        assert rows[0]["data"]["id"] == known
        assert rows[1]["data"]["saml_id"] == value("y", "new")
        assert "saml_id" not in rows[2]["data"]

    def test_who_has_a_username_with_blanks_may_be_named_otherwise(self) -> None:
        """What is wrong with several rows is told once."""
        self.create_user("old name", first_name="Ann", last_name="x", email="a@b.de")
        names = {"first_name": "Ann", "last_name": "x", "email": "a@b.de"}
        assert [len(row["messages"]) for row in self.rows(names, names)] == [1, 1]

    def test_nobody(self) -> None:
        rows = self.rows({}, {"email": "a@example.com"}, {"first_name": "?!"})
        assert [(row["state"], row["data"]["username"]["value"]) for row in rows] == [("error", "")] * 3

    def test_generated_usernames(self) -> None:
        for name in ("AnnaBach", "AnnaBach1", "AnnaBach21", "s"):
            self.create_user(name)
        rows = self.rows(ANNA, {**ANNA, "email": "x@example.com"}, {"username": "AnnaBach2"}, {"saml_id": "s"})
        names = [row["data"]["username"]["value"] for row in rows]
        assert names == ["AnnaBach22", "AnnaBach23", "AnnaBach2", "s1"]


class TestMemberNumbers(PeopleImportTest):
    """Check B."""

    def test_the_number_alone(self) -> None:
        id_ = self.create_user("anna", member_number="7")
        row = self.row(member_number="7", first_name="Anna")
        assert row["state"] == "done"
        assert row["data"]["member_number"] == value("7", "done", id_)
        assert row["data"]["username"] == value("anna")

    def test_renames(self) -> None:
        id_ = self.create_user("anna", member_number="7")
        row = self.row(member_number="7", username="berta")
        assert (row["state"], row["data"]["id"]) == ("done", id_)
        assert row["data"]["username"] == value("berta", "new")

    def test_first_number(self) -> None:
        id_ = self.create_user("anna")
        row = self.row(member_number="7", username="anna")
        assert row["data"]["member_number"] == value("7", "new")
        assert row["data"]["username"] == value("anna", "done", id_)

    def test_refused(self) -> None:
        self.create_user("anna", member_number="7")
        self.create_user("berta")
        rows = self.rows(
            {"username": "anna", "member_number": "8"},
            {"username": "berta", "member_number": "7"},
            {"username": "c", "member_number": "9"},
            {"username": "d", "member_number": "9"},
        )
        assert [row["state"] for row in rows] == ["error"] * 4
        assert {row["data"]["member_number"]["info"] for row in rows} == {"error"}

    @pytest.mark.parametrize("blank", [None, ""])
    @pytest.mark.parametrize("column", ["member_number", "saml_id", "gender", "home_committee"])
    def test_blank_is_absent(self, column: str, blank: str | None) -> None:
        rows = self.rows({"username": "a", column: blank}, {"username": "b", column: blank})
        assert [row["state"] for row in rows] == ["new", "new"]
        assert all(column not in row["data"] for row in rows)


class TestValues(PeopleImportTest):
    """Checks D to J."""

    def test_single_sign_on(self) -> None:
        self.create_user("anna", default_password="x")
        self.create_user("other", saml_id="taken")
        new, set_, taken = self.rows(
            {"saml_id": "s", "default_password": "y"},
            {"username": "anna", "saml_id": "t"},
            {"username": "z", "saml_id": "taken"},
        )
        for row in (new, set_):
            assert row["data"]["saml_id"]["info"] == "new"
            assert row["data"]["default_password"] == value("", "warning")
            assert len(row["messages"]) == 1
        assert new["data"]["username"] == value("s", "generated")
        assert (taken["state"], taken["data"]["saml_id"]) == ("error", value("taken", "error"))

    def test_default_password(self) -> None:
        self.create_user("anna")
        given, known = self.rows({"username": "x", "default_password": "y"}, {"username": "anna"})
        assert given["data"]["default_password"] == value("y")
        assert "default_password" not in known["data"]

    def test_gender(self) -> None:
        self.set_models({"gender/1": {"name": "male", "organization_id": 1}})
        known, unknown = self.rows({"username": "x", "gender": "male"}, {"username": "y", "gender": "?"})
        assert known["data"]["gender"] == value("male", "done", 1)
        assert (unknown["state"], unknown["data"]["gender"]) == ("new", value("?", "warning"))
        assert self.get_model("import_preview/1")["state"] == "warning"

    @pytest.mark.parametrize(("email", "good"), [("", True), ("A.B+C@EXAMPLE.ORG", True), ("a@b", False)])
    def test_email(self, email: str, good: bool) -> None:
        row = self.row(username="x", email=email)
        assert (row["state"], row["data"]["email"]) == (
            ("new", value(email)) if good else ("error", value(email, "error"))
        )

    @pytest.mark.parametrize(
        ("given", "state", "home", "external", "messages"),
        [
            ({"home_committee": "Committee60"}, "new", value("Committee60", "done", 60), value(False, "generated"), 0),
            (
                {"home_committee": "Committee60", "external": "0"},
                "new",
                value("Committee60", "done", 60),
                value(False),
                0,
            ),
            ({"home_committee": "?"}, "error", value("?", "error"), value(False, "generated"), 1),
            ({"external": "1"}, "new", value(None, "generated"), value(True), 1),
            ({"external": "0"}, "new", None, value(False), 0),
        ],
    )
    def test_home_committee(self, given: Any, state: str, home: Any, external: Any, messages: int) -> None:
        self.set_models({"committee/60": {"name": "Committee60"}})
        row = self.row(username="x", **given)
        assert (row["state"], len(row["messages"])) == (state, messages)
        assert row["data"].get("home_committee") == home
        assert row["data"]["external"] == external

    def test_home_committee_excludes_external(self) -> None:
        self.set_models({"committee/60": {"name": "Committee60"}})
        row = self.row(username="x", home_committee="Committee60", external="yes")
        assert (row["state"], row["data"]["external"]) == ("error", value(True, "error"))

    def test_own_account(self) -> None:
        name = self.get_model("user/1")["username"]
        row = self.row(username=name, is_active="no")
        assert (row["state"], row["data"]["is_active"]) == ("done", value(False, "error"))

    @pytest.mark.parametrize(("weight", "good"), [("1", True), ("0.000001", True), ("0", False), ("-1", False)])
    def test_vote_weight(self, weight: str, good: bool) -> None:
        row = self.row(username="x", default_vote_weight=weight)
        assert row["state"] == ("new" if good else "error")
        assert row["data"]["default_vote_weight"]["info"] == ("done" if good else "error")

    @pytest.mark.parametrize(
        "row",
        [
            {"username": ""},
            {"username": None},
            {"username": "x" * 257},
            {"pronoun": "x" * 33},
            {"is_active": None},
            {"is_active": "maybe"},
            {"default_vote_weight": "1.0000001"},
            {"gender": 5},
        ],
    )
    def test_refused_rows(self, row: Any) -> None:
        self.upload({"username": "y"}, row, status=400)
        assert not self.find_models("import_preview")


class TestRights(RightsTest, PeopleImportTest):
    """Who may upload, and set which columns."""

    def test_level(self) -> None:
        self.assert_needs_level("account.json_upload", {"data": [{"username": "x"}]}, "can_manage_users")

    def test_higher_level(self) -> None:
        user_id = self.create_user(oml="can_manage_users")
        self.create_user("boss", oml="superadmin")
        row = self.row(user_id, username="boss", first_name="x")
        assert (row["state"], len(row["messages"])) == ("done", 1)
        assert {row["data"][name]["info"] for name in ("username", "first_name")} == {"remove"}

    def test_home_committees(self) -> None:
        self.set_models({"committee/60": {"name": "Committee60"}})
        user_id = self.create_user(oml="can_manage_users")
        row = self.row(user_id, username="x", home_committee="Committee60")
        assert row["state"] == "new"
        assert row["data"]["home_committee"] == value("Committee60", "remove", 60)
        assert row["data"]["external"] == value(False, "remove")
        assert row["data"]["username"] == value("x")
        manager = self.create_manager(60, oml="can_manage_users")
        assert self.row(manager, username="x", home_committee="Committee60")["messages"] == []
