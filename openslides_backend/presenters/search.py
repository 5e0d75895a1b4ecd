"""Finds accounts and other models by what is stored in them."""

from collections import defaultdict
from collections.abc import Mapping

from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import Steps, both
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.questions import has_permission, manages_committee, manages_meeting
from openslides_backend.permissions.rules import Inquiry, Verdict, any_of, oml, rule
from openslides_backend.presenting.presenter import Presenter, takes
from openslides_backend.services.datastore import FilterModels, GetAll, GetMany
from openslides_backend.shared.filters import And, FieldFilter, Filter, Or, equals
from openslides_backend.shared.typing import Fields, Models, ReadOnlyFields

_SORTABLE: Mapping[str, object] = {
    "first_name": "",
    "last_name": "",
    "username": "",
    "title": "",
    "is_active": False,
    "is_physical_person": False,
    "email": "",
    "last_email_send": 0,
    "is_demo_user": False,
    "number": "",
    "vote_weight": "",
}
"""The criteria that users are sorted by, and what counts where nothing is stored."""
_NOT_STORED = frozenset({"last_email_send", "number", "vote_weight"})
_DEFAULT_CRITERIA = ("last_name", "first_name", "username")
_FILTERED = ("username", "first_name", "last_name")


class GetUsers(Presenter):
    """The ids of a page of all users, sorted and filtered."""

    name = "get_users"
    data = takes(
        {
            "start_index": {"type": "integer"},
            "entries": {"type": "integer"},
            "sort_criteria": {"type": "array", "items": {"enum": list(_SORTABLE)}},
            "reverse": {"type": "boolean"},
            "filter": {"type": ["string", "null"]},
        },
        required=[],
    )
    permission = oml(Level.CAN_MANAGE_USERS)

    def present(self, data: Fields) -> object:
        criteria = [name for name in data.get("sort_criteria") or _DEFAULT_CRITERIA if name not in _NOT_STORED]
        (users,) = self.datastore.read([GetAll("user", tuple(sorted({"id", *criteria, *_FILTERED})))])
        part = data.get("filter") or ""
        ids = [id_ for id_ in sorted(users) if _contains(users[id_], part)]
        ids.sort(key=lambda id_: [users[id_].get(name) or _SORTABLE[name] for name in criteria])
        if data.get("reverse"):
            ids.reverse()
        start = max(int(data.get("start_index", 0)), 0)
        return {"users": ids[start : start + max(int(data.get("entries", 100)), 0)]}


def _contains(user: ReadOnlyFields, part: str) -> bool:
    return not part or any(part in (user.get(name) or "") for name in _FILTERED)


_SEARCHED = ("username", "saml_id", "member_number", "first_name", "last_name", "email")
_CRITERIA = (("username",), ("saml_id",), ("member_number",))
_NAMES = ("first_name", "last_name", "email")
_FEW = 10
"""How many keys the datastore looks for: it compares all users with each of them, so more are found sooner here."""

_Key = tuple[tuple[str, ...], tuple[str, ...]]
"""Fields and the values, in lower case, that they must have."""


@rule
def _manages_place(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """The user manages the committee, or the users of the meeting, for which users are searched."""
    place = element["permission_type"]
    if place == "organization":
        return "The organization needs that level."
    id_ = element.id("permission_id")
    if place == "committee":
        allowed = yield from manages_committee(inquiry.user_id, id_)
    else:
        allowed = any(
            (
                yield from both(
                    has_permission(inquiry.user_id, id_, Permissions.User.CAN_MANAGE),
                    manages_meeting(inquiry.user_id, id_),
                )
            )
        )
    return None if allowed else f"Missing rights in {place} {id_}."


class SearchUsers(Presenter):
    """The accounts that certain data could mean, for every entry of a search."""

    name = "search_users"
    data = takes(
        {
            "permission_type": {"enum": ["meeting", "committee", "organization"]},
            "permission_id": {"type": "integer", "minimum": 1},
            "search": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "properties": {name: {"type": "string"} for name in _SEARCHED},
                    "additionalProperties": False,
                },
            },
        }
    )
    permission = any_of(oml(Level.CAN_MANAGE_USERS), _manages_place)

    def present(self, data: Fields) -> object:
        keys = [_key(entry) for entry in data["search"]]
        wanted = dict.fromkeys(key for key in keys if key is not None)
        found: defaultdict[_Key, list[Fields]] = defaultdict(list)
        users = self._candidates(list(wanted))
        for id_, user in sorted(users.items()):
            for key in _keys_of(user):
                if key in wanted:
                    found[key].append({"id": id_, **{name: user.get(name) for name in _SEARCHED}})
        return [[] if key is None else found[key] for key in keys]

    def _candidates(self, keys: list[_Key]) -> Models:
        """Users among whom are all that have the values of one of the keys, in one read (stored values are trimmed)."""
        if not keys:
            return {}
        if len(keys) > _FEW:
            (users,) = self.datastore.read([GetAll("user", ("id", *_SEARCHED))])
            return dict(users)
        (found,) = self.datastore.read([FilterModels("user", Or(*map(_filter, keys)), ("id", *_SEARCHED))])
        return dict(found.models)


def _value(fields: ReadOnlyFields, name: str) -> str:
    return str(fields.get(name) or "").strip().lower()


def _keys_of(fields: ReadOnlyFields) -> list[_Key]:
    """All keys that fit, the deciding one first."""
    candidates = [(names, tuple(_value(fields, name) for name in names)) for names in (*_CRITERIA, _NAMES)]
    return [key for key in candidates if all(key[1])]


def _key(entry: ReadOnlyFields) -> _Key | None:
    """What decides for an entry of a search; None: it matches nobody."""
    return next(iter(_keys_of(entry)), None)


def _filter(key: _Key) -> Filter:
    return And(*(FieldFilter(name, "~=", value) for name, value in zip(*key, strict=True)))


_CONTEXT: Mapping[str, str] = {"committee": "organization_id", "meeting": "committee_id", "group": "meeting_id"}


class SearchForIdByExternalId(Presenter):
    """The one committee, meeting or group with an id of somebody else's system."""

    name = "search_for_id_by_external_id"
    data = takes(
        {
            "collection": {"enum": list(_CONTEXT)},
            "external_id": {"type": "string"},
            "context_id": {"type": "integer"},
        }
    )
    permission = oml(Level.CAN_MANAGE_ORGANIZATION)

    def present(self, data: Fields) -> object:
        collection, context_id = data["collection"], data["context_id"]
        fits = equals(external_id=data["external_id"], **{_CONTEXT[collection]: context_id})
        (found,) = self.datastore.read([FilterModels(collection, fits, ("id",))])
        ids = sorted(found.models)
        if ids and collection == "group" and self._is_hidden(context_id):
            ids = []
        if len(ids) == 1:
            return {"id": ids[0]}
        many = "Several models have" if ids else "No model has"
        return {
            "id": None,
            "error": f"{many} the external id in {collection} with {_CONTEXT[collection]} {context_id}.",
        }

    def _is_hidden(self, meeting_id: int) -> bool:
        (meetings,) = self.datastore.read([GetMany("meeting", (meeting_id,), ("locked_from_inside",))])
        is_locked = meetings.get(meeting_id, {}).get("locked_from_inside")
        return bool(is_locked) and not self.checker.groups_of(meeting_id)
