"""What imports of people cost, and what everybody else notices of them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Protocol

from dev.load import ACTION_PATH, Client, Credentials, Measurement, others_meanwhile
from dev.stack import Stack

_GROUPS = 5
_LEVELS = 20
_TAGS = 30
_CHILDREN = 10
_ADMIN = "superadmin"

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class ImportSizes:
    """Rows: of tables without more, of people who need passwords, and of committees that get a meeting each."""

    rows: int = 5_000
    passwords: int = 200
    meetings: int = 50


QUICK = ImportSizes(rows=10, passwords=2, meetings=2)


class Host(Protocol):
    """The benchmark that these scenarios are part of."""

    stack: Stack
    admin: Sequence[Credentials]

    def new_meeting(self) -> int: ...

    def report(self, label: str, measured: Measurement) -> None: ...

    def check(self, label: str, good: bool, fact: str) -> None: ...


class ImportBenchmark:
    """Both steps of the imports: of what is new, of what has changed, and of the same table again."""

    def __init__(self, host: Host, sizes: ImportSizes) -> None:
        self._host = host
        self._sizes = sizes
        self._numbers = count(1)

    def run(self) -> None:
        """Measure everything."""
        self._meeting_of_others = self._host.new_meeting()
        self._import_people()
        self._import_committees()

    def _import_people(self) -> None:
        place, rows = {"meeting_id": self._host.new_meeting()}, self._people(self._sizes.rows)
        changed = [{**row, "pronoun": "they", "number": f"n{number}"} for number, row in enumerate(rows)]
        for label, table in (("new", rows), ("changed", changed), ("unchanged", changed)):
            self._both_steps("participant", label, table, place)
        self._both_steps("account", "changed", [{"saml_id": row["saml_id"], "title": "Dr."} for row in rows], {})
        with_passwords = [{**row, "saml_id": ""} for row in self._people(self._sizes.passwords)]
        self._both_steps("participant", "with passwords", with_passwords, place)

    def _import_committees(self) -> None:
        rows = [_committee("Council", number) for number in range(self._sizes.rows)]
        changed = [{**row, "organization_tags": "Imported"} for row in rows]
        for label, table in (("new", rows), ("changed", changed), ("unchanged", changed)):
            self._both_steps("committee", label, table, {})
        meeting = {"meeting_name": "First meeting", "meeting_admins": _ADMIN}
        with_meetings = [{**_committee("Board", number), **meeting} for number in range(self._sizes.meetings)]
        self._both_steps("committee", "with meetings", with_meetings, {})

    def _people(self, amount: int) -> list[Row]:
        return [_person(next(self._numbers)) for _ in range(amount)]

    def _both_steps(self, kind: str, label: str, rows: Sequence[Row], place: dict[str, int]) -> None:
        told = f"{len(rows):,} {label}"
        preview = self._measured(f"{kind}.json_upload, {told}", {**place, "data": list(rows)})
        result = self._measured(f"{kind}.import, {told}", {"id": preview.get("id"), "import": True})
        self._host.check("  rows imported", result.get("state") == "done", str(len(result.get("rows", ()))))

    def _measured(self, label: str, element: dict[str, Any]) -> dict[str, Any]:
        """One request, and what another user, who goes on creating tags, notices meanwhile; the result."""
        stack, session, measured = self._host.stack, self._host.admin[0], Measurement()
        payload = [{"action": label.partition(",")[0], "data": [element]}]
        with (
            Client(stack.action_url, ACTION_PATH, session) as client,
            others_meanwhile(stack, session, self._meeting_of_others) as others,
        ):
            started = time.perf_counter()
            answer = client.post(payload)
            measured.latencies.append(time.perf_counter() - started)
        measured.seconds = sum(measured.latencies)
        if answer.status != 200:
            measured.failures.append(str(answer.status))
        self._host.report(label, measured)
        self._host.report("  tag.create meanwhile, 1 client", others)
        result: dict[str, Any] = answer.body["results"][0][0] if answer.status == 200 else {}
        return result


def _person(number: int) -> Row:
    return {
        "first_name": f"Zoë {number}",
        "last_name": f"Nguyễn{number % 100}",
        "email": f"import{number}@example.com",
        "saml_id": f"import{number}",
        "groups": f"Group {number % _GROUPS}, Delegates",
        "structure_level": f"Level {number % _LEVELS}",
        "number": str(number),
        "vote_weight": "1.5",
        "comment": "<p>From the table</p>",
    }


def _committee(kind: str, number: int) -> Row:
    """One of a tree of committees, each of which forwards to its parent."""
    parent = f"{kind} {(number - 1) // _CHILDREN}" if number else ""
    return {
        "name": f"{kind} {number}",
        "description": "<p>From the table</p>",
        "parent": parent,
        "forward_to_committees": parent,
        "organization_tags": f"Region {number % _TAGS}, Imported",
        "managers": _ADMIN,
    }
