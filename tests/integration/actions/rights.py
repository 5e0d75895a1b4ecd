"""That actions are for those who have the right, in meetings that are alive."""

from collections.abc import Mapping
from typing import Any

from tests.integration.base import IntegrationTest


class RightsTest(IntegrationTest):
    """Base of tests of actions that need a permission in meeting/1, whose group 3 the participants join."""

    def assert_needs_permission(self, name: str, element: Mapping[str, Any], permission: str) -> None:
        """Refused to participants without the permission and to anonymous, and to all in an archived meeting."""
        user_id = self.create_user(group_ids=[3])
        self.set_permissions(3, [])
        self.request(name, element, user=user_id).assert_status(403, permission)
        self.request(name, element, user=0).assert_status(403)
        self.set_models({"meeting/1": {"is_active_in_organization_id": None}})
        self.request(name, element).assert_status(400, "archived")
        self.set_models({"meeting/1": {"is_active_in_organization_id": 1}})
        self.set_permissions(3, [permission])
        self.request(name, element, user=user_id).assert_status(200)

    def assert_needs_level(self, name: str, element: Mapping[str, Any], level: str) -> None:
        """Refused to users with a lower organization management level and to anonymous."""
        levels = [None, "can_manage_users", "can_manage_organization", "superadmin"]
        lower = levels[levels.index(level) - 1]
        self.request(name, element, user=self.create_user(oml=lower)).assert_status(403, level)
        self.request(name, element, user=0).assert_status(403)
        self.request(name, element, user=self.create_user(oml=level)).assert_status(200)

    def create_manager(self, *committee_ids: int, **fields: Any) -> int:
        """A user who manages these committees."""
        user_id = self.create_user(committee_management_ids=list(committee_ids), **fields)
        self.add_to_lists({f"committee/{id_}": {"manager_ids": [user_id]} for id_ in committee_ids})
        return user_id
