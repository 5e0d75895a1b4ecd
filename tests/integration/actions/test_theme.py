"""Themes (organization.md)."""

from typing import Any

import pytest

from openslides_backend.models.models import Theme
from tests.integration.actions.rights import RightsTest

THEME: dict[str, Any] = {"name": "x", "primary_500": "#111111", "accent_500": "#222222", "warn_500": None}
COLORS = [name for name in Theme.fields if name not in {*THEME, "id", "organization_id", "theme_for_organization_id"}]


class TestTheme(RightsTest):
    """`theme.*`; theme/1 is that of the organization."""

    def setup_method(self) -> None:
        super().setup_method()
        self.set_models({"theme/5": {**THEME, "organization_id": 1}, "organization/1": {"theme_ids": [1, 5]}})

    def test_create(self) -> None:
        answer = self.request("theme.create", THEME).assert_status(200)
        assert answer.result == {"id": 6}
        self.assert_model_exists("theme/6", {**THEME, "organization_id": 1, "theme_for_organization_id": None})
        self.assert_model_exists("organization/1", {"theme_id": 1, "theme_ids": [1, 5, 6]})
        self.assert_needs_level("theme.create", THEME, "can_manage_organization")

    def test_all_colors(self) -> None:
        assert len(COLORS) == 43
        colors = dict.fromkeys(COLORS, "#0123ef")
        answer = self.request("theme.create", {**THEME, **colors}).assert_status(200)
        self.assert_model_exists(f"theme/{answer.id}", colors)
        unset = dict.fromkeys([*COLORS, "primary_500", "accent_500", "warn_500"])
        self.request("theme.update", {"id": answer.id, **unset}).assert_status(200)
        self.assert_model_exists(f"theme/{answer.id}", {"name": "x", **unset})

    @pytest.mark.parametrize("field", THEME)
    def test_missing_field(self, field: str) -> None:
        element = {name: value for name, value in THEME.items() if name != field}
        self.request("theme.create", element).assert_status(400, field)

    def test_wrong_payload(self) -> None:
        for change in ({"name": ""}, {"name": None}, {"yes": "#FFFFFF"}, {"no": "red"}, {"organization_id": 1}):
            self.request("theme.create", {**THEME, **change}).assert_status(400)
            self.request("theme.update", {"id": 5, **change}).assert_status(400)

    def test_update(self) -> None:
        change = {"name": "new", "warn_500": "#abcdef", "primary_a700": "#000000"}
        assert self.request("theme.update", {"id": 5, **change}).assert_status(200).results == [[None]]
        self.assert_model_exists("theme/5", {**change, "accent_500": "#222222"})
        self.assert_needs_level("theme.update", {"id": 1, "name": "x"}, "can_manage_organization")

    def test_delete(self) -> None:
        assert self.request("theme.delete", {"id": 5}).assert_status(200).results == [[None]]
        self.assert_model_deleted("theme/5")
        self.assert_model_exists("organization/1", {"theme_ids": [1]})

    def test_delete_that_of_the_organization(self) -> None:
        self.request("theme.delete", {"id": 1}).assert_status(400, "theme/1")
        batch: list[tuple[str, list[dict[str, Any]]]] = [
            ("organization.update", [{"id": 1, "theme_id": 5}]),
            ("theme.delete", [{"id": 1}]),
        ]
        self.request_multi(batch).assert_status(200)
        self.assert_model_exists("organization/1", {"theme_id": 5, "theme_ids": [5]})

    def test_delete_rights(self) -> None:
        self.assert_needs_level("theme.delete", {"id": 5}, "can_manage_organization")
