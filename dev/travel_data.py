"""A large meeting object, made of the export of an empty meeting (meeting_clone_import.md, "Meeting object")."""

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import Any

from dev.linked_data import LinkedData
from openslides_backend.shared.fqid import make_fqid, split_fqid
from openslides_backend.shared.typing import Fields
from openslides_backend.transfer.checker import MIGRATION_KEY

_TEXT = "<p>The assembly may decide that <strong>something</strong> is to be done about it, and by whom.</p>" * 10


@dataclass(frozen=True, slots=True)
class TravelSizes:
    """How large the meeting is; each poll has so many named votes. `judged`: the goals are those of such a meeting."""

    motions: int = 5_000
    participants: int = 2_000
    polls: int = 300
    votes: int = 100
    judged: bool = True


class LargeMeeting:
    """Adds models to an export."""

    def __init__(self, export: dict[str, Any]) -> None:
        self._export = {"user": {}, **export}
        self._linked = LinkedData()
        ((key, self._meeting),) = export["meeting"].items()
        self._last: Counter[str] = Counter()
        self._in_meeting: Fields = {"meeting_id": int(key)}
        for collection, models in self._export.items():
            if collection != MIGRATION_KEY:
                self._linked.created |= {make_fqid(collection, model["id"]): model for model in models.values()}
                self._last[collection] = max(map(int, models), default=0)

    @property
    def data(self) -> dict[str, Any]:
        """The meeting object with all that was added."""
        data: dict[str, Any] = {name: {} for name in self._export} | {MIGRATION_KEY: self._export[MIGRATION_KEY]}
        for fqid, model in self._linked.created.items():
            collection, id_ = split_fqid(fqid)
            data[collection][str(id_)] = model
        return data

    def fill(self, sizes: TravelSizes) -> None:
        """Motions with submitters and lists of speakers, polls on some of them, and people who have voted."""
        members = [self._participant(number) for number in range(sizes.participants)]
        users = [self._linked.created[make_fqid("meeting_user", member)]["user_id"] for member in members]
        motions = [self._motion(number, members[number % len(members)]) for number in range(sizes.motions)]
        for number, motion in enumerate(motions[: sizes.polls]):
            start = number * sizes.votes % len(users)
            self._poll(number, motion, list(islice((*users[start:], *users), sizes.votes)))

    def _add(self, collection: str, **fields: Any) -> int:
        self._last[collection] += 1
        return self._linked.add(make_fqid(collection, self._last[collection]), **fields)

    def _participant(self, number: int) -> int:
        user_id = self._add(
            "user", username=f"traveller{number}", first_name="Travelling", last_name=f"No. {number}", organization_id=1
        )
        self._linked.set(make_fqid("user", user_id), meeting_ids=[self._in_meeting["meeting_id"]])
        return self._add(
            "meeting_user", user_id=user_id, group_ids=[self._meeting["default_group_id"]], **self._in_meeting
        )

    def _motion(self, number: int, member: int) -> int:
        workflow = self._linked.created[make_fqid("motion_workflow", self._meeting["motions_default_workflow_id"])]
        motion = self._add(
            "motion",
            title=f"Motion {number}",
            text=_TEXT,
            number=f"A{number}",
            state_id=workflow["first_state_id"],
            sequential_number=number + 1,
            **self._in_meeting,
        )
        content = make_fqid("motion", motion)
        self._add("list_of_speakers", content_object_id=content, sequential_number=number + 1, **self._in_meeting)
        self._add("motion_submitter", motion_id=motion, meeting_user_id=member, weight=1, **self._in_meeting)
        return motion

    def _poll(self, number: int, motion: int, users: list[int]) -> None:
        poll = self._add(
            "poll",
            title="Poll",
            type="named",
            backend="long",
            pollmethod="YNA",
            onehundred_percent_base="YNA",
            state="published",
            content_object_id=make_fqid("motion", motion),
            sequential_number=number + 1,
            voted_ids=users,
            entitled_group_ids=[self._meeting["default_group_id"]],
            **self._in_meeting,
        )
        content = make_fqid("motion", motion)
        option = self._add("option", poll_id=poll, content_object_id=content, weight=1, **self._in_meeting)
        for user in users:
            token = f"token{option}-{user}"
            vote: Fields = {"option_id": option, "user_id": user, "delegated_user_id": user, "user_token": token}
            self._add("vote", value="Y", weight="1.000000", **vote, **self._in_meeting)
