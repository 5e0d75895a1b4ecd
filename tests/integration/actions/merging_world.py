"""Random accounts in two meetings, and what must stay true of them whoever is merged into whom."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Any

from dev.linked_data import LinkedData
from openslides_backend.shared.fqid import split_fqid
from openslides_backend.shared.typing import Fields, Models

MEETINGS = (1, 101)
"""Those of `two_meetings`; the ids of what they have are as much higher in the second one."""

_PEOPLE = ("motion_submitter", "motion_supporter", "motion_editor", "motion_working_group_speaker")
_POLL = {"type": "named", "backend": "fast", "pollmethod": "YNA", "onehundred_percent_base": "YNA", "title": "p"}


class World(LinkedData):
    """Accounts with objects, in addition to `two_meetings`: `selected` ones that are merged, and `others`."""

    def __init__(self, random: Random) -> None:
        super().__init__()
        self._random = random
        self._next = 1000
        self.selected = [self._account() for _ in range(random.randint(2, 4))]
        self.others = [self._account() for _ in range(2)]
        self.everybody = [*self.selected, *self.others]
        for shift in (0, 100):
            self._meeting(shift)

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _new(self, collection: str, **fields: Any) -> int:
        self._next += 1
        return self.add(f"{collection}/{self._next}", **fields)

    def _account(self) -> int:
        fields: Fields = {"username": f"account {self._next}", "organization_id": 1}
        if self._chance(0.3):
            fields["organization_management_level"] = self._random.choice(["superadmin", "can_manage_users"])
        if self._chance(0.3):
            fields.update(committee_management_ids=[1], committee_ids=[1])
        id_ = self._new("user", **fields)
        if self._chance(0.3):
            position_id = self._new("history_position", timestamp=1, original_user_id=id_, user_id=id_)
            fqid = f"user/{id_}"
            self._new("history_entry", entries=["x"], original_model_id=fqid, model_id=fqid, position_id=position_id)
        return id_

    def _meeting(self, shift: int) -> None:
        members = {id_: self._member(id_, shift) for id_ in self.everybody if self._chance(0.7)}
        for member_id in members.values():
            self._objects(member_id, shift)
        self._delegations(members)
        for _ in range(2):
            self._vote(list(members), shift)
        self._election(list(members), shift)

    def _member(self, user_id: int, shift: int) -> int:
        meeting_id, user = 1 + shift, f"user/{user_id}"
        groups = sorted(self._random.sample([1, 3, 4], self._random.choice([0, 1, 1, 2])))
        texts = {name: f"<p>{user_id}</p>" for name in ("comment", "about_me") if self._chance(0.3)}
        member_id = self._new(
            "meeting_user",
            user_id=user_id,
            meeting_id=meeting_id,
            group_ids=[id_ + shift for id_ in groups],
            structure_level_ids=[1 + shift] if self._chance(0.3) else [],
            **texts,
        )
        if groups:
            if 1 not in self.created[user].get("committee_ids", ()):
                self.set(user, committee_ids=[1])
            self.created[user].setdefault("meeting_ids", []).append(meeting_id)
            self._tell_meeting(meeting_id, "user_ids", user_id)
        if self._chance(0.4):
            self.created[user].setdefault("is_present_in_meeting_ids", []).append(meeting_id)
            self._tell_meeting(meeting_id, "present_user_ids", user_id)
        return member_id

    def _tell_meeting(self, meeting_id: int, name: str, user_id: int) -> None:
        self._added[f"meeting/{meeting_id}"].setdefault(name, []).append(user_id)

    def _objects(self, member_id: int, shift: int) -> None:
        own: Fields = {"meeting_id": 1 + shift, "meeting_user_id": member_id}
        weight = {"weight": self._random.randint(1, 9)}
        for motion_id in (1 + shift, 2 + shift):
            for collection in _PEOPLE:
                if self._chance(0.4):
                    order = {} if collection == "motion_supporter" else weight
                    self._new(collection, motion_id=motion_id, **order, **own)
            if self._chance(0.4):
                values: Fields = self._random.choice(
                    [{"star": True}, {"star": False}, {"note": "<p>n</p>"}, {"star": True}]
                )
                self._new("personal_note", content_object_id=f"motion/{motion_id}", **values, **own)
        if self._chance(0.4):
            self._new("assignment_candidate", assignment_id=1 + shift, **weight, **own)
        if self._chance(0.4):
            self._new("chat_message", content="x", created=member_id, chat_group_id=1 + shift, **own)
        for list_id in (2 + shift, 50 + shift):
            self._speeches({"list_of_speakers_id": list_id, **own})

    def _speeches(self, place: Fields) -> None:
        for point_of_order in (None, True):
            if self._chance(0.3):
                said = {} if point_of_order is None else {"point_of_order": True}
                self._new("speaker", weight=self._random.randint(1, 9), **said, **place)
        for _ in range(self._random.choice([0, 0, 1, 2])):
            begin = self._random.randint(1, 99)
            self._new("speaker", begin_time=begin, end_time=begin + 10, total_pause=self._random.randint(0, 9), **place)

    def _delegations(self, members: Mapping[int, int]) -> None:
        """Some of the others vote through the selected ones, or the other way round."""
        selected = [members[id_] for id_ in self.selected if id_ in members]
        others = [members[id_] for id_ in self.others if id_ in members]
        givers, takers = (others, selected) if self._chance(0.5) else (selected, others[:1])
        for giver in givers if takers else ():
            if self._chance(0.5):
                self.set(f"meeting_user/{giver}", vote_delegated_to_id=self._random.choice(takers))

    def _vote(self, users: Sequence[int], shift: int) -> None:
        selected = [id_ for id_ in users if id_ in self.selected]
        voters = [id_ for id_ in users if id_ in self.others]
        voters += self._random.sample(selected, min(len(selected), 2 if self._chance(0.05) else 1))
        entries = [{"user_id": id_, "voted": id_ in voters, "present": True} for id_ in users]
        for entry in entries:
            if self._chance(0.3):
                entry["vote_delegated_to_user_id"] = self._random.choice(self.everybody)
        poll_id = self._poll(f"motion/{1 + shift}", shift, voted_ids=voters, entitled_users_at_stop=entries)
        option_id = self._new(
            "option", meeting_id=1 + shift, poll_id=poll_id, content_object_id=f"motion/{1 + shift}", weight=1
        )
        for user_id in voters:
            through = {"delegated_user_id": user_id} if self._chance(0.7) else {}
            self._new(
                "vote",
                meeting_id=1 + shift,
                option_id=option_id,
                user_id=user_id,
                value=self._random.choice("YNA"),
                weight=f"{self._random.randint(1, 9)}.000000",
                user_token=f"t{user_id}",
                **through,
            )

    def _poll(self, fqid: str, shift: int, **fields: Any) -> int:
        return self._new(
            "poll",
            meeting_id=1 + shift,
            content_object_id=fqid,
            state="published",
            sequential_number=77,
            **_POLL,
            **fields,
        )

    def _election(self, users: Sequence[int], shift: int) -> None:
        selected = [id_ for id_ in users if id_ in self.selected]
        if not selected or self._chance(0.3):
            return
        poll_id = self._poll(f"assignment/{1 + shift}", shift)
        fqid = f"user/{self._random.choice(selected)}"
        self._new("option", meeting_id=1 + shift, poll_id=poll_id, content_object_id=fqid, weight=1, yes="1.000000")
        list_id = self._new("poll_candidate_list", meeting_id=1 + shift)
        self._new(
            "option",
            meeting_id=1 + shift,
            poll_id=poll_id,
            content_object_id=f"poll_candidate_list/{list_id}",
            weight=2,
        )
        self._new(
            "poll_candidate",
            meeting_id=1 + shift,
            poll_candidate_list_id=list_id,
            user_id=self._random.choice(selected),
            weight=1,
        )


class Facts:
    """What counts, told by persons: `merged` says whom accounts are from now on."""

    def __init__(self, data: Mapping[str, Models], merged: Mapping[int, int]) -> None:
        self._data = data
        self._merged = merged

    def counted(self) -> dict[str, Counter[Any]]:
        """What must neither be lost nor doubled."""
        polls = self._all("poll")
        return {
            "votes": self._of(
                "vote", "option_id", "value", "weight", "user_token", persons=("user_id", "delegated_user_id")
            ),
            "voted": Counter((p["id"], self._person(id_)) for p in polls for id_ in p.get("voted_ids") or ()),
            "entitled": Counter(
                (poll["id"], *self._entitled(entry))
                for poll in polls
                for entry in poll.get("entitled_users_at_stop") or ()
            ),
            "elected": Counter(
                (option["id"], self._person(split_fqid(option["content_object_id"])[1]), option.get("yes"))
                for option in self._all("option")
                if str(option.get("content_object_id")).startswith("user/")
            ),
            "candidates": self._of("poll_candidate", "poll_candidate_list_id", persons=("user_id",)),
            "speeches": self._of(
                "speaker", "list_of_speakers_id", "begin_time", "end_time", "total_pause", where=_is_finished
            ),
            "chat": self._of("chat_message", "content", "created"),
            "history": self._of("history_position", "timestamp", "original_user_id", persons=("user_id",)),
        }

    def united(self) -> dict[str, Counter[Any]]:
        """What there must be once for each person."""
        return {
            **{name: self._of(name, "motion_id") for name in _PEOPLE},
            "assignment_candidate": self._of("assignment_candidate", "assignment_id"),
            "notes": self._of("personal_note", "content_object_id", where=lambda n: n.get("star") or n.get("note")),
            "waiting": self._of(
                "speaker", "list_of_speakers_id", "point_of_order", where=lambda s: not _is_finished(s)
            ),
            "participants": self._of("meeting_user", "meeting_id", persons=("user_id",)),
            "groups": self._lists("group", "meeting_user_ids"),
            "structure levels": self._lists("structure_level", "meeting_user_ids"),
            "given": self._of("meeting_user", "meeting_id", persons=("user_id",), where=_has_delegated),
            "managers": Counter(
                (c["id"], self._person(id_)) for c in self._all("committee") for id_ in c.get("manager_ids") or ()
            ),
            "members": Counter(
                (m["id"], self._person(id_)) for m in self._all("meeting") for id_ in m.get("user_ids") or ()
            ),
        }

    def received(self) -> Counter[Any]:
        """Who votes for whom, where that can't be two at once."""
        members = self._data["meeting_user"]
        return Counter(
            (self._person(m["user_id"]), m["meeting_id"], self._person(members[m["vote_delegated_to_id"]]["user_id"]))
            for m in members.values()
            if _has_delegated(m) and self._person(m["user_id"]) not in self._merged.values()
        )

    def _all(self, collection: str) -> Iterable[Fields]:
        return self._data.get(collection, {}).values()

    def _person(self, user_id: int | None) -> int | None:
        return None if user_id is None else self._merged.get(user_id, user_id)

    def _entitled(self, entry: Fields) -> tuple[object, ...]:
        who = entry.get("user_merged_into_id") or entry["user_id"]
        through = entry.get("delegation_user_merged_into_id") or entry.get("vote_delegated_to_user_id")
        return entry["user_id"], entry["voted"], self._person(who), self._person(through)

    def _rows(
        self, collection: str, *names: str, persons: Sequence[str] = (), where: Any = None
    ) -> Iterable[tuple[Any, ...]]:
        for model in self._all(collection):
            if where is not None and not where(model):
                continue
            owners = [self._person(model.get(name)) for name in persons]
            if not persons:
                member = self._data["meeting_user"].get(model.get("meeting_user_id") or 0, {})
                owners = [self._person(member.get("user_id"))]
            yield (*(model.get(name) for name in names), *owners)

    def _of(self, collection: str, *names: str, persons: Sequence[str] = (), where: Any = None) -> Counter[Any]:
        return Counter(self._rows(collection, *names, persons=persons, where=where))

    def _lists(self, collection: str, name: str) -> Counter[Any]:
        members = self._data["meeting_user"]
        return Counter(
            (model["id"], self._person(members[id_]["user_id"]))
            for model in self._all(collection)
            for id_ in model.get(name) or ()
        )


def _is_finished(speaker: Fields) -> bool:
    return speaker.get("end_time") is not None


def _has_delegated(member: Fields) -> bool:
    return member.get("vote_delegated_to_id") is not None
