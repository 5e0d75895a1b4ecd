"""Questions on the users of the organization."""

from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.rules import logged_in, oml
from openslides_backend.presenting.presenter import Presenter, takes
from openslides_backend.services.datastore import Aggregate, GetMany
from openslides_backend.shared.filters import equals
from openslides_backend.shared.fqid import ORGANIZATION_ID
from openslides_backend.shared.typing import Fields

ACTIVE_USERS = Aggregate("count", "user", equals(is_active=True))


class GetActiveUsersAmount(Presenter):
    """How many users are active."""

    name = "get_active_users_amount"
    data = takes({})
    permission = oml(Level.CAN_MANAGE_USERS)

    def present(self, data: Fields) -> object:
        (active,) = self.datastore.read([ACTIVE_USERS])
        return {"active_users_amount": active.value}


class NumberOfUsers(Presenter):
    """Whether the organization's limit of active users leaves room for more."""

    name = "number_of_users"
    data = takes({"number_of_users_to_add_or_activate": {"type": "integer"}})
    permission = logged_in

    def present(self, data: Fields) -> object:
        settings = GetMany("organization", (ORGANIZATION_ID,), ("limit_of_users",))
        organizations, active = self.datastore.read([settings, ACTIVE_USERS])
        limit = organizations.get(ORGANIZATION_ID, {}).get("limit_of_users")
        return {"possible": not limit or active.value + data["number_of_users_to_add_or_activate"] <= limit}
