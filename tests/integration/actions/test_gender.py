"""Genders (organization.md)."""

import pytest

from tests.integration.actions.rights import RightsTest


class TestGender(RightsTest):
    """`gender.*`."""

    def setup_method(self) -> None:
        super().setup_method()
        names = {1: "male", 2: "female", 3: "diverse", 4: "non-binary", 5: "dragon", 6: "other"}
        self.set_models({f"gender/{id_}": {"name": name, "organization_id": 1} for id_, name in names.items()})
        self.set_models({"organization/1": {"gender_ids": list(names)}})

    def test_create(self) -> None:
        answer = self.request("gender.create", {"name": "new"}, {"name": "Dragon"}).assert_status(200)
        assert answer.results == [[{"id": 7}, {"id": 8}]]
        self.assert_model_exists("gender/7", {"name": "new", "organization_id": 1})
        self.assert_model_exists("organization/1", {"gender_ids": [1, 2, 3, 4, 5, 6, 7, 8]})
        self.assert_needs_level("gender.create", {"name": "newest"}, "can_manage_users")

    def test_names_are_unique(self) -> None:
        nobody = self.create_user()
        self.request("gender.create", {"name": "dragon"}, user=nobody).assert_status(400, "dragon")
        self.request("gender.update", {"id": 5, "name": "other"}, user=nobody).assert_status(400, "other")
        answer = self.request("gender.create", {"name": "a"}, {"name": "a"}).assert_status(400, "'a'")
        assert answer.body["action_data_error_index"] == 1
        self.request("gender.update", {"id": 5, "name": "a"}, {"id": 6, "name": "a"}).assert_status(400, "'a'")
        self.request("gender.update", {"id": 5, "name": "dragon"}).assert_status(200)

    def test_names_of_deleted_genders_are_free(self) -> None:
        self.request_multi([("gender.delete", [{"id": 5}]), ("gender.create", [{"name": "dragon"}])]).assert_status(200)
        self.request("gender.create", {"name": "dragon"}).assert_status(400)

    def test_wrong_payload(self) -> None:
        for element in ({}, {"name": ""}, {"name": None}, {"name": "x", "organization_id": 1}):
            self.request("gender.create", element, user=0).assert_status(400)
            self.request("gender.update", {"id": 5, **element}, user=0).assert_status(400)
        self.request("gender.update", {"id": 9, "name": "x"}).assert_status(400, "gender/9")

    def test_update(self) -> None:
        assert self.request("gender.update", {"id": 5, "name": "new"}).assert_status(200).results == [[None]]
        self.assert_model_exists("gender/5", {"name": "new"})
        self.assert_needs_level("gender.update", {"id": 5, "name": "newest"}, "can_manage_users")

    @pytest.mark.parametrize("id_", [1, 2, 3, 4])
    def test_default_genders_stay(self, id_: int) -> None:
        nobody = self.create_user()
        for name, element in (("gender.update", {"id": id_, "name": "x"}), ("gender.delete", {"id": id_})):
            self.request(name, element, user=nobody).assert_status(403)
            self.request(name, element).assert_status(400, f"gender/{id_}")
            self.request(name, element, internal=True).assert_status(200)

    def test_delete(self) -> None:
        self.set_models({"user/1": {"gender_id": 5}, "gender/5": {"user_ids": [1]}})
        assert self.request("gender.delete", {"id": 5}).assert_status(200).results == [[None]]
        self.assert_model_deleted("gender/5")
        self.assert_model_exists("user/1", {"gender_id": None})
        self.assert_model_exists("organization/1", {"gender_ids": [1, 2, 3, 4, 6]})
        self.assert_needs_level("gender.delete", {"id": 6}, "can_manage_users")

    def test_few_calls(self) -> None:
        with self.stack.count_calls() as calls:
            self.request("gender.create", *({"name": str(n)} for n in range(50))).assert_status(200)
        calls.assert_at_most(reads=2, reserves=1, writes=1)
