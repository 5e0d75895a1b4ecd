"""Change the settings of meetings."""

from collections.abc import Sequence
from typing import Any

from openslides_backend.actions.meeting.checks import TIMES, ExternalId, check_times
from openslides_backend.actions.meeting.settings import (
    FOR_ADMINS,
    FOR_COMMITTEE_MANAGERS,
    FOR_SUPERADMINS,
    PRESENCE,
    PROJECTORS,
    SET_AS_TEMPLATE,
    SETTINGS,
)
from openslides_backend.engine.generics import UpdateAction
from openslides_backend.engine.parts import Organization, Stored
from openslides_backend.engine.payload import BOOLEAN, Payload
from openslides_backend.engine.run import ids_of
from openslides_backend.i18n.languages import DEFAULT_LANGUAGE
from openslides_backend.i18n.translations import translate
from openslides_backend.models.models import Meeting
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import (
    all_of,
    in_meeting,
    meeting_admin,
    meeting_committee_manager,
    oml,
    when_given,
)
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import BadRequest, InvalidField
from openslides_backend.shared.fqid import ORGANIZATION_ID
from openslides_backend.shared.mail_address import is_valid_address
from openslides_backend.shared.typing import Fields

_POLL_GROUPS = (
    "assignment_poll_default_group_ids",
    "topic_poll_default_group_ids",
    "motion_poll_default_group_ids",
)
_TEMPLATE = "template_for_organization_id"


class MeetingUpdate(UpdateAction):
    """Change a meeting; each group of settings has its own rule."""

    name = "meeting.update"
    model = Meeting
    payload = Payload(
        Meeting,
        required=["id"],
        optional=[*SETTINGS, *PRESENCE, *PROJECTORS, *FOR_ADMINS, *FOR_COMMITTEE_MANAGERS, *FOR_SUPERADMINS],
        extra_optional={SET_AS_TEMPLATE: BOOLEAN},
    )
    permission = all_of(
        when_given(SETTINGS, in_meeting(Permissions.Meeting.CAN_MANAGE_SETTINGS)),
        when_given(PRESENCE, in_meeting(Permissions.User.CAN_UPDATE)),
        when_given(PROJECTORS, in_meeting(Permissions.Projector.CAN_MANAGE)),
        when_given(FOR_ADMINS, meeting_admin()),
        when_given((*FOR_COMMITTEE_MANAGERS, SET_AS_TEMPLATE), meeting_committee_manager()),
        when_given(FOR_SUPERADMINS, oml(Level.SUPERADMIN)),
    )
    parts = (
        Stored(
            "external_id",
            "locked_from_inside",
            "enable_anonymous",
            "anonymous_group_id",
            "admin_group_id",
            "language",
            _TEMPLATE,
            *TIMES,
        ),
        ExternalId(),
    )
    organization = Organization("enable_anonymous", "require_duplicate_from")

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        projectors = sorted({id_ for element in elements for id_ in _projectors(element)})
        return [GetMany("projector", tuple(projectors), ("id", "meeting_id", "is_internal"))]

    def prepare(self, elements: list[Fields]) -> None:
        meetings = self.uow.get_many("meeting", [element["id"] for element in elements], *self.stored_names)
        untemplated = [e["id"] for e in elements if e.get(SET_AS_TEMPLATE) is False]
        groups = [meetings[id_]["admin_group_id"] for id_ in untemplated if "admin_group_id" in meetings.get(id_, {})]
        self.uow.load("group", groups, "id", "meeting_user_ids")
        self._create_anonymous_groups([element for element in elements if element["id"] in meetings])
        for element in elements:
            if SET_AS_TEMPLATE in element:
                element[_TEMPLATE] = ORGANIZATION_ID if element[SET_AS_TEMPLATE] else None
            if element.get("users_email_replyto") is not None:
                element["users_email_replyto"] = element["users_email_replyto"].strip()

    def check(self, element: Fields) -> None:
        stored = self.stored(element)
        self._check_openness(element, stored)
        self._check_template(element, stored)
        self._check_projectors(element)
        domain = (element.get("jitsi_domain") or "").strip()
        if domain.startswith("https://") or domain.endswith("/"):
            raise BadRequest("jitsi_domain must be a name, without 'https://' before or '/' after it.")
        check_times(element, stored)
        self._check_poll_groups(element, stored)
        _check_mail(element)

    def _create_anonymous_groups(self, elements: Sequence[Fields]) -> None:
        """The groups of the anonymous in meetings that are opened to them for the first time."""
        opened: dict[int, Fields] = {}
        for element in elements:
            if element.get("enable_anonymous") and self.stored(element)["anonymous_group_id"] is None:
                opened.setdefault(element["id"], element)
        languages = {id_: self.stored(element)["language"] or DEFAULT_LANGUAGE for id_, element in opened.items()}
        groups = [{"name": translate("Public", languages[id_]), "meeting_id": id_, "weight": 0} for id_ in opened]
        for element, group_id in zip(opened.values(), ids_of(self.execute("group.create", groups)), strict=True):
            element["anonymous_group_id"] = group_id

    def _check_openness(self, element: Fields, stored: Fields) -> None:
        """A locked meeting is neither a template nor open, an open one needs the organization's consent."""
        is_template = element.get(_TEMPLATE) if SET_AS_TEMPLATE in element else stored.get(_TEMPLATE)
        locked, anonymous = (_final(element, stored, name) for name in ("locked_from_inside", "enable_anonymous"))
        if locked and is_template:
            raise InvalidField("locked_from_inside", "a template can not be locked.")
        if locked and anonymous:
            raise InvalidField("locked_from_inside", "a meeting can not be locked and open to the anonymous.")
        if element.get("enable_anonymous") and not self.organization.record["enable_anonymous"]:
            raise InvalidField("enable_anonymous", "the organization does not allow it.")

    def _check_template(self, element: Fields, stored: Fields) -> None:
        if SET_AS_TEMPLATE not in element:
            return
        restricted = self.organization.record["require_duplicate_from"]
        if restricted and not self.run.checker.has_level(Level.CAN_MANAGE_ORGANIZATION):
            raise InvalidField(SET_AS_TEMPLATE, "only organization managers may decide on templates.")
        if element[SET_AS_TEMPLATE]:
            return
        admin_group = stored.get("admin_group_id")
        group = None if admin_group is None else self.uow.find("group", admin_group, "meeting_user_ids")
        if group is None or not group["meeting_user_ids"]:
            raise InvalidField(SET_AS_TEMPLATE, "a meeting without admins must be a template.")

    def _check_projectors(self, element: Fields) -> None:
        for id_ in _projectors(element):
            projector = self.uow.get("projector", id_, "meeting_id", "is_internal")
            if id_ == element.get("reference_projector_id") and projector.get("is_internal"):
                raise InvalidField("reference_projector_id", f"projector/{id_} is internal.")
            if projector.get("meeting_id") != element["id"]:
                raise BadRequest(f"projector/{id_} does not belong to meeting {element['id']}.")

    def _check_poll_groups(self, element: Fields, stored: Fields) -> None:
        anonymous_group = element.get("anonymous_group_id", stored.get("anonymous_group_id"))
        for name in _POLL_GROUPS:
            if anonymous_group is not None and anonymous_group in (element.get(name) or ()):
                raise InvalidField(name, "the group of the anonymous can not vote.")


def _projectors(element: Fields) -> list[int]:
    """All projectors that an element names, the reference projector first."""
    reference, *defaults = PROJECTORS
    ids = [element[reference]] if element.get(reference) is not None else []
    return [*ids, *(id_ for name in defaults for id_ in element.get(name) or ())]


def _final(element: Fields, stored: Fields, name: str) -> Any:
    value = element.get(name)
    return stored.get(name) if value is None else value


def _check_mail(element: Fields) -> None:
    reply_to = element.get("users_email_replyto")
    if reply_to and not is_valid_address(reply_to):
        raise BadRequest("users_email_replyto must be a valid mail address.")
    if any(char in (element.get("users_email_sender") or "") for char in "[]\\"):
        raise BadRequest("users_email_sender must not contain '[', ']' or '\\'.")
