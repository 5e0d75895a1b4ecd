"""That the tests' own stack does what its documentation says."""

from collections.abc import Iterator, Mapping

import pytest

from openslides_backend.models.fields import RelationField
from openslides_backend.models.models import MODELS
from openslides_backend.shared.typing import Fields, Models
from tests.integration.base import IntegrationTest


def problems(everything: Mapping[str, Models]) -> Iterator[str]:
    """What is unknown, missing or lacks its reverse side."""
    for collection, models in everything.items():
        fields = MODELS[collection].fields
        for id_, model in models.items():
            yield from (f"{collection}/{id_}/{name} is unknown" for name in model.keys() - fields.keys())
            for name, field in fields.items():
                if field.required and field.is_empty(model.get(name)):
                    yield f"{collection}/{id_}/{name} is missing"
                if isinstance(field, RelationField) and model.get(name) is not None:
                    yield from one_sided(everything, f"{collection}/{id_}/{name}", field, model)


def one_sided(everything: Mapping[str, Models], place: str, field: RelationField, model: Fields) -> Iterator[str]:
    """Targets of a relation that is not generic which don't point back."""
    ((target, reverse),) = field.targets.items()
    value = model[field.name]
    for other in value if isinstance(value, list) else [value]:
        back = everything.get(target, {}).get(other, {}).get(reverse)
        if back != model["id"] and not (isinstance(back, list) and model["id"] in back):
            yield f"{place} -> {target}/{other}/{reverse} is {back}"


class TestStack(IntegrationTest):
    """Stack, data helpers and assertions."""

    def test_whole_path(self) -> None:
        self.create_meeting()
        with self.stack.count_calls() as calls:
            answer = self.request("tag.create", {"name": "x", "meeting_id": 1}).assert_status(200)
        calls.assert_at_most(reads=2, reserves=1, writes=1)
        assert (calls.reserves, calls.writes) == (1, 1)
        assert answer.results == [[{"id": answer.id}]]
        self.assert_model_exists(f"tag/{answer.id}", {"name": "x", "meeting_id": 1, "tagged_ids": None})
        self.assert_model_exists("meeting/1", {"tag_ids": [answer.id]})

    def test_permissions(self) -> None:
        self.create_meeting()
        user_id = self.create_user(group_ids=[3])
        self.request("tag.create", {"name": "x", "meeting_id": 1}, user=user_id).assert_status(403)
        self.request("tag.create", {"name": "x", "meeting_id": 1}, user=0).assert_status(403)
        self.set_permissions(3, ["tag.can_manage"])
        self.request("tag.create", {"name": "x", "meeting_id": 1}, user=user_id).assert_status(200)

    def test_every_test_begins_empty(self) -> None:
        assert self.stack.datastore.get_everything().keys() == {"organization", "theme", "user"}

    def test_deleted_and_missing(self) -> None:
        self.set_models({"tag/1": {"name": "x"}, "tag/2": {"name": "y"}})
        self.delete_models("tag/1")
        self.assert_model_deleted("tag/1")
        self.assert_model_not_exists("tag/3")
        for check in (self.assert_model_deleted, self.assert_model_not_exists):
            with pytest.raises(AssertionError):
                check("tag/2")
        for fqid in ("tag/1", "tag/3"):
            with pytest.raises(AssertionError):
                self.get_model(fqid)

    def test_set_models_updates(self) -> None:
        self.set_models({"tag/1": {"name": "x", "tagged_ids": []}})
        self.set_models({"tag/1": {"tagged_ids": None}, "tag/2": {"name": "y"}})
        self.assert_model_exists("tag/1", {"id": 1, "name": "x", "tagged_ids": None})
        self.assert_model_exists("tag/2", {"name": "y"})

    def test_created_data_agree_on_both_sides_and_are_complete(self) -> None:
        self.create_meeting(1)
        self.create_meeting(4)
        self.create_meeting(7, committee_id=60)
        user_id = self.create_user("x", [1, 2, 6, 9])
        assert self.meeting_user_id(user_id, 4)
        assert self.meeting_user_id(1, 4) is None
        assert not list(problems(self.stack.datastore.get_everything()))

    def test_other_routes(self) -> None:
        assert self.request_multi([("tag.create", []), ("tag.delete", [])]).results == [[], []]
        answer = self.request("tag.delete", {"id": 1}, separately=True).assert_status(200)
        assert answer.results[0]["success"] is False
        self.request("tag.delete", {"id": 1}, internal=True).assert_status(400, "tag/1")

    def test_ended_session(self) -> None:
        user_id = self.create_user()
        credentials = self.stack.credentials(user_id)
        self.stack.services.auth.clear_sessions_by_user_id(user_id)
        self.presenter("whoami", user=user_id).assert_status(403)
        self.stack.reset()
        assert self.stack.credentials(user_id) != credentials
        assert self.presenter("whoami", user=user_id).status == 200
