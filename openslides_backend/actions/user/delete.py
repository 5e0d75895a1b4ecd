"""Delete accounts (user.md)."""

from collections.abc import Sequence

from openslides_backend.actions.user.last_admin import check_last_admin_on_delete
from openslides_backend.engine.generics import DeleteAction
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import User
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.user_fields import may_act_on_account
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields


class UserDelete(DeleteAction):
    """Delete accounts with their meeting_users; votes, speeches and the like stay without them."""

    name = "user.delete"
    model = User
    payload = Payload(User, required=["id"])
    permission = may_act_on_account(Permissions.User.CAN_MANAGE)
    archived_exempt = True

    def prepare(self, elements: list[Fields]) -> None:
        check_last_admin_on_delete(self.uow, [element["id"] for element in elements])

    def check(self, element: Fields) -> None:
        if element["id"] == self.run.user_id:
            raise InvalidField("id", "You can not delete yourself.")

    def tell_history(self, elements: Sequence[Fields]) -> None:
        for element in elements:
            self.tell(make_fqid("user", element["id"]), "Account deleted")
