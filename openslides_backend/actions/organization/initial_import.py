"""Fill an empty datastore."""

import json
from collections.abc import Sequence
from typing import Any

from openslides_backend.engine.action import Action, Visibility
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.unit_of_work import extreme_query
from openslides_backend.i18n.translations import translate
from openslides_backend.models.migration import MIGRATION_INDEX
from openslides_backend.models.models import Organization
from openslides_backend.services.datastore import DeletedModels, Query
from openslides_backend.shared.bundled import bundled_data
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.filters import FieldFilter
from openslides_backend.shared.typing import Fields
from openslides_backend.transfer.checker import MIGRATION_KEY, MigrationMode, check_data
from openslides_backend.transfer.findings import CheckFailed

INITIAL_DATA = bundled_data("initial-data.json")
"""The bundled data of an installation that begins with nothing."""

_TRANSLATED = ("legal_notice", "login_text", "users_email_subject", "users_email_body")
_ALL = FieldFilter("id", "!=", None)


class OrganizationInitialImport(Action):
    """Store complete data, or the bundled initial data, in a datastore that never had an organization.

    Nothing is cleaned, nothing added: the models become exactly what the data say, texts of the organization and names
    of themes in its language aside.
    """

    name = "organization.initial_import"
    model = Organization
    payload = Payload(Organization, extra_required={"data": {"type": "object"}})
    visibility = Visibility.STACK_INTERNAL
    singular = True

    def clean(self, element: Any) -> Fields:
        """As every action; no data stand for the bundled ones."""
        cleaned = super().clean(element)
        return {"data": cleaned["data"] or json.loads(INITIAL_DATA.read_text(encoding="utf-8"))}

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        return [extreme_query("max", "organization", "id", _ALL, DeletedModels.ALL)]

    def check_early(self, elements: Sequence[Fields]) -> None:
        if self.uow.extreme("max", "organization", "id", _ALL, DeletedModels.ALL) is not None:
            raise BadRequest("There is an organization already: data can be imported into an empty datastore only.")
        try:
            check_data(elements[0]["data"], migration_mode=MigrationMode.PERMISSIVE)
        except CheckFailed as error:
            raise BadRequest(f"The data are not consistent:\n{error}") from error
        if "1" not in elements[0]["data"].get("organization", {}):
            raise BadRequest("The data must hold organization/1.")

    def fill(self, element: Fields) -> None:
        _translate(element["data"])

    def apply(self, element: Fields) -> None:
        """Create all models."""
        self.run.migration_index = element["data"][MIGRATION_KEY]
        for collection, models in element["data"].items():
            for model in models.values() if collection != MIGRATION_KEY else ():
                self.uow.create(collection, model["id"], model)

    def result(self, element: Fields) -> Fields:
        """Whether the data must be migrated."""
        index = element["data"][MIGRATION_KEY]
        needed = index < MIGRATION_INDEX
        message = f"Data imported, with migration index {index}."
        if needed:
            message += f" They must be migrated to {MIGRATION_INDEX} before the service accepts other actions."
        return {
            "data_migration_index": index,
            "backend_migration_index": MIGRATION_INDEX,
            "migration_needed": needed,
            "message": message,
        }


def _translate(data: dict[str, Any]) -> None:
    organization = data["organization"]["1"]
    language = organization.get("default_language") or ""
    texts = [(organization, name) for name in _TRANSLATED]
    texts += [(theme, "name") for theme in data.get("theme", {}).values()]
    for model, name in texts:
        if isinstance(model.get(name), str):
            model[name] = translate(model[name], language)
