"""The whole stack in one process, for integration tests: no sockets, no mocks.

Action and presenter application, permission service, embedded datastore (SQLite), auth and media are real; the HTTP
pool calls their WSGI applications directly. There is one stack for each test process (and set of `variables` that a
test class asks for), emptied before each test.

    class TestTopicCreate(IntegrationTest):
        def setup_method(self) -> None:
            super().setup_method()          # organization/1, theme/1 and the superadmin user/1 are there then
            self.create_meeting()           # meeting/1 in committee/60, groups 1 (default), 2 (admin), 3

        def test_create(self) -> None:
            self.set_models({"tag/5": {"name": "t", "meeting_id": 1}})
            answer = self.request("topic.create", {"meeting_id": 1, "title": "x"})   # as user/1
            answer.assert_status(200)
            self.assert_model_exists(f"topic/{answer.id}", {"title": "x", "meeting_id": 1, "text": None})

        def test_no_permission(self) -> None:
            user_id = self.create_user(group_ids=[1])
            self.set_permissions(1, [])
            self.request("topic.create", {"meeting_id": 1, "title": "x"}, user=user_id).assert_status(403)

        def test_budget(self) -> None:
            with self.stack.count_calls() as calls:
                self.request("topic.create", {"meeting_id": 1, "title": "x"})
            calls.assert_at_most(reads=3, reserves=3, writes=1)

- Requests: `request(name, *elements, user=1)` for one action, `request_multi([(name, [elements]), ...])` for a batch,
  `request_json(payload)` for any body, each with `separately=True` or `internal=True`; `presenter(name, data)`.
  `user=0` is anonymous. Tokens are signed directly and belong to a real session: nobody has to log in.
- Data: `set_models` creates models or updates those that exist (None removes a field), as given: relations get no
  reverse sides, except by the `create_*` helpers, which make consistent data. `delete_models` marks models deleted.
- Looking: `get_model`, `find_models`, `assert_model_exists`, `assert_model_deleted`, `assert_model_not_exists`,
  `history_of(fqid)`.
- `stack.count_calls()` counts the HTTP requests of the components to the datastore (those of the permission and the
  auth service are not among them).
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from werkzeug.test import Client

from openslides_backend.services.datastore import (
    CreateEvent,
    DeletedModels,
    DeleteEvent,
    Event,
    FilterModels,
    GetAll,
    GetMany,
    UpdateEvent,
)
from openslides_backend.shared.filters import equals
from openslides_backend.shared.fqid import split_fqid
from openslides_backend.shared.typing import Fields, Models
from tests.integration.sample_data import meeting_fields, meeting_models
from tests.integration.stack import Stack, shared_stack

SUPERADMIN = 1
INTERNAL_PASSWORD = base64.b64encode(b"openslides").decode()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a component answered."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def message(self) -> str:
        """The text of an error, or of a success."""
        return str(self.body["message"])

    @property
    def results(self) -> Any:
        """One entry an action of the batch."""
        return self.body["results"]

    @property
    def result(self) -> Any:
        """The result of the first element of the first action."""
        return self.results[0][0]

    @property
    def id(self) -> int:
        """The id in `result`."""
        return int(self.result["id"])

    def assert_status(self, status: int, text: str = "") -> "Answer":
        """Fail unless the status is this one and the message contains the text."""
        assert self.status == status, self.body
        if text:
            assert text in self.message
        return self


class IntegrationTest:
    """Base of test classes; see the module's docstring."""

    variables: ClassVar[Mapping[str, str]] = {}
    """Environment variables that the tests of a class need."""

    stack: Stack
    _last_id: int

    def setup_method(self) -> None:
        """Empty the stack and store organization, theme and superadmin."""
        self.stack = shared_stack(*sorted(self.variables.items()))
        self.stack.reset()
        self._last_id = 100
        self.set_models(
            {
                "organization/1": {
                    "name": "Organization",
                    "default_language": "en",
                    "theme_id": 1,
                    "theme_ids": [1],
                    "user_ids": [SUPERADMIN],
                },
                "theme/1": {"name": "Theme", "organization_id": 1, "theme_for_organization_id": 1},
                f"user/{SUPERADMIN}": {
                    "username": "superadmin",
                    "is_active": True,
                    "organization_management_level": "superadmin",
                    "organization_id": 1,
                },
            }
        )

    # -- requests

    def request(self, name: str, *elements: Mapping[str, Any], user: int = SUPERADMIN, **options: Any) -> Answer:
        """Call one action with these elements."""
        return self.request_json([{"action": name, "data": list(elements)}], user=user, **options)

    def request_multi(
        self, actions: Sequence[tuple[str, Sequence[Mapping[str, Any]]]], user: int = SUPERADMIN, **options: Any
    ) -> Answer:
        """Call several actions in one batch."""
        return self.request_json([{"action": name, "data": list(data)} for name, data in actions], user=user, **options)

    def request_json(
        self,
        payload: object,
        *,
        user: int = SUPERADMIN,
        internal: bool = False,
        separately: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a batch of actions, well-formed or not."""
        if internal:
            path, credentials = "/internal/handle_request", {"Authorization": INTERNAL_PASSWORD}
        else:
            path = "/system/action/handle_separately" if separately else "/system/action/handle_request"
            credentials = self.stack.credentials(user)
        return self._post(self.stack.action, path, payload, {**credentials, **(headers or {})})

    def presenter(self, name: str, data: Mapping[str, Any] | None = None, user: int = SUPERADMIN) -> Answer:
        """Ask one question; the answer is `.body[0]`."""
        question = {"presenter": name} if data is None else {"presenter": name, "data": data}
        return self.presenter_json([question], user=user)

    def presenter_json(self, payload: object, *, user: int = SUPERADMIN) -> Answer:
        """Send a batch of questions, well-formed or not."""
        path = "/system/presenter/handle_request"
        return self._post(self.stack.presenter, path, payload, self.stack.credentials(user))

    @staticmethod
    def _post(client: Client, path: str, payload: object, headers: Mapping[str, str]) -> Answer:
        response = client.post(path, data=json.dumps(payload), content_type="application/json", headers=dict(headers))
        return Answer(response.status_code, json.loads(response.data), dict(response.headers))

    # -- data

    def set_models(self, models: Mapping[str, Mapping[str, Any]]) -> None:
        """Create models, or update fields of those that exist; `id` is added."""
        stored = self._stored(list(models))
        events: list[Event] = []
        for fqid, fields in models.items():
            if fqid not in stored:
                events.append(CreateEvent(fqid, {**fields, "id": split_fqid(fqid)[1]}))
            elif fields:
                events.append(UpdateEvent(fqid, dict(fields)))
        if events:
            self.stack.write(*events)

    def add_to_lists(self, models: Mapping[str, Mapping[str, Sequence[Any]]]) -> None:
        """Append values to list fields: `{"meeting/1": {"tag_ids": [5]}}`."""
        adds = {fqid: {name: list(values) for name, values in fields.items()} for fqid, fields in models.items()}
        self.stack.write(*(UpdateEvent(fqid, add=add) for fqid, add in adds.items() if add))

    def delete_models(self, *fqids: str) -> None:
        """Mark models deleted, and nothing else."""
        self.stack.write(*(DeleteEvent(fqid) for fqid in fqids))

    def new_id(self) -> int:
        """An id above 100 that no other model of the test has."""
        self._last_id += 1
        return self._last_id

    def create_committee(self, committee_id: int = 60, **fields: Any) -> None:
        """Store a committee of the organization, unless it is there."""
        if self._stored([f"committee/{committee_id}"]):
            return
        name = f"Committee {committee_id}"
        self.set_models({f"committee/{committee_id}": {"name": name, "organization_id": 1, **fields}})
        self.add_to_lists({"organization/1": {"committee_ids": [committee_id]}})

    def create_meeting(self, base: int = 1, *, committee_id: int | None = None, **fields: Any) -> int:
        """Store an active meeting with all that it must have; its id is `base`.

        Groups `base` (default), `base + 1` (admin) and `base + 2`; workflow, state and projector `base`; committee
        `base + 59` unless another one is named. Use bases that are at least 3 apart.
        """
        committee_id = committee_id or base + 59
        self.create_committee(committee_id)
        self.set_models({**meeting_models(base), f"meeting/{base}": meeting_fields(base, committee_id, fields)})
        self.add_to_lists(
            {"organization/1": {"active_meeting_ids": [base]}, f"committee/{committee_id}": {"meeting_ids": [base]}}
        )
        return base

    def create_user(
        self, username: str = "", group_ids: Sequence[int] = (), oml: str | None = None, **fields: Any
    ) -> int:
        """Store an active user who is in these groups (of one or several meetings); the id."""
        user_id = self.new_id()
        self.set_models(
            {
                f"user/{user_id}": {
                    "username": username or f"user{user_id}",
                    "is_active": True,
                    "organization_id": 1,
                    "organization_management_level": oml,
                    **fields,
                }
            }
        )
        self.add_to_lists({"organization/1": {"user_ids": [user_id]}})
        if group_ids:
            self.add_to_groups(user_id, group_ids)
        return user_id

    def add_to_groups(self, user_id: int, group_ids: Sequence[int]) -> None:
        """Make a user a participant with these groups, calculated fields included."""
        groups = {id_: self.get_model(f"group/{id_}") for id_ in group_ids}
        for meeting_id in sorted({group["meeting_id"] for group in groups.values()}):
            wanted = [id_ for id_, group in groups.items() if group["meeting_id"] == meeting_id]
            meeting_user_id = self.meeting_user_id(user_id, meeting_id) or self._create_meeting_user(
                user_id, meeting_id
            )
            committee_id = self.get_model(f"meeting/{meeting_id}")["committee_id"]
            self.add_to_lists(
                {
                    f"meeting_user/{meeting_user_id}": {"group_ids": wanted},
                    **{f"group/{id_}": {"meeting_user_ids": [meeting_user_id]} for id_ in wanted},
                    f"meeting/{meeting_id}": {"user_ids": [user_id]},
                    f"user/{user_id}": {"meeting_ids": [meeting_id], "committee_ids": [committee_id]},
                    f"committee/{committee_id}": {"user_ids": [user_id]},
                }
            )

    def meeting_user_id(self, user_id: int, meeting_id: int) -> int | None:
        """The id of a user's `meeting_user` in a meeting."""
        return next(iter(self.find_models("meeting_user", user_id=user_id, meeting_id=meeting_id)), None)

    def _create_meeting_user(self, user_id: int, meeting_id: int) -> int:
        id_ = self.new_id()
        self.set_models({f"meeting_user/{id_}": {"user_id": user_id, "meeting_id": meeting_id}})
        lists = {"meeting_user_ids": [id_]}
        self.add_to_lists({f"user/{user_id}": lists, f"meeting/{meeting_id}": lists})
        return id_

    def set_permissions(self, group_id: int, permissions: Sequence[str]) -> None:
        """Give a group exactly these permissions."""
        self.set_models({f"group/{group_id}": {"permissions": [str(permission) for permission in permissions]}})

    # -- looking at the datastore

    def _stored(self, fqids: Sequence[str]) -> dict[str, Fields]:
        """Models by fqid, deleted ones included, with meta fields."""
        ids: dict[str, list[int]] = {}
        for fqid in fqids:
            collection, id_ = split_fqid(fqid)
            ids.setdefault(collection, []).append(id_)
        queries = [GetMany(name, tuple(numbers), (), DeletedModels.ALL) for name, numbers in ids.items()]
        answers = self.stack.datastore.read(queries)
        return {
            f"{query.collection}/{id_}": model
            for query, models in zip(queries, answers, strict=True)
            for id_, model in models.items()
        }

    def get_model(self, fqid: str) -> Fields:
        """All fields of a model that is not deleted, without meta fields."""
        stored = self._stored([fqid])
        assert fqid in stored, f"{fqid} was never written"
        assert not stored[fqid].get("meta_deleted"), f"{fqid} is deleted"
        return {name: value for name, value in stored[fqid].items() if not name.startswith("meta_")}

    def find_models(self, collection: str, **fields: Any) -> Models:
        """Models that are not deleted and have these values, by id, with meta fields."""
        if fields:
            (found,) = self.stack.datastore.read([FilterModels(collection, equals(**fields))])
            return dict(sorted(found.models.items()))
        (models,) = self.stack.datastore.read([GetAll(collection)])
        return dict(sorted(models.items()))

    def assert_model_exists(self, fqid: str, fields: Mapping[str, Any] | None = None) -> Fields:
        """Fail unless the model is stored with these fields (None: unset); returns all of it."""
        model = self.get_model(fqid)
        wanted = dict(fields or {})
        assert {name: model.get(name) for name in wanted} == wanted, fqid
        return model

    def assert_model_deleted(self, fqid: str) -> None:
        """Fail unless the model is marked deleted."""
        assert self._stored([fqid]).get(fqid, {}).get("meta_deleted") is True, f"{fqid} is not deleted"

    def assert_model_not_exists(self, fqid: str) -> None:
        """Fail if the model was ever written."""
        assert fqid not in self._stored([fqid]), f"{fqid} exists"

    def history_of(self, fqid: str) -> list[list[str]]:
        """What history tells about a model, oldest first."""
        return [entry["entries"] for entry in self.find_models("history_entry", original_model_id=fqid).values()]
