"""Keeps both sides of relations in agreement (engine.md, "Relations")."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from openslides_backend.engine.unit_of_work import UnitOfWork
from openslides_backend.models.base import Model
from openslides_backend.models.fields import RelationField
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import BadRequest, ModelDoesNotExist
from openslides_backend.shared.filters import equals
from openslides_backend.shared.fqid import make_fqid, split_fqid
from openslides_backend.shared.typing import Fields, ReadOnlyFields

Target = tuple[str, int]


def targets_of(field: RelationField, value: Any) -> list[Target]:
    """Collection and id of everything that a value of the field names, in order.

    Raises BadRequest if an fqid is malformed.
    """
    if value is None:
        return []
    values = value if field.is_list else [value]
    return [split_fqid(entry) if field.is_generic else (field.target, entry) for entry in values]


BETWEEN_MEETINGS = frozenset(
    {
        ("meeting", "forwarded_motion_ids"),
        ("motion", "all_derived_motion_ids"),
        ("motion", "all_origin_ids"),
        ("motion", "derived_motion_ids"),
        ("motion", "origin_id"),
        ("motion", "origin_meeting_id"),
    }
)
"""Relations that are there to lead from one meeting to another; all others stay within one (engine.md, "Relations")."""

JUDGED_BY_ACTIONS = frozenset(
    (f"motion_{people}", "meeting_user_id") for people in ("editor", "submitter", "supporter", "working_group_speaker")
)
"""Relations whose actions judge by themselves whether the target belongs to the meeting (motion_people.md, "P2")."""

NAMES_WHAT_WAS_LEFT_BEHIND = frozenset({("assignment_candidate", "meeting_user_id")})
"""Relations that may also name a model of another meeting if that isn't stored (engine.md, "Relations")."""

_Wanted = defaultdict[str, tuple[set[int], set[str]]]
"""Ids and field names by collection."""


def _nothing_wanted() -> _Wanted:
    return defaultdict(lambda: (set(), {"id"}))


def _queries(wanted: _Wanted) -> list[Query]:
    return [
        GetMany(collection, tuple(sorted(ids)), tuple(sorted(names))) for collection, (ids, names) in wanted.items()
    ]


def relation_fields(model: type[Model], names: Iterable[str]) -> Iterator[RelationField]:
    """The relation fields of the model among the names."""
    for name in names:
        field = model.fields.get(name)
        if isinstance(field, RelationField):
            yield field


class Relations:
    """Writes changed relation fields and their reverse sides into a unit of work."""

    def __init__(self, uow: UnitOfWork, models: Mapping[str, type[Model]]) -> None:
        self._uow = uow
        self._models = models

    def needs(self, model: type[Model], changes: Iterable[ReadOnlyFields]) -> list[Query]:
        """Queries for all that setting the relation fields of these changes is going to read of their targets."""
        changes, wanted = list(changes), _nothing_wanted()
        for field in relation_fields(model, dict.fromkeys(chain.from_iterable(changes))):
            named: defaultdict[str, set[int]] = defaultdict(set)
            for change in changes:
                for collection, id_ in targets_of(field, change.get(field.name)):
                    named[collection].add(id_)
            for collection in named.keys() & field.targets.keys():
                ids, names = wanted[collection]
                ids |= named[collection]
                names.update(self._names_read(field, collection))
        return _queries(wanted)

    def reads(self, model: type[Model], changes: Sequence[ReadOnlyFields]) -> list[Query]:
        """What `load` reads, as far as it is known now: who holds the targets follows from those."""
        queries = self.needs(model, changes)
        names = tuple(sorted({"id", *(f.name for change in changes for f in relation_fields(model, change))}))
        if len(names) > 1:
            old = sorted({c["id"] for c in changes if not self._uow.is_created(model.collection, c["id"])})
            queries.append(GetMany(model.collection, tuple(old), names))
        return queries if self._uow.unknown(queries) else [*queries, *self._needs_of_others(model, changes)]

    def load(self, model: type[Model], changes: Sequence[ReadOnlyFields]) -> None:
        """Read in bulk what writing these changes needs: old values of their own, targets, and who holds those now.

        At most three round trips, none for what is known already.
        """
        old = [c["id"] for c in changes if not self._uow.is_created(model.collection, c["id"])]
        names = {field.name for change in changes for field in relation_fields(model, change)}
        queries = self.needs(model, changes)
        if old and names:
            queries.append(GetMany(model.collection, tuple(old), tuple(sorted({"id", *names}))))
        self._uow.prefetch(queries)
        self._uow.prefetch(self._needs_of_others(model, changes))

    def create(self, model: type[Model], id_: int, fields: Fields) -> None:
        """A new model with its fields; the reverse sides of its relations are set.

        Raises ModelDoesNotExist for targets that don't, BadRequest where equal fields differ.
        """
        self._uow.create(model.collection, id_, fields)
        for field in relation_fields(model, fields):
            for target in dict.fromkeys(targets_of(field, fields[field.name])):
                self._attach(field, target, id_)

    def update(self, model: type[Model], id_: int, fields: Fields) -> None:
        """New values of fields of a model, and what follows for the reverse sides.

        Raises ModelDoesNotExist for new targets that don't, BadRequest where equal fields differ.
        """
        collection = model.collection
        changed = list(relation_fields(model, fields))
        old = {field.name: self._old_value(collection, id_, field) for field in changed}
        self._uow.update(collection, id_, fields)
        for field in changed:
            before, after = targets_of(field, old[field.name]), targets_of(field, fields[field.name])
            known, wanted = set(before), set(after)
            for target in before:
                if target not in wanted:
                    self._detach(field, target, id_)
            for target in after:
                if target not in known:
                    self._attach(field, target, id_)

    def detach_all(self, deleted: Sequence[tuple[type[Model], int]]) -> None:
        """Clear the reverse sides of all relations of models that are deleted; those of other deleted models stay."""
        work = [
            (field, target, id_)
            for model, id_ in deleted
            for field in relation_fields(model, model.fields)
            for target in targets_of(field, self._uow.last_value(model.collection, id_, field.name))
            if not self._uow.is_deleting(*target)
        ]
        self._load_reverse_sides((field, target) for field, target, _ in work)
        for field, target, id_ in work:
            self._detach(field, target, id_)

    def takes_part(self, user_id: int, meeting_id: int) -> bool:
        """Whether a user belongs to a meeting: it is in `meeting_ids`, or a meeting_user there has a group.

        Raises ModelDoesNotExist if there is no such user.
        """
        if meeting_id in (self._uow.get("user", user_id, "meeting_ids")["meeting_ids"] or ()):
            return True
        found = self._uow.filter("meeting_user", equals(user_id=user_id, meeting_id=meeting_id), "group_ids")
        return any(model.get("group_ids") for model in found.values())

    def _names_read(self, field: RelationField, collection: str) -> Iterator[str]:
        reverse = field.reverse(collection)
        if not reverse.is_list:
            yield reverse.name
        if self._keeps_meeting(field, collection) and collection != "meeting":
            yield "meeting_id"
        for equal in field.equal_fields:
            if collection == "mediafile":
                yield "owner_id"
            elif collection == "user":
                yield "meeting_ids"
            elif equal in self._models[collection].fields:
                yield equal

    def _needs_of_others(self, model: type[Model], changes: Sequence[ReadOnlyFields]) -> list[Query]:
        """Former targets, and the models that hold a new target whose reverse side has room for one only."""
        wanted = _nothing_wanted()
        for change in changes:
            for field in relation_fields(model, change):
                new = set(targets_of(field, change[field.name]))
                old = set(targets_of(field, self._old_value(model.collection, change["id"], field)))
                for collection, id_ in old - new:
                    self._want_reverse(wanted, field, (collection, id_))
                for target in new - old:
                    if target[0] in field.targets and (holder := self._holder(field, target)) is not None:
                        ids, names = wanted[model.collection]
                        ids.add(holder)
                        if not field.is_list:
                            names.add(field.name)
        return _queries(wanted)

    def _load_reverse_sides(self, sides: Iterable[tuple[RelationField, Target]]) -> None:
        wanted = _nothing_wanted()
        for field, target in sides:
            self._want_reverse(wanted, field, target)
        self._uow.prefetch(_queries(wanted))

    @staticmethod
    def _want_reverse(wanted: _Wanted, field: RelationField, target: Target) -> None:
        collection, id_ = target
        if collection in field.targets:
            ids, names = wanted[collection]
            ids.add(id_)
            reverse = field.reverse(collection)
            if not reverse.is_list:
                names.add(reverse.name)

    def _old_value(self, collection: str, id_: int, field: RelationField) -> Any:
        if self._uow.is_created(collection, id_):
            return self._uow.last_value(collection, id_, field.name)
        model = self._uow.find(collection, id_, field.name)
        return None if model is None else model.get(field.name)

    def _holder(self, field: RelationField, target: Target) -> int | None:
        """The id of the model that the target's reverse field names, where it has room for one only."""
        reverse = field.reverse(target[0])
        if reverse.is_list:
            return None
        model = self._uow.find(*target, reverse.name)
        return None if model is None else self._id_in(reverse, model.get(reverse.name), field.collection)

    @staticmethod
    def _id_in(reverse: RelationField, value: Any, collection: str) -> int | None:
        return next((id_ for target, id_ in targets_of(reverse, value) if target == collection), None)

    def _attach(self, field: RelationField, target: Target, id_: int) -> None:
        collection, target_id = target
        if collection not in field.targets:
            raise BadRequest(
                f"{field.collection}.{field.name} can not name a model of '{collection}'.", field=field.name
            )
        if not self._uow.exists(collection, target_id):
            raise ModelDoesNotExist(make_fqid(collection, target_id), field.name)
        self._check_equal_fields(field, target, id_)
        reverse = field.reverse(collection)
        own: Any = make_fqid(field.collection, id_) if reverse.is_generic else id_
        if reverse.is_list:
            self._uow.add_to(collection, target_id, reverse.name, own)
            return
        former = self._uow.get(collection, target_id, reverse.name).get(reverse.name)
        if former == own:
            return
        self._release(reverse, former, field, target)
        self._uow.update(collection, target_id, {reverse.name: own})

    def _release(self, reverse: RelationField, former: Any, field: RelationField, target: Target) -> None:
        """The model that held the target loses it, whatever collection it is of."""
        for collection, id_ in targets_of(reverse, former):
            if collection in reverse.targets and self._uow.exists(collection, id_):
                self._take(reverse.reverse(collection), id_, target)

    def _detach(self, field: RelationField, target: Target, id_: int) -> None:
        collection, target_id = target
        if collection in field.targets and self._uow.exists(collection, target_id):
            self._take(field.reverse(collection), target_id, (field.collection, id_))

    def _take(self, field: RelationField, id_: int, value: Target) -> None:
        """A relation field of a live model loses one value, if it has it."""
        entry: Any = make_fqid(*value) if field.is_generic else value[1]
        if field.is_list:
            self._uow.remove_from(field.collection, id_, field.name, entry)
        elif self._uow.get(field.collection, id_, field.name).get(field.name) == entry:
            self._uow.update(field.collection, id_, {field.name: None})

    def _check_equal_fields(self, field: RelationField, target: Target, id_: int) -> None:
        if self._keeps_meeting(field, target[0]) and self._is_elsewhere(field, target, id_):
            raise BadRequest(
                f"{make_fqid(*target)} does not belong to the same meeting as {make_fqid(field.collection, id_)} "
                f"({field.collection}.{field.name}).",
                field=field.name,
            )
        for equal in field.equal_fields:
            own = self._own_equal_value(field.collection, id_, equal)
            if own is None:
                raise BadRequest(f"{make_fqid(field.collection, id_)} has no {equal}, which {field.name} needs.")
            if not self._shares(equal, own, target):
                raise BadRequest(
                    f"{make_fqid(*target)} does not belong to the same {equal.removesuffix('_id')} as "
                    f"{make_fqid(field.collection, id_)} ({equal} of {field.collection}.{field.name}).",
                    field=field.name,
                )

    def _keeps_meeting(self, field: RelationField, collection: str) -> bool:
        """Whether the field can name models of its own meeting only, though the definition doesn't say so."""
        if "meeting_id" in (field.name, *field.equal_fields):
            return False
        if (field.collection, field.name) in BETWEEN_MEETINGS | JUDGED_BY_ACTIONS:
            return False
        return self._has_meeting(field.collection) and self._has_meeting(collection)

    def _has_meeting(self, collection: str) -> bool:
        return collection == "meeting" or "meeting_id" in self._models[collection].fields

    def _is_elsewhere(self, field: RelationField, target: Target, id_: int) -> bool:
        """Whether both models belong to meetings, and not to the same.

        What belongs to none yet may be named.
        """
        own, other = (self._own_equal_value(*model, "meeting_id") for model in ((field.collection, id_), target))
        if None in (own, other) or own == other:
            return False
        return (field.collection, field.name) not in NAMES_WHAT_WAS_LEFT_BEHIND or self._uow.exists("meeting", other)

    def _own_equal_value(self, collection: str, id_: int, equal: str) -> Any:
        if equal == "meeting_id" and collection == "meeting":
            return id_
        return self._uow.get(collection, id_, equal).get(equal)

    def _shares(self, equal: str, own: Any, target: Target) -> bool:
        collection, id_ = target
        if equal == "meeting_id":
            if collection == "meeting":
                return bool(id_ == own)
            if collection == "mediafile":
                return bool(self._uow.get(collection, id_, "owner_id").get("owner_id") == make_fqid("meeting", own))
            if collection == "user":
                return self.takes_part(id_, own)
        return bool(self._uow.get(collection, id_, equal).get(equal) == own)
