"""Rules that several actions of meetings share (meeting.md, "Shared rules")."""

from collections.abc import Iterable

from openslides_backend.engine.unit_of_work import UnitOfWork, filter_query
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import BadRequest, InvalidField
from openslides_backend.shared.filters import equals
from openslides_backend.shared.typing import Fields, ReadOnlyFields

ORGANIZATION_ID = 1
TIMES = ("start_time", "end_time")


def organization_needs(*fields: str) -> Query:
    """Settings of the organization."""
    return GetMany("organization", (ORGANIZATION_ID,), ("id", *fields))


def organization(uow: UnitOfWork, *fields: str) -> Fields:
    """Settings of the organization that are set."""
    return uow.find_fields("organization", ORGANIZATION_ID, *fields)


def external_id_needs(elements: Iterable[Fields]) -> list[Query]:
    """What `check_external_id` reads."""
    ids = dict.fromkeys(element["external_id"] for element in elements if element.get("external_id"))
    return [filter_query("meeting", equals(external_id=external_id), "id") for external_id in ids]


def check_external_id(uow: UnitOfWork, element: Fields) -> None:
    """No other meeting of the organization may have the external id; empty ones may repeat.

    Raises BadRequest.
    """
    external_id = element.get("external_id")
    if external_id:
        others = uow.filter("meeting", equals(external_id=external_id), "id").keys() - {element.get("id")}
        if others:
            raise InvalidField("external_id", f"there is a meeting '{external_id}' already.")


def check_times(element: Fields, stored: ReadOnlyFields) -> None:
    """A meeting begins before it ends, and does both or neither. Only judged if the element sets one of the times.

    Raises BadRequest.
    """
    if not any(name in element for name in TIMES):
        return
    start, end = (element.get(name, stored.get(name)) for name in TIMES)
    if bool(start) != bool(end):
        raise BadRequest("start_time and end_time: a meeting has both or none of them.")
    if start and end and start > end:
        raise BadRequest("start_time must not be after end_time.")


def check_limit(uow: UnitOfWork) -> None:
    """There must be room for one more active meeting.

    Raises BadRequest.
    """
    limit = organization(uow, "limit_of_meetings").get("limit_of_meetings")
    if limit and len(organization(uow, "active_meeting_ids").get("active_meeting_ids") or ()) >= limit:
        raise BadRequest(f"The limit of {limit} active meetings is reached.")
