"""Create, change and delete participants; only by other actions, which do the permission checks."""

from collections.abc import Sequence
from typing import Any

from openslides_backend.actions.meeting_user.delegation import check_delegations, delegation_needs
from openslides_backend.actions.meeting_user.fields import (
    DATA_FIELDS,
    DELEGATION_FIELDS,
    MeetingUserAction,
    check_groups,
    group_needs,
)
from openslides_backend.actions.meeting_user.history import Change, ParticipantHistory, added_to_meeting
from openslides_backend.actions.shared.executing import execute_for
from openslides_backend.actions.shared.locking import LockingCase, check_locking, locking_needs
from openslides_backend.actions.shared.participation import (
    FIELDS,
    Pair,
    participation_needs,
    participations,
)
from openslides_backend.engine.action import Visibility, blaming
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.parts import Stored
from openslides_backend.engine.payload import ID, Payload
from openslides_backend.engine.run import Results
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.models import MeetingUser
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import BadRequest, PayloadError
from openslides_backend.shared.filters import And, Filter, any_of, equals
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields


class MeetingUserCreate(MeetingUserAction, CreateAction):
    """Make a user known in a meeting; a participant only with groups."""

    name = "meeting_user.create"
    model = MeetingUser
    payload = Payload(MeetingUser, required=["user_id", "meeting_id"], optional=DATA_FIELDS)
    visibility = Visibility.BACKEND_INTERNAL

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        pairs = {_pair(element) for element in elements}
        locking = locking_needs(self.run, self._locking_cases(elements))
        return [*super().reads(elements), *group_needs(elements), *participation_needs(self.uow, pairs), *locking]

    def prepare(self, elements: list[Fields]) -> None:
        taken = set(participations(self.uow, {_pair(element) for element in elements}))
        for index, element in enumerate(elements):
            if _pair(element) in taken:
                with blaming(index):
                    raise BadRequest(
                        f"user/{element['user_id']} has a meeting_user in meeting/{element['meeting_id']} already."
                    )
            taken.add(_pair(element))
        check_locking(self.run, self._locking_cases(elements))

    def check(self, element: Fields) -> None:
        check_groups(self.uow, element)

    def tell_history(self, elements: Sequence[Fields]) -> None:
        for element in elements:
            fqid = make_fqid("user", element["user_id"])
            self.tell(fqid, *added_to_meeting(element, element["meeting_id"]))

    @staticmethod
    def _locking_cases(elements: Sequence[Fields]) -> list[LockingCase]:
        return [
            LockingCase(index, element, element["user_id"], element["meeting_id"])
            for index, element in enumerate(elements)
        ]


class MeetingUserUpdate(MeetingUserAction, UpdateAction):
    """Change the data of a participant; delegations are the business of `meeting_user.set_data`."""

    name = "meeting_user.update"
    model = MeetingUser
    payload = Payload(
        MeetingUser,
        required=["id"],
        optional=[
            *DATA_FIELDS,
            "assignment_candidate_ids",
            "motion_working_group_speaker_ids",
            "motion_editor_ids",
            "motion_supporter_ids",
            "motion_submitter_ids",
            "chat_message_ids",
        ],
    )
    visibility = Visibility.BACKEND_INTERNAL
    parts = (Stored(*FIELDS),)

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        return [*self.run.relations.needs(self.model, elements), *group_needs(elements)]

    def prepare(self, elements: list[Fields]) -> None:
        cases = []
        self.uow.load("meeting_user", [element["id"] for element in elements], *FIELDS)
        for index, element in enumerate(elements):
            stored = self.uow.find("meeting_user", element["id"], "user_id", "meeting_id")
            if stored is not None:
                cases.append(LockingCase(index, element, stored.get("user_id"), stored.get("meeting_id")))
        check_locking(self.run, cases)

    def check(self, element: Fields) -> None:
        check_groups(self.uow, element)

    def tell_history(self, elements: Sequence[Fields]) -> None:
        ParticipantHistory(self).tell([Change(element["id"], element) for element in elements])


class MeetingUserSetData(MeetingUserAction):
    """Change the data of a user in a meeting, whether he has a meeting_user there or not."""

    name = "meeting_user.set_data"
    model = MeetingUser
    payload = Payload(
        MeetingUser,
        optional=[*DATA_FIELDS, *DELEGATION_FIELDS],
        extra_optional={"id": ID, "user_id": ID, "meeting_id": ID},
    )
    visibility = Visibility.BACKEND_INTERNAL

    def clean(self, element: Any) -> Fields:
        """As every action; the meeting_user must be named.

        Raises PayloadError.
        """
        cleaned = super().clean(element)
        if "id" not in cleaned and not {"user_id", "meeting_id"} <= cleaned.keys():
            raise PayloadError("Either 'id' or both 'user_id' and 'meeting_id' must be given.")
        return cleaned

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        known = tuple(sorted({element["id"] for element in elements if "id" in element}))
        own: list[Query] = [GetMany("meeting_user", known, ("id", *FIELDS))] if known else []
        data = [_data(element) for element in elements]
        of_targets = self.run.relations.needs(self.model, data)
        return [*own, *of_targets, *group_needs(data), *delegation_needs(data), *self._pair_needs(elements)]

    def work(self, elements: list[Fields]) -> Results:
        """Find or create the meeting_users, check and write what is given, then history."""
        created = self._resolve(elements)
        instances = [{"id": element["id"], **_data(element)} for element in elements]
        self.run.relations.load(self.model, instances)
        for index, instance in enumerate(instances):
            with blaming(index):
                check_groups(self.uow, instance)
                check_delegations(self.uow, instance)
                self.run.relations.update(self.model, instance["id"], _data(instance))
        changes = [Change(instance["id"], instance, instance["id"] in created) for instance in instances]
        ParticipantHistory(self).tell(changes)
        return [{"id": instance["id"]} for instance in instances]

    def _pair_needs(self, elements: Sequence[Fields]) -> list[Query]:
        return participation_needs(self.uow, {_pair(element) for element in elements if "id" not in element})

    def _resolve(self, elements: Sequence[Fields]) -> set[int]:
        """Set `id` of each element; the ids of meeting_users that had to be created for it."""
        pairs = {_pair(element) for element in elements if "id" not in element}
        known = {pair: member["id"] for pair, member in participations(self.uow, pairs).items()}
        missing: dict[Pair, int] = {}
        for index, element in enumerate(elements):
            if "id" in element:
                with blaming(index):
                    self._check_identity(element)
            elif _pair(element) not in known:
                missing.setdefault(_pair(element), index)
        work = [(i, {"user_id": user, "meeting_id": meeting}) for (user, meeting), i in missing.items()]
        results = execute_for(self, "meeting_user.create", work)
        new = {pair: result["id"] for pair, result in zip(missing, results, strict=True) if result}
        known |= new
        for element in elements:
            if "id" not in element:
                element["id"] = known[_pair(element)]
        return set(new.values())

    def _check_identity(self, element: Fields) -> None:
        stored = self.uow.get("meeting_user", element["id"], "user_id", "meeting_id")
        for name in ("user_id", "meeting_id"):
            if name in element and element[name] != stored.get(name):
                raise BadRequest(f"{name} of meeting_user/{element['id']} can not be changed.")


class MeetingUserDelete(DeleteAction):
    """Remove a user from a meeting; what he did there stays without him."""

    name = "meeting_user.delete"
    model = MeetingUser
    payload = Payload(MeetingUser, required=["id"])
    visibility = Visibility.BACKEND_INTERNAL
    parts = (Stored("user_id", "meeting_id"),)

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        return [filter_query("speaker", waiting_speakers({element["id"] for element in elements}), "id")]

    def begin(self, elements: Sequence[Fields]) -> None:
        ids = [element["id"] for element in elements]
        speakers = self.uow.filter("speaker", waiting_speakers(set(ids)), "id")
        self.execute("speaker.delete", [{"id": id_} for id_ in speakers if not self.uow.is_deleting("speaker", id_)])
        self.execute("user.set_present", self._presences(ids))

    def tell_history(self, elements: Sequence[Fields]) -> None:
        for element in elements:
            user_id, meeting_id = self._pair(element["id"])
            if user_id and meeting_id:
                meeting = make_fqid("meeting", meeting_id)
                self.tell(make_fqid("user", user_id), "Participant removed from meeting {}", meeting)

    def _presences(self, ids: Sequence[int]) -> list[Fields]:
        """Who is present has to go; with the user or the meeting itself deleted the relation goes by itself."""
        pairs = [(user, meeting) for user, meeting in map(self._pair, ids) if user and meeting]
        pairs = [pair for pair in pairs if not self.uow.is_deleting("meeting", pair[1])]
        self.uow.prefetch(
            [
                GetMany("user", tuple(sorted({user for user, _ in pairs})), ("is_present_in_meeting_ids",)),
                GetMany("meeting", tuple(sorted({meeting for _, meeting in pairs})), ("id",)),
            ]
        )
        elements = []
        for user_id, meeting_id in pairs:
            user = self.uow.find_fields("user", user_id, "is_present_in_meeting_ids")
            present = meeting_id in (user.get("is_present_in_meeting_ids") or ())
            if present and self.uow.exists("meeting", meeting_id):
                elements.append({"id": user_id, "meeting_id": meeting_id, "present": False})
        return elements

    def _pair(self, id_: int) -> Pair:
        user_id = self.uow.deleted_value("meeting_user", id_, "user_id")
        return user_id or 0, self.uow.deleted_value("meeting_user", id_, "meeting_id") or 0


def waiting_speakers(meeting_user_ids: set[int]) -> Filter:
    """Speakers of these meeting_users that haven't begun."""
    return And(any_of("meeting_user_id", meeting_user_ids), equals(begin_time=None))


def _pair(element: Fields) -> Pair:
    return element["user_id"], element["meeting_id"]


def _data(element: Fields) -> Fields:
    return {name: value for name, value in element.items() if name not in ("id", "user_id", "meeting_id")}
