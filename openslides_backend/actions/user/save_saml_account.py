"""Create or update an account at single sign-on (user.md)."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from openslides_backend.actions.shared.executing import execute_for
from openslides_backend.actions.shared.participation import participations
from openslides_backend.actions.user.saml_mapping import (
    ACCOUNT_FIELDS,
    GENDER,
    SAML_ID,
    Membership,
    account_values,
    memberships,
)
from openslides_backend.actions.user.unique import free_username
from openslides_backend.engine.action import Action, Visibility
from openslides_backend.engine.parts import Organization
from openslides_backend.engine.payload import Payload, Schema
from openslides_backend.engine.run import Results, ids_of
from openslides_backend.models.models import User
from openslides_backend.shared.exceptions import BadRequest, InvalidField
from openslides_backend.shared.filters import And, any_of, equals
from openslides_backend.shared.typing import Fields, Models

logger = logging.getLogger(__name__)

_PRESENT = "is_present_in_meeting_ids"
_USER = (*(name for name in ACCOUNT_FIELDS if name != GENDER), "gender_id", _PRESENT)
_SENT = "attributes"


class _AttributesPayload(Payload):
    """Whatever the identity provider sends."""

    @cached_property
    def element_schema(self) -> Schema:
        return {"type": "object"}


class UserSaveSamlAccount(Action):
    """Create or update the account of somebody who logs in, with his participations, by the organization's mapping."""

    name = "user.save_saml_account"
    model = User
    payload = _AttributesPayload(User)
    visibility = Visibility.STACK_INTERNAL
    singular = True
    archived_exempt = True
    organization = Organization("saml_enabled", "saml_attr_mapping")

    def clean(self, element: Any) -> Fields:
        """The attributes apart: whatever the provider calls them, they are no keys of ours."""
        return {_SENT: super().clean(element)}

    def check(self, element: Fields) -> None:
        if not self.organization.record["saml_enabled"]:
            raise BadRequest("Single sign-on is not enabled.")
        mapping = self.organization.record["saml_attr_mapping"]
        if not isinstance(mapping, dict) or not isinstance(mapping.get(SAML_ID), str):
            raise InvalidField("saml_attr_mapping", "There is no attribute for saml_id.")

    def apply(self, element: Fields) -> None:
        """The account first, then its meetings."""
        mapping: Mapping[str, Any] = self.organization.record["saml_attr_mapping"]
        self._keys = {name: mapping[name] for name in ACCOUNT_FIELDS if isinstance(mapping.get(name), str)}
        values = account_values(mapping, element[_SENT])
        values[SAML_ID] = values[SAML_ID].strip()
        found = self.uow.filter("user", equals(saml_id=values[SAML_ID]), *_USER)
        if len(found) > 1:
            raise InvalidField(mapping[SAML_ID], "There are several accounts with it.")
        gender = values.pop(GENDER, None)
        if gender is not None:
            values["gender_id"] = self._gender_id(gender) if gender else None
        self._user_id = self._update(found, values) if found else self._create(values)
        self._join(self._user_id, memberships(mapping, element[_SENT], is_new=not found))

    def result(self, element: Fields) -> Fields | None:
        """The id of the account."""
        return {"user_id": self._user_id}

    def _gender_id(self, name: str) -> int:
        found = self.uow.filter("gender", equals(name=name), "id")
        return min(found) if found else self._created("gender.create", {"name": name})

    def _update(self, found: Models, values: Fields) -> int:
        ((user_id, stored),) = found.items()
        changed = {name: value for name, value in values.items() if value != stored[name]}
        self._execute("user.update", [{"id": user_id, **changed}] if changed else [])
        return user_id

    def _create(self, values: Fields) -> int:
        return self._created("user.create", {**values, "username": free_username(self.uow, values[SAML_ID])})

    def _join(self, user_id: int, wanted: Mapping[str, Membership]) -> None:
        """Make the user a participant of the meetings with these external ids."""
        if not wanted:
            return
        fields = ("id", "external_id", "default_group_id")
        meetings = self.uow.filter("meeting", any_of("external_id", set(wanted)), *fields)
        for external_id in wanted.keys() - {meeting["external_id"] for meeting in meetings.values()}:
            logger.warning("single sign-on: there is no meeting with the external id '%s'", external_id)
        if not meetings:
            return
        by_meeting = {id_: wanted[meeting["external_id"]] for id_, meeting in meetings.items()}
        groups = self._groups(meetings, by_meeting)
        levels = self._structure_levels(by_meeting)
        members = participations(self.uow, {(user_id, id_) for id_ in by_meeting})
        elements = []
        for id_, membership in by_meeting.items():
            member = members.get((user_id, id_), {})
            element: Fields = {"id": user_id, "meeting_id": id_}
            element["group_ids"] = _merged(member.get("group_ids"), groups[id_])
            if levels[id_]:
                element["structure_level_ids"] = _merged(member.get("structure_level_ids"), levels[id_])
            elements.append({**element, **membership.data()})
        self._execute("user.update", elements)
        self._set_present(user_id, [id_ for id_, membership in by_meeting.items() if membership.present])

    def _set_present(self, user_id: int, meeting_ids: Sequence[int]) -> None:
        stored = self.uow.get("user", user_id, _PRESENT)[_PRESENT] or []
        present = _merged(stored, meeting_ids)
        if present != stored:
            self._execute("user.update", [{"id": user_id, _PRESENT: present}])

    def _groups(self, meetings: Models, wanted: Mapping[int, Membership]) -> dict[int, list[int]]:
        """The groups with the wanted external ids by meeting, else the default group."""
        names = {name for membership in wanted.values() for name in membership.groups}
        found: defaultdict[int, list[int]] = defaultdict(list)
        if names:
            filter_ = And(any_of("meeting_id", set(wanted)), any_of("external_id", names))
            for group_id, group in self.uow.filter("group", filter_, "meeting_id", "external_id").items():
                if group["external_id"] in wanted[group["meeting_id"]].groups:
                    found[group["meeting_id"]].append(group_id)
        for id_, meeting in meetings.items():
            default = meeting.get("default_group_id")
            if not found[id_]:
                found[id_] = [self.checked(default, f"meeting/{id_} has no default group.")]
        return found

    def _structure_levels(self, wanted: Mapping[int, Membership]) -> dict[int, list[int]]:
        """The structure levels with the wanted names by meeting; those that are missing are created."""
        names = {name for membership in wanted.values() for name in membership.structure_levels}
        known: dict[tuple[int, str], int] = {}
        if names:
            filter_ = And(any_of("meeting_id", set(wanted)), any_of("name", names))
            for level_id, level in self.uow.filter("structure_level", filter_, "meeting_id", "name").items():
                known.setdefault((level["meeting_id"], level["name"]), level_id)
        pairs = [(id_, name) for id_, membership in wanted.items() for name in membership.structure_levels]
        missing = [pair for pair in pairs if pair not in known]
        results = self._execute("structure_level.create", [{"meeting_id": id_, "name": name} for id_, name in missing])
        known |= dict(zip(missing, ids_of(results), strict=True))
        return {id_: [known[id_, name] for name in membership.structure_levels] for id_, membership in wanted.items()}

    def _created(self, name: str, element: Fields) -> int:
        (id_,) = ids_of(self._execute(name, [element]))
        return id_

    def _execute(self, name: str, elements: Sequence[Fields]) -> Results:
        return execute_for(self, name, [(0, element) for element in elements], self._keys)


def _merged(stored: Sequence[int] | None, more: Sequence[int]) -> list[int]:
    return list(dict.fromkeys([*(stored or ()), *more]))
