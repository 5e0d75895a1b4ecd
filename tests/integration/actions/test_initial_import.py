"""The first data of an installation (organization.md, "organization.initial_import")."""

import json
from typing import Any

import pytest

from openslides_backend.actions.organization.initial_import import INITIAL_DATA
from openslides_backend.models.migration import MIGRATION_INDEX
from openslides_backend.transfer.checker import MIGRATION_KEY, check_data
from tests.integration.base import Answer, IntegrationTest


def initial_data() -> dict[str, Any]:
    """The bundled data."""
    data: dict[str, Any] = json.loads(INITIAL_DATA.read_text(encoding="utf-8"))
    return data


def example_data() -> dict[str, Any]:
    """What development mode begins with."""
    data: dict[str, Any] = json.loads(INITIAL_DATA.with_name("example-data.json").read_text(encoding="utf-8"))
    return data


class TestInitialImport(IntegrationTest):
    """`organization.initial_import`."""

    def setup_method(self) -> None:
        super().setup_method()
        self.stack.reset()

    def import_(self, data: object) -> Answer:
        """Import over the internal route."""
        return self.request("organization.initial_import", {"data": data}, internal=True)

    def refused(self, data: dict[str, Any], text: str) -> None:
        """Fail unless the data are refused and nothing is written."""
        self.import_(data).assert_status(400, text)
        assert self.stack.datastore.get_everything() == {}

    def stored(self) -> dict[str, Any]:
        """Everything, in the form of the files."""
        return {
            collection: {str(id_): model for id_, model in models.items()}
            for collection, models in self.stack.datastore.get_everything().items()
        }

    def test_bundled_data(self) -> None:
        answer = self.import_({}).assert_status(200)
        assert answer.results[0] == [
            {
                "data_migration_index": MIGRATION_INDEX,
                "backend_migration_index": MIGRATION_INDEX,
                "migration_needed": False,
                "message": f"Data imported, with migration index {MIGRATION_INDEX}.",
            }
        ]
        expected = initial_data()
        del expected[MIGRATION_KEY]
        assert self.stored() == expected

    def test_example_data(self) -> None:
        data = example_data()
        check_data(data)
        self.import_(data).assert_status(200)
        expected = example_data()
        del expected[MIGRATION_KEY]
        assert self.stored() == expected

    def test_no_id_is_given_out_twice(self) -> None:
        self.import_({}).assert_status(200)
        self.request("theme.create", {"name": "x", **dict.fromkeys(("primary_500", "accent_500", "warn_500"))})
        self.assert_model_exists("theme/4", {"name": "x"})

    @pytest.mark.parametrize("language", ["de", "fr", None])
    def test_translation(self, language: str | None) -> None:
        data = initial_data()
        data["organization"]["1"]["default_language"] = language
        data["theme"]["3"]["name"] = "Admin"
        self.import_(data).assert_status(200)
        subject, name = {
            "de": ("OpenSlides-Zugangsdaten", "Admin"),
            "fr": ("Données d'accès OpenSlides", "Administrateur"),
            None: ("OpenSlides access data", "Admin"),
        }[language]
        self.assert_model_exists("organization/1", {"users_email_subject": subject, "login_text": ""})
        self.assert_model_exists("theme/3", {"name": name})
        self.assert_model_exists("theme/1", {"name": "OpenSlides Blue"})

    def test_not_twice(self) -> None:
        self.import_({}).assert_status(200)
        self.import_({}).assert_status(400, "organization already")

    def test_deleted_organizations_count(self) -> None:
        self.set_models({"organization/7": {"name": "x"}})
        self.delete_models("organization/7")
        self.import_({}).assert_status(400, "organization already")

    def test_other_data(self) -> None:
        self.set_models({"user/7": {"username": "x"}})
        self.import_({}).assert_status(400)
        self.assert_model_not_exists("organization/1")

    def test_only_internal_and_single(self) -> None:
        self.request("organization.initial_import", {"data": {}}, user=0).assert_status(400, "initial_import")
        none_or_two: list[list[dict[str, Any]]] = [[], [{"data": {}}, {"data": {}}]]
        for elements in none_or_two:
            self.request("organization.initial_import", *elements, internal=True).assert_status(400)
        malformed: list[dict[str, Any]] = [{}, {"data": []}, {"data": {}, "more": 1}]
        for element in malformed:
            self.request("organization.initial_import", element, internal=True).assert_status(400)
        assert self.stack.datastore.get_everything() == {}

    def test_inconsistent_data(self) -> None:
        data = initial_data()
        data["organization"]["1"]["theme_id"] = 2
        data["user"]["1"]["default_vote_weight"] = "x"
        self.refused(data, "theme/2")
        self.refused(data, "user/1/default_vote_weight")

    def test_no_organization(self) -> None:
        self.refused({MIGRATION_KEY: 83, "organization": {}}, "organization/1")
        self.refused({MIGRATION_KEY: 83}, "organization/1")

    def test_what_only_the_engine_checks(self) -> None:
        data = initial_data()
        data["theme"]["1"]["name"] = "x" * 257
        self.refused(data, "theme/1")

    def test_migration_index(self) -> None:
        self.refused({**initial_data(), MIGRATION_KEY: MIGRATION_INDEX + 1}, MIGRATION_KEY)
        self.refused({**initial_data(), MIGRATION_KEY: 0}, MIGRATION_KEY)

    def test_data_that_must_be_migrated(self) -> None:
        result = self.import_({**initial_data(), MIGRATION_KEY: 82}).assert_status(200).result
        assert (result["data_migration_index"], result["migration_needed"]) == (82, True)
        self.assert_model_exists("user/1", {"username": "superadmin"})
        for _ in range(2):
            answer = self.request("organization_tag.create", {"name": "x", "color": "#000000", "organization_id": 1})
            answer.assert_status(400, "migrated")
        # Also where nothing is read before the work.
        self.request("organization.delete_history_information", {"id": 1}).assert_status(400, "migrated")
        assert self.find_models("organization_tag") == {}

    def test_emptied_data_need_no_migration(self) -> None:
        self.import_({**initial_data(), MIGRATION_KEY: 82}).assert_status(200)
        self.request("theme.delete", {"id": 2}).assert_status(400, "migrated")
        self.stack.reset()
        self.import_({}).assert_status(200)
        self.request("theme.delete", {"id": 2}).assert_status(200)
