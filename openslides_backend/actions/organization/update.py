"""Change the organization's settings."""

from collections.abc import Sequence

from openslides_backend.actions.organization.saml import SAML_ATTR_MAPPING
from openslides_backend.engine.generics import UpdateAction
from openslides_backend.engine.parts import Stored
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import Organization
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.rules import all_of, oml, when_given
from openslides_backend.services.datastore import Aggregate, Query
from openslides_backend.shared.exceptions import BadRequest, InvalidField
from openslides_backend.shared.filters import equals
from openslides_backend.shared.mail_address import is_valid_address, is_valid_sender
from openslides_backend.shared.typing import Fields

_GROUP_A = (
    "name", "description", "legal_notice", "privacy_policy", "login_text", "default_language", "users_email_sender",
    "users_email_replyto", "users_email_subject", "users_email_body", "require_duplicate_from",
    "disable_forward_with_attachments", "restrict_editing_same_level_committee_admins",
    "restrict_edit_forward_committees",
)  # fmt: skip
_GROUP_B = (
    "enable_electronic_voting", "enable_chat", "enable_anonymous", "reset_password_verbose_errors", "saml_enabled",
    "limit_of_meetings", "limit_of_users", "url", "saml_login_button_text", "saml_metadata_idp", "saml_metadata_sp",
    "saml_private_key", "saml_attr_mapping",
)  # fmt: skip
_ACTIVE_USERS = equals(is_active=True)


class OrganizationUpdate(UpdateAction):
    """Change settings: some are up to those who manage the organization, the others to superadmins only."""

    name = "organization.update"
    model = Organization
    payload = Payload(
        Organization,
        required=["id"],
        optional=[*_GROUP_A, *_GROUP_B],
        not_null=["theme_id"],
        narrowed={"saml_attr_mapping": SAML_ATTR_MAPPING},
    )
    permission = all_of(
        when_given((*_GROUP_A, "theme_id"), oml(Level.CAN_MANAGE_ORGANIZATION)),
        when_given(_GROUP_B, oml(Level.SUPERADMIN)),
    )
    parts = (Stored("active_meeting_ids"),)

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        limited = any(element.get("limit_of_users") for element in elements)
        return [Aggregate("count", "user", _ACTIVE_USERS)] if limited else []

    def check(self, element: Fields) -> None:
        address = (element.get("users_email_replyto") or "").strip()
        if element.get("users_email_replyto") and not is_valid_address(address):
            raise InvalidField("users_email_replyto", f"'{address}' is no e-mail address.")
        if not is_valid_sender(element.get("users_email_sender") or ""):
            raise BadRequest("users_email_sender must not contain square brackets or backslashes.")
        active = len(self.stored(element)["active_meeting_ids"] or ())
        if (limit := element.get("limit_of_meetings")) and active > limit:
            raise BadRequest(f"limit_of_meetings must not be below {active}, the number of active meetings.")
        if (limit := element.get("limit_of_users")) and (users := self.uow.count("user", _ACTIVE_USERS)) > limit:
            raise BadRequest(f"limit_of_users must not be below {users}, the number of active users.")

    def fill(self, element: Fields) -> None:
        if address := element.get("users_email_replyto"):
            element["users_email_replyto"] = address.strip()
