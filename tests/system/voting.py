"""An assembly that votes over HTTP: chair, voters and an outsider."""

from collections.abc import Mapping, Sequence
from typing import Any

from dev.bulk_data import BulkData
from dev.load import Client, Credentials, run_clients
from dev.stack import Stack
from dev.vote_data import log_in_voters
from openslides_backend.services.datastore import GetMany
from tests.system.people import PASSWORD, Person, account, stored

ZERO = "0.000000"
CLIENTS = 50
VARIABLES = {"OPENSLIDES_BACKEND_CREATE_INITIAL_DATA": "1", "OPENSLIDES_BACKEND_THREAD_WATCH_TIMEOUT": "-1"}
"""Of a stack for this: answers come when all is done, however busy the machine is."""

Value = str | Mapping[int, int | str]
"""A letter for all options, or what is given to options by their position."""


def ballot(option_ids: Sequence[int], value: Value) -> dict[str, Any]:
    """The payload of a ballot."""
    return {"value": value if isinstance(value, str) else {str(option_ids[k]): part for k, part in value.items()}}


class Voter(Person):
    """Somebody who is present in the meeting. `user_id` and `member_id` are the ids of the user and meeting_user."""

    def __init__(self, stack: Stack, user_id: int, member_id: int, session: Credentials) -> None:
        super().__init__(stack, session=session)
        self.user_id, self.member_id = user_id, member_id


class VotingAssembly:
    """A meeting with weights and delegations of votes, in which a group of members votes."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.superadmin = superadmin = Person(stack, "superadmin", "superadmin")
        superadmin.does("organization.update", {"id": 1, "enable_electronic_voting": True})
        committee_id = superadmin.does("committee.create", {"name": "Votes", "organization_id": 1})["id"]
        meeting = {
            "committee_id": committee_id,
            "name": "Vote",
            "language": "en",
            "admin_ids": [account(superadmin, "vote-chair")],
        }
        self.meeting_id = superadmin.does("meeting.create", meeting)["id"]
        self.chair = Person(stack, "vote-chair", PASSWORD)
        switched_on = dict.fromkeys(("users_enable_vote_weight", "users_enable_vote_delegations"), True)
        self.chair.does("meeting.update", {"id": self.meeting_id, **switched_on})
        self.group_id = self.chair.does("group.create", {"name": "Members", "meeting_id": self.meeting_id})["id"]
        account(superadmin, "vote-outsider")
        self.outsider = Person(stack, "vote-outsider", PASSWORD)

    def voters(self, name: str, members: Sequence[dict[str, Any]]) -> list[Voter]:
        """New members of the group with these data in the meeting, who need no passwords."""
        common = {
            "meeting_id": self.meeting_id,
            "group_ids": [self.group_id],
            "is_present_in_meeting_ids": [self.meeting_id],
        }
        elements = [{"saml_id": f"{name}{number}", **common, **member} for number, member in enumerate(members)]
        answer = self.superadmin.call("user.create", *elements)
        assert answer.status_code == 200, answer.text
        made = answer.json()["results"][0]
        sessions = log_in_voters(self.stack, (result["id"] for result in made))
        return [
            Voter(self.stack, result["id"], result["meeting_user_id"], session)
            for result, session in zip(made, sessions, strict=True)
        ]

    def poll(self, content: str, **fields: Any) -> int:
        """A new poll of the chair's; its id."""
        common = {"title": "Vote", "meeting_id": self.meeting_id, "content_object_id": content}
        electronic = {} if fields.get("type") == "analog" else {"entitled_group_ids": [self.group_id]}
        poll_id: int = self.chair.does("poll.create", {**common, **electronic, **fields})["id"]
        return poll_id

    def changes(self, poll_id: int, action: str, state: str) -> None:
        """The chair takes a poll into a state."""
        self.chair.does(action, {"id": poll_id})
        assert stored(self.stack, f"poll/{poll_id}")["state"] == state

    def votes(self, poll_id: int, voter: Voter, value: Value, **more: Any) -> None:
        """Somebody casts a ballot that is accepted."""
        assert self.tries(poll_id, voter, value, **more) == (200, None)

    def tries(self, poll_id: int, person: Person, value: Value, **more: Any) -> tuple[int, str | None]:
        """The status that a ballot is answered with, and the type of the error."""
        ids = stored(self.stack, f"poll/{poll_id}")["option_ids"]
        with Client(self.stack.vote_url, f"/system/vote?id={poll_id}", person.session) as client:
            answer = client.post({**ballot(ids, value), **more})
        return answer.status, answer.body and answer.body["error"]

    def rushes(self, poll_id: int, ballots: Sequence[tuple[Person, dict[str, Any]]]) -> list[int]:
        """All these ballots at once, from many clients; their statuses in the order in which they came."""
        statuses: list[int] = []

        def work(number: int, client: Client) -> None:
            for person, payload in ballots[number::CLIENTS]:
                client.use(person.session)
                statuses.append(client.post(payload).status)

        run_clients([Client(self.stack.vote_url, f"/system/vote?id={poll_id}", {}) for _ in range(CLIENTS)], work)
        return statuses

    def results(self, poll_id: int) -> list[tuple[str | None, str | None, str | None]]:
        """Yes, no and abstain of the options, the global one last."""
        return [(o.get("yes"), o.get("no"), o.get("abstain")) for o in self.options(poll_id)]

    def options(self, poll_id: int) -> list[dict[str, Any]]:
        """The options as they are stored, the global one last."""
        poll = stored(self.stack, f"poll/{poll_id}")
        return [stored(self.stack, f"option/{id_}") for id_ in (*poll["option_ids"], poll["global_option_id"])]

    def stored_votes(self, poll_id: int) -> list[dict[str, Any]]:
        """All votes of the poll as they are stored."""
        ids = [id_ for option in self.options(poll_id) for id_ in option.get("vote_ids", ())]
        (votes,) = BulkData(self.stack).datastore.read([GetMany("vote", tuple(ids), ())])
        return list(votes.values())
