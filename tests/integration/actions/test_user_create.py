"""Creating accounts (user.md, user_permissions.md)."""

from typing import Any

import pytest

from openslides_backend.services.passwords import verify_password
from tests.integration.base import IntegrationTest


class TestUserCreate(IntegrationTest):
    """`user.create`."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()

    def create(self, *elements: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
        answer = self.request("user.create", *elements, **options).assert_status(200)
        return [self.get_model(f"user/{result['id']}") for result in answer.results[0]]

    def refused(self, text: str, *elements: dict[str, Any], status: int = 400, **options: Any) -> None:
        self.request("user.create", *elements, **options).assert_status(status, text)

    def test_defaults(self) -> None:
        (user,) = self.create({"username": " x "})
        expected = {
            "username": "x",
            "is_active": True,
            "is_physical_person": True,
            "can_change_own_password": True,
            "default_vote_weight": "1.000000",
            "organization_id": 1,
        }
        assert {name: user[name] for name in expected} == expected
        assert len(user["default_password"]) == 10
        assert verify_password(user["default_password"], user["password"])
        assert user["id"] in self.get_model("organization/1")["user_ids"]
        assert self.history_of(f"user/{user['id']}") == [["Account created"]]

    def test_a_given_null_stays_null(self) -> None:
        (user,) = self.create({"username": "x", "is_active": None, "default_vote_weight": None})
        assert "is_active" not in user
        assert "default_vote_weight" not in user

    def test_a_given_default_password_is_hashed(self) -> None:
        (user,) = self.create({"username": "x", "default_password": "secret"})
        assert user["default_password"] == "secret"
        assert verify_password("secret", user["password"])

    def test_all_elements_get_passwords_of_their_own(self) -> None:
        users = self.create(*({"username": f"u{n}", "default_password": "same" if n < 2 else ""} for n in range(4)))
        assert len({user["password"] for user in users}) == 4
        assert len({user["default_password"] for user in users}) == 3

    def test_participant(self) -> None:
        element = {
            "first_name": "Ann",
            "meeting_id": 1,
            "group_ids": [3],
            "number": "12",
            "comment": "<script>x</script>",
            "vote_weight": "2.000000",
            "is_present_in_meeting_ids": [1],
        }
        result = self.request("user.create", element).assert_status(200).result
        member = self.get_model(f"meeting_user/{result['meeting_user_id']}")
        assert member["user_id"] == result["id"]
        assert (member["number"], member["group_ids"], member["vote_weight"]) == ("12", [3], "2.000000")
        assert member["comment"] == ""
        self.assert_model_exists(
            f"user/{result['id']}",
            {
                "username": "Ann",
                "meeting_ids": [1],
                "committee_ids": [60],
                "is_present_in_meeting_ids": [1],
                "meeting_user_ids": [member["id"]],
            },
        )
        assert self.get_model("meeting/1")["user_ids"] == [result["id"]]
        (entries,) = self.history_of(f"user/{result['id']}")
        assert entries[0] == "Account created"
        assert entries[1:4] == [
            "Participant added to meeting {}",
            "meeting/1",
            "Participant added to group {} in meeting {}",
        ]

    def test_a_meeting_alone_does_nothing(self) -> None:
        result = self.request("user.create", {"username": "x", "meeting_id": 1}).assert_status(200).result
        assert result == {"id": result["id"]}
        self.create({"username": "y", "meeting_id": None, "is_present_in_meeting_ids": None})

    @pytest.mark.parametrize(
        "element",
        [
            {"number": "1"},
            {"group_ids": [3]},
            {"number": "1", "meeting_id": None},
            {"meeting_id": 1, "number": None},
            {"meeting_id": 1, "group_ids": None},
            {"meeting_id": 1, "comment": None},
            {"meeting_id": 1, "vote_weight": "0.000000"},
            {"meeting_id": 1, "vote_weight": "1"},
            {"meeting_id": 1, "locked_out": "true"},
            {"pronoun": "x" * 33},
            {"default_vote_weight": "0.000000"},
            {"organization_management_level": "admin"},
            {"is_active": "perhaps"},
            {"username": ""},
            {"username": None},
            {"saml_id": ""},
            {"password": "x"},
            {"meeting_ids": [1]},
        ],
    )
    def test_the_payload_is_judged_before_the_permission(self, element: dict[str, Any]) -> None:
        self.refused("", {"username": "x", **element}, user=0)

    @pytest.mark.parametrize(
        ("text", "element"),
        [
            ("white space", {"username": "a b"}),
            ("invisible", {"username": "super\u200badmin"}),
            ("valid address", {"username": "x", "email": "nowhere"}),
            ("in use", {"username": "superadmin"}),
            ("must not be empty", {"username": "x", "member_number": ""}),
            ("must not be empty", {"username": "x", "saml_id": None}),
            ("single sign-on", {"saml_id": "x", "default_password": "y"}),
            ("is needed", {"username": "  "}),
            ("is needed", {"title": "Dr."}),
            ("no characters", {"first_name": "--"}),
            ("external", {"username": "x", "external": True, "home_committee_id": 60}),
            ("gender/7", {"username": "x", "gender_id": 7}),
            ("anonymous", {"username": "x", "meeting_id": 1, "group_ids": [4]}),
            ("same meeting", {"username": "x", "meeting_id": 1, "group_ids": [10]}),
            ("locked out", {"username": "x", "meeting_id": 1, "locked_out": True, "group_ids": [2]}),
            ("locked out", {"username": "x", "meeting_id": 1, "locked_out": True, "committee_management_ids": [60]}),
        ],
    )
    def test_checks(self, text: str, element: dict[str, Any]) -> None:
        self.create_meeting(10)
        self.set_models({"group/4": {"name": "Anonymous", "meeting_id": 1, "anonymous_group_for_meeting_id": 1}})
        answer = self.request("user.create", {"username": "first"}, element).assert_status(
            400, text.split("/", maxsplit=1)[0]
        )
        assert answer.body["action_data_error_index"] == 1
        assert not self.find_models("user", username="first")

    def test_unique_values(self) -> None:
        self.create_user("u", saml_id="s", member_number="m", is_active=False)
        for element in ({"username": "u"}, {"saml_id": "s"}, {"username": "x", "member_number": "m"}):
            self.refused("in use", element)
        self.refused("in use", {"username": "x"}, {"username": "x"})
        self.refused("in use", {"username": "x", "saml_id": "1"}, {"username": "y", "saml_id": "1"})
        self.create({"username": "U", "member_number": None}, {"username": "y", "member_number": None})

    def test_generated_usernames(self) -> None:
        self.create_user("AnnLee")
        self.create_user("AnnLee2")
        elements = [{"first_name": "Ann", "last_name": "Lee"} for _ in range(12)]
        users = self.create({"username": "AnnLee3"}, *elements, {"first_name": "Jo-É", "last_name": None})
        numbers = [1, *range(4, 15)]
        assert [user["username"] for user in users] == ["AnnLee3", *(f"AnnLee{n}" for n in numbers), "JoÉ"]

    def test_many_numbers_in_use(self) -> None:
        self.set_models({f"user/{200 + n}": {"username": f"Ann{n or ''}"} for n in range(60)})
        with self.stack.count_calls() as calls:
            (user,) = self.create({"first_name": "Ann"})
        assert user["username"] == "Ann60"
        assert calls.reads <= 10

    def test_single_sign_on(self) -> None:
        (user,) = self.create({"saml_id": "id", "can_change_own_password": True, "default_password": ""})
        assert (user["username"], user["can_change_own_password"]) == ("id", False)
        assert "password" not in user
        assert user["default_password"] == ""
        self.create_user("other")
        self.refused("in use", {"saml_id": "other"})

    def test_limit(self) -> None:
        self.set_models({"organization/1": {"limit_of_users": 2}})
        self.refused("limit", {"username": "a"}, {"username": "b"})
        self.create({"username": "a"}, {"username": "c", "is_active": False})
        self.refused("limit", {"username": "b"})
        self.refused("limit", {"username": "b", "is_active": False}, {"username": "d"})
        self.set_models({"organization/1": {"limit_of_users": 0}})
        self.create({"username": "b"})

    def test_archived_meetings(self) -> None:
        self.set_models({"meeting/1": {"is_active_in_organization_id": None}})
        self.refused("archived", {"username": "x", "meeting_id": 1})
        self.refused("archived", {"username": "x", "is_present_in_meeting_ids": [1]})

    def test_permission(self) -> None:
        admin_id = self.create_user(group_ids=[2])
        self.refused("", {"username": "x"}, user=admin_id, status=403)
        self.refused("", {"username": "x"}, user=0, status=403)
        self.create({"username": "x", "meeting_id": 1, "group_ids": [3]}, user=admin_id)

    def test_reads_do_not_grow(self) -> None:
        def elements(first: int, amount: int) -> list[dict[str, Any]]:
            numbers = range(first, first + amount)
            return [{"saml_id": f"u{n}", "meeting_id": 1, "group_ids": [3], "number": "1"} for n in numbers]

        with self.stack.count_calls() as one:
            self.request("user.create", *elements(0, 1)).assert_status(200)
        with self.stack.count_calls() as many:
            self.request("user.create", *elements(1, 100)).assert_status(200)
        one.assert_at_most(reads=2, reserves=2, writes=1)
        assert (many.reads, many.reserves, many.writes) == (one.reads, one.reserves, one.writes), many.paths
        assert len(self.get_model("group/3")["meeting_user_ids"]) == 101
