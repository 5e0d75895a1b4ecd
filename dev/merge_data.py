"""Accounts in many meetings, with all that participants have: what measurements of merging begin with."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from dev.linked_data import LinkedData

_BUSY = 3
_OBJECTS = ("motion_submitter", "motion_supporter", "motion_editor", "motion_working_group_speaker")


@dataclass(frozen=True, slots=True)
class Place:
    """A stored meeting with one of its groups, and a state of its motions."""

    meeting_id: int
    committee_id: int
    group_id: int
    state_id: int


class MergeData(LinkedData):
    """So many accounts, each in all places; their ids are `user_ids`. New models get ids from `first_id` on.

    In each place all take part, and a few of them have to do with the same motion and election. Another one has voted
    there, votes for somebody else and is present.
    """

    def __init__(self, places: Sequence[Place], accounts: int, first_id: int = 10_000) -> None:
        super().__init__()
        self._numbers = count(first_id)
        self.user_ids = [self._account(places) for _ in range(accounts)]
        self._other_id = self._account(places)
        for number, place in enumerate(places):
            self._fill(place, number % accounts)

    def _account(self, places: Sequence[Place]) -> int:
        id_ = next(self._numbers)
        committees = sorted({place.committee_id for place in places})
        return self.add(
            f"user/{id_}",
            username=f"account {id_}",
            organization_id=1,
            meeting_ids=[place.meeting_id for place in places],
            committee_ids=committees,
        )

    def _new(self, collection: str, place: Place, **fields: object) -> int:
        return self.add(f"{collection}/{next(self._numbers)}", meeting_id=place.meeting_id, **fields)

    def _fill(self, place: Place, chosen: int) -> None:
        motion_id = self._new("motion", place, title="m", text="m", state_id=place.state_id, sequential_number=9999)
        assignment_id = self._new("assignment", place, title="a", sequential_number=9999)
        list_id = self._new("list_of_speakers", place, content_object_id=f"motion/{motion_id}", sequential_number=9999)
        self._new("list_of_speakers", place, content_object_id=f"assignment/{assignment_id}", sequential_number=9998)
        members = [self._member(place, user_id) for user_id in self.user_ids]
        for weight, member_id in enumerate((members[(chosen + step) % len(members)] for step in range(_BUSY)), 1):
            own = {"meeting_user_id": member_id}
            for collection in _OBJECTS:
                order = {} if collection == "motion_supporter" else {"weight": weight}
                self._new(collection, place, motion_id=motion_id, **order, **own)
            self._new("assignment_candidate", place, assignment_id=assignment_id, weight=weight, **own)
            self._new("personal_note", place, content_object_id=f"motion/{motion_id}", note="n", **own)
            self._new("speaker", place, list_of_speakers_id=list_id, weight=weight, **own)
            self._new("speaker", place, list_of_speakers_id=list_id, weight=weight, begin_time=1, end_time=9, **own)
        self._poll(place, motion_id, self.user_ids[chosen])
        other = self._member(place, self._other_id)
        self.set(f"meeting_user/{other}", vote_delegated_to_id=members[chosen])
        self.created[f"user/{self.user_ids[chosen]}"].setdefault("is_present_in_meeting_ids", []).append(
            place.meeting_id
        )
        self._added[f"meeting/{place.meeting_id}"].setdefault("present_user_ids", []).append(self.user_ids[chosen])
        self._added[f"meeting/{place.meeting_id}"]["user_ids"] = [*self.user_ids, self._other_id]

    def _member(self, place: Place, user_id: int) -> int:
        return self._new("meeting_user", place, user_id=user_id, group_ids=[place.group_id], number=str(user_id))

    def _poll(self, place: Place, motion_id: int, voter_id: int) -> None:
        poll_id = self._new(
            "poll",
            place,
            title="p",
            type="named",
            backend="fast",
            pollmethod="YNA",
            onehundred_percent_base="YNA",
            state="published",
            content_object_id=f"motion/{motion_id}",
            sequential_number=9999,
            voted_ids=[voter_id],
            entitled_users_at_stop=[{"user_id": id_, "voted": id_ == voter_id} for id_ in self.user_ids],
        )
        option_id = self._new("option", place, poll_id=poll_id, content_object_id=f"motion/{motion_id}", yes="1.000000")
        vote = {"user_token": "t", "value": "Y", "weight": "1.000000"}
        self._new("vote", place, option_id=option_id, user_id=voter_id, **vote)
