"""Writes many models at once, straight through the datastore's writer: what measurements begin with."""

import json
from collections.abc import Sequence

from dev.stack import Stack
from openslides_backend.serve.initial_data import EXAMPLE_DATA
from openslides_backend.services.datastore import CreateEvent, Event, GetAll, UpdateEvent, WriteRequest
from openslides_backend.services.datastore_http import HttpDatastore
from openslides_backend.services.http import HttpPool
from openslides_backend.services.passwords import hash_password
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields, Models

MEETING = 1
DELEGATES = 3
"""The meeting of the example data, and its group of those who may speak."""
PASSWORD = "benchmark"  # noqa: S105 - of users that live as long as the measurement
_MODELS_A_WRITE = 1000


class BulkData:
    """Bulk data of one stack."""

    def __init__(self, stack: Stack) -> None:
        self.datastore = HttpDatastore(HttpPool(headers=stack.internal_headers), stack.reader_url, stack.writer_url)

    def is_empty(self) -> bool:
        """Whether nothing is stored; measurements must not touch anybody's data."""
        return not self.datastore.get_everything()

    def write(self, events: Sequence[Event]) -> None:
        """Write the events in one position."""
        self.datastore.write([WriteRequest(events, user_id=0)])

    def all_of(self, collection: str, *fields: str) -> Models:
        """All models of a collection."""
        models: Models
        (models,) = self.datastore.read([GetAll(collection, fields)])
        return models

    def load_example(self) -> None:
        """Write the example data into the empty datastore."""
        data = json.loads(EXAMPLE_DATA.read_text(encoding="utf-8"))
        models = [
            (collection, model)
            for collection, value in data.items()
            if isinstance(value, dict)
            for model in value.values()
        ]
        largest: dict[str, int] = {}
        for collection, model in models:
            largest[collection] = max(largest.get(collection, 0), model["id"])
        self.datastore.reserve_ids(largest)
        self.write([CreateEvent(make_fqid(collection, model["id"]), model) for collection, model in models])

    def topics(self, meeting_id: int, count: int) -> None:
        """Create so many topics, with agenda items and lists of speakers, in a meeting without any."""
        collections = ("topic", "agenda_item", "list_of_speakers")
        ids = self.datastore.reserve_ids(dict.fromkeys(collections, count))
        for start in range(0, count, _MODELS_A_WRITE):
            part = slice(start, start + _MODELS_A_WRITE)
            events: list[Event] = []
            for number, (topic, item, speakers) in enumerate(
                zip(*(ids[name][part] for name in collections), strict=True)
            ):
                events += _topic_events(meeting_id, topic, item, speakers, start + number + 1)
            lists = {f"{name}_ids": ids[name][part] for name in collections}
            self.write([*events, UpdateEvent(make_fqid("meeting", meeting_id), add=lists)])

    def motions(self, meeting_id: int, count: int) -> int:
        """Create so many motions in a new category of a meeting without motions; the id of the category."""
        meeting = self.all_of("meeting", "motions_default_workflow_id")[meeting_id]
        workflow = self.all_of("motion_workflow", "first_state_id")[meeting["motions_default_workflow_id"]]
        state_id = workflow["first_state_id"]
        ids = self.datastore.reserve_ids({"motion": count, "motion_category": 1})
        (category_id,) = ids["motion_category"]
        category: Fields = {"id": category_id, "name": "c", "prefix": "C", "weight": 1, "sequential_number": 1}
        self.write(
            [
                CreateEvent(make_fqid("motion_category", category_id), {**category, "meeting_id": meeting_id}),
                UpdateEvent(make_fqid("meeting", meeting_id), add={"motion_category_ids": [category_id]}),
            ]
        )
        holders = {"meeting": meeting_id, "motion_category": category_id, "motion_state": state_id}
        for start in range(0, count, _MODELS_A_WRITE):
            part = ids["motion"][start : start + _MODELS_A_WRITE]
            common: Fields = {"meeting_id": meeting_id, "category_id": category_id, "state_id": state_id, "title": "m"}
            self.write(
                [
                    *(
                        CreateEvent(
                            make_fqid("motion", id_), {"id": id_, "sequential_number": start + number, **common}
                        )
                        for number, id_ in enumerate(part, 1)
                    ),
                    *(UpdateEvent(make_fqid(*holder), add={"motion_ids": part}) for holder in holders.items()),
                ]
            )
        return category_id

    def motion_trees(self, meeting_id: int, count: int, amendments: int) -> list[int]:
        """Create so many motions with so many amendments each, all of which may be forwarded; the ids of the motions.

        The committee of the meeting forwards to itself then, and to no other.
        """
        meeting = self.all_of("meeting", "motions_default_workflow_id", "committee_id")[meeting_id]
        workflow = self.all_of("motion_workflow", "first_state_id")[meeting["motions_default_workflow_id"]]
        state_id = workflow["first_state_id"]
        ids = self.datastore.reserve_ids({"motion": count * (amendments + 1)})["motion"]
        trees = [ids[start : start + amendments + 1] for start in range(0, len(ids), amendments + 1)]
        events: list[Event] = []
        for lead_id, *below in trees:
            places: dict[int, Fields] = {lead_id: {"amendment_ids": below}}
            places |= {id_: {"lead_motion_id": lead_id} for id_ in below}
            for id_, place in places.items():
                motion = {"id": id_, "title": "m", "text": f"<p>text {id_}</p>", "sequential_number": id_, **place}
                events.append(
                    CreateEvent(make_fqid("motion", id_), {**motion, "meeting_id": meeting_id, "state_id": state_id})
                )
        allowed = {"allow_motion_forwarding": True, "allow_amendment_forwarding": True}
        committee_id = meeting["committee_id"]
        self.write(
            [
                *events,
                UpdateEvent(make_fqid("meeting", meeting_id), add={"motion_ids": ids}),
                UpdateEvent(make_fqid("motion_state", state_id), allowed, add={"motion_ids": ids}),
                UpdateEvent(make_fqid("committee", committee_id), {"forward_to_committee_ids": [committee_id]}),
            ]
        )
        return [lead_id for lead_id, *_ in trees]

    def participants(self, count: int) -> dict[str, int]:
        """Create so many delegates of the example meeting; the meeting user of each username."""
        ids = self.datastore.reserve_ids({"user": count, "meeting_user": count})
        hash_ = hash_password(PASSWORD)
        events: list[Event] = []
        for user_id, member_id in zip(ids["user"], ids["meeting_user"], strict=True):
            events += _participant_events(user_id, member_id, hash_)
        users, members = ids["user"], ids["meeting_user"]
        self.write(
            [
                *events,
                UpdateEvent("organization/1", add={"user_ids": users}),
                UpdateEvent(make_fqid("group", DELEGATES), add={"meeting_user_ids": members}),
                UpdateEvent(make_fqid("meeting", MEETING), add={"meeting_user_ids": members, "user_ids": users}),
            ]
        )
        return {_username(user_id): member_id for user_id, member_id in zip(users, members, strict=True)}


def _username(user_id: int) -> str:
    return f"participant{user_id}"


def _topic_events(meeting_id: int, topic: int, item: int, speakers: int, number: int) -> list[Event]:
    content: Fields = {"content_object_id": make_fqid("topic", topic), "meeting_id": meeting_id, "closed": False}
    return [
        CreateEvent(
            make_fqid("topic", topic),
            {
                "id": topic,
                "title": "t",
                "meeting_id": meeting_id,
                "sequential_number": number,
                "agenda_item_id": item,
                "list_of_speakers_id": speakers,
            },
        ),
        CreateEvent(
            make_fqid("agenda_item", item), {"id": item, "type": "common", "weight": number, "level": 0, **content}
        ),
        CreateEvent(make_fqid("list_of_speakers", speakers), {"id": speakers, "sequential_number": number, **content}),
    ]


def _participant_events(user_id: int, member_id: int, password_hash: str) -> list[Event]:
    user: Fields = {
        "id": user_id,
        "username": _username(user_id),
        "password": password_hash,
        "is_active": True,
        "organization_id": 1,
        "meeting_user_ids": [member_id],
        "meeting_ids": [MEETING],
    }
    member: Fields = {"id": member_id, "user_id": user_id, "meeting_id": MEETING, "group_ids": [DELEGATES]}
    return [CreateEvent(make_fqid("user", user_id), user), CreateEvent(make_fqid("meeting_user", member_id), member)]
