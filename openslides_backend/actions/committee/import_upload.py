"""First step of the import of committees (committee_import.md, "committee.json_upload")."""

from collections.abc import Hashable, Iterable, Iterator, Sequence

from openslides_backend.actions.committee.import_meetings import fail_too_many_meetings
from openslides_backend.actions.committee.import_rules import (
    IMPORT_NAME,
    PAYLOAD,
    TIMES,
    committees_named,
    done_id,
    fail_meetings_without_admins,
    fail_misplaced,
)
from openslides_backend.actions.imports.lookup import Lookup, Outcome, read_lookups, same_text
from openslides_backend.actions.imports.rows import Row, value_object
from openslides_backend.actions.imports.upload import JsonUpload
from openslides_backend.engine.unit_of_work import UnitOfWork
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.rules import oml
from openslides_backend.shared.typing import Fields, ReadOnlyFields

_DAY = 24 * 60 * 60
_OF_MEETINGS = (*TIMES, "meeting_admins", "meeting_template")


class CommitteeJsonUpload(JsonUpload):
    """Show which committees, tags and meetings a table would create or change."""

    name = "committee.json_upload"
    import_name = IMPORT_NAME
    payload = PAYLOAD
    permission = oml(Level.CAN_MANAGE_ORGANIZATION)

    def judge(self, element: Fields, rows: Sequence[Row]) -> None:
        for row in rows:
            for column in ("parent", "meeting_template"):
                if row.data.get(column) == "":
                    del row.data[column]
        judge = _References(self.uow, rows)
        for row in rows:
            judge.committee(row)
            judge.parent(row)
            _judge_meeting(row)
            if "meeting_name" in row.data:
                judge.people(row, "meeting_admins")
            judge.people(row, "managers")
            judge.forwardings(row)
            judge.tags(row)
        _judge_against_meetings(self.uow, rows)
        fail_meetings_without_admins(self.uow, rows)
        fail_misplaced(self.uow, rows, judge.committees)
        fail_too_many_meetings(self.uow, rows)

    def more_statistics(self, rows: Sequence[Row]) -> Iterable[tuple[str, int]]:
        rows = [row for row in rows if row.state != "error"]
        is_cloned = [done_id(row, "meeting_template") is not None for row in rows if "meeting_name" in row.data]
        yield "meetings_created", is_cloned.count(False)
        yield "meetings_cloned", is_cloned.count(True)
        tags = [tag for row in rows for tag in row.objects("organization_tags")]
        yield "organization_tags_created", sum(tag.get("info") == "new" for tag in tags)


class _References:
    """Finds what rows name, by one read for all of them, and makes value objects of the names."""

    def __init__(self, uow: UnitOfWork, rows: Sequence[Row]) -> None:
        self.committees = committees_named(rows, [*_values(rows, "parent"), *_values(rows, "forward_to_committees")])
        people = [*_values(rows, "managers"), *_values(rows, "meeting_admins")]
        self._users = Lookup("user", "username", people, refers=True)
        self._tags = Lookup("organization_tag", "name", _values(rows, "organization_tags"), refers=True)
        self._created = {same_text(row.value("name")) for row in rows}
        self._new_tags: set[Hashable] = set()
        read_lookups(uow, self.committees, self._users, self._tags)

    def committee(self, row: Row) -> None:
        """The committee that the row is about."""
        name = row.data["name"]
        outcome, id_ = self.committees.outcome(name), self.committees.id(name)
        if outcome is Outcome.FOUND:
            row.state = "done"
            row.data.update(name=value_object(name, "done", id_), id=id_)
            return
        row.data["name"] = value_object(name, "new")
        if outcome is Outcome.AMBIGUOUS:
            row.fail(f"name: there are several committees '{name}'.", "name")

    def parent(self, row: Row) -> None:
        """The committee above."""
        if (name := row.data.get("parent")) is None:
            return
        outcome = self.committees.outcome(name)
        if outcome is Outcome.FOUND:
            row.data["parent"] = value_object(name, "done", self.committees.id(name))
        elif outcome is Outcome.NOT_FOUND and same_text(name) in self._created:
            row.data["parent"] = value_object(name, "new")
        else:
            row.data["parent"] = value_object("", "warning")
            row.messages.append(f"parent: there isn't exactly one committee '{name}', it is left out.")

    def people(self, row: Row, column: str) -> None:
        """Accounts by their usernames."""
        names = row.data.get(column, ())
        found = [(name, self._users.id(name)) for name in names]
        _replace(row, column, [value_object(name, "warning" if id_ is None else "done", id_) for name, id_ in found])
        _tell(row, column, "there are no such accounts", [name for name, id_ in found if id_ is None])

    def forwardings(self, row: Row) -> None:
        """Committees to which motions may be forwarded."""
        column, unknown, ambiguous = "forward_to_committees", list[str](), list[str]()
        entries = []
        for name in row.data.get(column, ()):
            outcome = self.committees.outcome(name)
            if outcome is Outcome.AMBIGUOUS:
                ambiguous.append(name)
            is_unknown = outcome is Outcome.NOT_FOUND and same_text(name) not in self._created
            if is_unknown:
                unknown.append(name)
            id_ = self.committees.id(name) if outcome is Outcome.FOUND else None
            entries.append(value_object(name, "warning" if is_unknown else "done", id_))
        _replace(row, column, entries)
        _tell(row, column, "there are no such committees", unknown)
        _tell(row, column, "there are several committees of these names", ambiguous)

    def tags(self, row: Row) -> None:
        """Tags, which are created where there are none."""
        column, ambiguous, entries = "organization_tags", list[str](), []
        for name in row.data.get(column, ()):
            outcome = self._tags.outcome(name)
            is_new = outcome is Outcome.NOT_FOUND and same_text(name) not in self._new_tags
            if is_new:
                self._new_tags.add(same_text(name))
            if outcome is Outcome.AMBIGUOUS:
                ambiguous.append(name)
            entries.append(value_object(name, "new" if is_new else "done", self._tags.id(name)))
        _replace(row, column, entries)
        _tell(row, column, "there are several tags of these names", ambiguous)


def _values(rows: Sequence[Row], column: str) -> Iterator[str]:
    for row in rows:
        value = row.data.get(column, [])
        yield from value if isinstance(value, list) else [value]


def _replace(row: Row, column: str, entries: list[Fields]) -> None:
    if column in row.data:
        row.data[column] = entries


def _tell(row: Row, column: str, text: str, names: Sequence[str]) -> None:
    if names:
        row.messages.append(f"{column}: {text}: {', '.join(names)}.")


def _judge_meeting(row: Row) -> None:
    """The columns of a meeting are for one that has a name; it begins before it ends, or isn't dated."""
    if "meeting_name" not in row.data:
        if any(row.data.get(column) not in (None, "", []) for column in _OF_MEETINGS):
            row.messages.append("meeting_name: there is none, so what is said about a meeting is left out.")
        return
    times = [row.data[name] for name in TIMES if name in row.data]
    if len(times) == 1:
        row.fail(f"{' and '.join(TIMES)}: a meeting has both or none of them.")
    elif times != sorted(times):
        row.fail(f"{TIMES[0]}: it must not be after {TIMES[1]}.")


def _judge_against_meetings(uow: UnitOfWork, rows: Sequence[Row]) -> None:
    """Whether a committee has the row's meeting already, and whether it has the template."""
    columns = ("meeting_name", "meeting_template")
    named = [(row.data.get("id", 0), row.data.get(column)) for row in rows for column in columns]
    lookup = Lookup("meeting", ("committee_id", "name"), [pair for pair in named if all(pair)], refers=True)
    lookup.read(uow)
    meetings = uow.get_found("meeting", lookup.all_ids(), "start_time", "end_time")
    for row, same, templates in zip(rows, named[::2], named[1::2], strict=True):
        days = [_day(row.data.get(name)) for name in TIMES]
        if any([_day(time) for time in _times(meetings[id_])] == days for id_ in lookup.ids(same)):
            row.fail(f"meeting_name: the committee has a meeting '{same[1]}' on these days already.")
        _judge_template(row, lookup.ids(templates))


def _times(meeting: ReadOnlyFields) -> tuple[int | None, int | None]:
    return meeting["start_time"], meeting["end_time"]


def _judge_template(row: Row, found: Sequence[int]) -> None:
    name = row.data.get("meeting_template")
    if name is None:
        return
    row.data["meeting_template"] = value_object(name, "warning")
    if "id" not in row.data:
        row.messages.append("meeting_template: only committees that exist already have templates.")
    elif len(found) == 1:
        row.data["meeting_template"] = value_object(name, "done", found[0])
    elif "meeting_name" in row.data:
        row.messages.append(f"meeting_template: the committee hasn't exactly one meeting '{name}', it is left out.")


def _day(time: int | None) -> int | None:
    return None if time is None else time // _DAY
