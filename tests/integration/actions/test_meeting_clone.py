"""Clones of meetings (meeting_clone_import.md, "meeting.clone")."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from openslides_backend.models.migration import MIGRATION_INDEX
from openslides_backend.models.models import MODELS
from openslides_backend.services.datastore import UpdateEvent
from openslides_backend.services.transport import HttpAnswer, HttpRequest
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.pending import Pending
from openslides_backend.shared.typing import Fields, Models
from openslides_backend.transfer.checker import MIGRATION_KEY, check_data
from openslides_backend.transfer.export import export_meeting
from tests.integration.actions.interference import interfered
from tests.integration.base import SUPERADMIN, Answer, IntegrationTest
from tests.integration.travelling import canonical, without
from tests.integration.two_meetings import SHIFT, two_meetings
from tests.integration.wsgi_transport import WsgiTransport
from tests.whole_body import whole_body

DATA = two_meetings()
OF_THE_COPY = {
    "meeting": {
        "name",
        "imported_at",
        "external_id",
        "template_for_organization_id",
        "default_meeting_for_committee_id",
        "is_archived_in_organization_id",
        "is_active_in_organization_id",
    },
    "motion": {"origin_id", "origin_meeting_id", "derived_motion_ids", "all_origin_ids", "all_derived_motion_ids"},
}
"""What differs between a clone and its original."""
EXTENDED = {
    "user": {
        "committee_ids",
        "delegated_vote_ids",
        "is_present_in_meeting_ids",
        "meeting_ids",
        "meeting_user_ids",
        "option_ids",
        "poll_candidate_ids",
        "poll_voted_ids",
        "vote_ids",
        "history_entry_ids",
        "history_position_ids",
    },
    "committee": {"meeting_ids", "user_ids"},
    "organization": {"active_meeting_ids", "template_meeting_ids"},
    "organization_tag": {"tagged_ids"},
    "mediafile": {"meeting_mediafile_ids"},
}
"""What a clone may change of models that are there already: lists that become longer."""
FILE = base64.b64encode(b"what the file holds").decode()


class CloneTest(IntegrationTest):
    def clone(self, status: int = 200, user: int = SUPERADMIN, **fields: Any) -> Answer:
        return self.request("meeting.clone", {"meeting_id": 1, **fields}, user=user).assert_status(status)

    def snapshot(self, meeting_id: int) -> Any:
        return export_meeting(self.stack.datastore, meeting_id, internal=True)

    def everything(self) -> dict[str, Models]:
        return self.stack.datastore.get_everything()


class TestCopy(CloneTest):
    """A meeting that has some of everything, next to one that has the same."""

    def setup_method(self) -> None:
        super().setup_method()
        self.stack.reset()
        self.set_models(DATA)

    def assert_equal(self, original: int, copy: int) -> None:
        names = [without(canonical(self.snapshot(id_)), OF_THE_COPY) for id_ in (original, copy)]
        assert names[0] == names[1]

    def test_equals_its_original(self) -> None:
        id_ = self.clone().id
        self.assert_equal(1, id_)
        filled = {collection for collection, models in self.snapshot(id_).items() if models}
        assert filled >= {name for name, model in MODELS.items() if "meeting_id" in model.fields} - {"history_entry"}

    def test_leaves_all_others_alone(self) -> None:
        before = self.everything()
        id_ = self.clone(user_ids=[1], admin_ids=[2]).id
        after = self.everything()
        for collection, models in before.items():
            for model_id, model in models.items():
                assert_only_extended(collection, model, after[collection][model_id])
        assert after["meeting"].keys() == {1, 1 + SHIFT, id_}
        data = {collection: {str(key): model for key, model in models.items()} for collection, models in after.items()}
        check_data({MIGRATION_KEY: MIGRATION_INDEX, **data})

    def test_archived_with_deleted_neighbours(self) -> None:
        self.set_models({"meeting/1": {"is_active_in_organization_id": None, "is_archived_in_organization_id": 1}})
        self.request("tag.delete", {"id": 1 + SHIFT}).assert_status(200)
        id_ = self.clone().id
        self.assert_equal(1, id_)
        self.assert_model_exists(
            f"meeting/{id_}", {"is_active_in_organization_id": 1, "is_archived_in_organization_id": None}
        )

    def test_a_clone_of_a_clone(self) -> None:
        first = self.clone().id
        second = self.clone(meeting_id=first).id
        self.assert_equal(1, second)

    def test_sees_the_changes_of_the_batch(self) -> None:
        batch: list[tuple[str, list[Fields]]] = [
            ("meeting.update", [{"id": 1, "location": "Here"}]),
            ("meeting.clone", [{"meeting_id": 1}]),
        ]
        answer = self.request_multi(batch).assert_status(200)
        self.assert_model_exists(f"meeting/{answer.results[1][0]['id']}", {"location": "Here"})

    def test_calls(self) -> None:
        with self.stack.count_calls() as calls:
            self.clone()
        calls.assert_at_most(reads=10, reserves=1, writes=1)


def assert_only_extended(collection: str, before: Fields, after: Fields) -> None:
    for name in before.keys() | after.keys():
        old, new = before.get(name), after.get(name)
        if name in EXTENDED.get(collection, ()):
            assert (new or [])[: len(old or ())] == (old or []), (collection, before["id"], name)
        else:
            assert new == old, (collection, before["id"], name)


class TestFiles(CloneTest):
    """The media service has the contents duplicated."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()
        self.create_user(group_ids=[2])
        self.folder = self.request("mediafile.create_directory", {"owner_id": "meeting/1", "title": "f"}).id
        upload = {"owner_id": "meeting/1", "title": "t", "filename": "t.txt", "file": FILE, "parent_id": self.folder}
        self.file = self.request("mediafile.upload", upload).assert_status(200).id

    def copies(self, meeting_id: int) -> dict[str, Fields]:
        return {
            model["title"]: model
            for model in self.find_models("mediafile", owner_id=make_fqid("meeting", meeting_id)).values()
        }

    @contextmanager
    def counted(self) -> Iterator["_CountingTransport"]:
        transport = _CountingTransport(self.stack.media.application)
        with self.stack.replaced(self.stack.environment.media_url, transport):
            yield transport

    def test_contents(self) -> None:
        with self.counted() as transport:
            copies = self.copies(self.clone().id)
        assert copies["t"]["parent_id"] == copies["f"]["id"] != self.folder
        assert transport.asked == [{"source_id": self.file, "target_id": copies["t"]["id"]}]

    def test_a_failing_media_service(self) -> None:
        before = self.everything()
        transport = WsgiTransport(_refuse)
        with self.stack.replaced(self.stack.environment.media_url, transport):
            self.clone(400).assert_status(400, "media service")
        assert self.everything() == before

    def test_contents_are_not_copied_again_after_a_conflict(self) -> None:
        event = UpdateEvent("organization/1", {"limit_of_meetings": 9})
        with self.counted() as transport, interfered(self.stack, event) as calls:
            id_ = self.clone().id
        assert (calls.writes, len(transport.asked)) == (2, 1)
        assert self.copies(id_).keys() == {"t", "f"}


class _CountingTransport(WsgiTransport):
    """Remembers what the media service is asked for."""

    def __init__(self, application: Any) -> None:
        super().__init__(application)
        self.asked: list[Fields] = []

    def begin(self, service: str, request: HttpRequest) -> Pending[HttpAnswer]:
        self.asked.append(json.loads(whole_body(request)))
        return super().begin(service, request)


def _refuse(_environ: Any, start_response: Any) -> list[bytes]:
    start_response("400 Bad Request", [])
    return [b"no"]


class TestPeople(CloneTest):
    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()
        self.admin = self.create_user(group_ids=[2])

    def test_more_participants(self) -> None:
        both, member = self.create_user(), self.create_user(group_ids=[3])
        answer = self.clone(user_ids=[both, member], admin_ids=[both])
        assert answer.result["number_of_imported_users"] == answer.result["number_of_merged_users"] == 2
        meeting = self.get_model(f"meeting/{answer.id}")
        groups = {
            user: self.get_model(f"meeting_user/{self.meeting_user_id(user, answer.id)}")["group_ids"]
            for user in (both, member, self.admin)
        }
        default, admin, delegates = meeting["group_ids"]
        assert groups == {both: [default, admin], member: [delegates, default], self.admin: [admin]}
        assert meeting["user_ids"] == [member, both, self.admin]
        assert self.history_of(f"user/{both}") != []
        assert self.history_of(f"user/{member}") == []

    def test_light_votes(self) -> None:
        self.set_models(
            {
                f"user/{self.admin}": {"default_vote_weight": "0.000000"},
                f"meeting_user/{self.meeting_user_id(self.admin, 1)}": {"vote_weight": None},
            }
        )
        id_ = self.clone().id
        copy = self.get_model(f"meeting_user/{self.meeting_user_id(self.admin, id_)}")
        assert copy["vote_weight"] == "0.000001"
        self.assert_model_exists(f"user/{self.admin}", {"default_vote_weight": "0.000000"})

    @pytest.mark.parametrize(
        ("name", "copied"), [("n" * 93, "n" * 93 + " - Copy"), ("n" * 94, "n" * 90 + "... - Copy")]
    )
    def test_names(self, name: str, copied: str) -> None:
        self.set_models({"meeting/1": {"name": name, "external_id": "x"}})
        self.assert_model_exists(f"meeting/{self.clone().id}", {"name": copied, "external_id": None})

    def test_tags(self) -> None:
        self.set_models({"organization_tag/5": {"name": "t", "organization_id": 1, "tagged_ids": ["meeting/1"]}})
        self.set_models({"meeting/1": {"organization_tag_ids": [5, 6]}})
        id_ = self.clone().id
        self.assert_model_exists("organization_tag/5", {"tagged_ids": ["meeting/1", f"meeting/{id_}"]})
        self.assert_model_exists(f"meeting/{self.clone(organization_tag_ids=None).id}", {"organization_tag_ids": None})

    def test_inconsistent_meeting(self) -> None:
        self.set_models({"tag/5": {"name": "t", "meeting_id": 1, "tagged_ids": ["motion/77"]}})
        self.add_to_lists({"meeting/1": {"tag_ids": [5]}})
        before = self.everything()
        self.clone(400).assert_status(400, "tag/5/tagged_ids")
        assert self.everything() == before

    @pytest.mark.parametrize(
        ("stored", "fields", "text"),
        [
            ({"locked_from_inside": True}, {"set_as_template": True}, "set_as_template"),
            ({}, {"user_ids": [77]}, "user/77"),
            ({}, {"admin_ids": [77]}, "user/77"),
            ({}, {"meeting_id": 77}, "meeting/77"),
            ({}, {"committee_id": 77}, "77"),
            ({}, {"organization_tag_ids": [77]}, "organization_tag/77"),
            ({"external_id": "x"}, {"external_id": "x"}, "external_id"),
            ({}, {"name": ""}, "name"),
            ({}, {"unknown": 1}, "unknown"),
        ],
    )
    def test_refused(self, stored: Fields, fields: Fields, text: str) -> None:
        self.set_models({"meeting/1": {"template_for_organization_id": 1, **stored}})
        before = self.everything()
        self.clone(400, **fields).assert_status(400, text)
        assert self.everything() == before

    def test_admins_are_needed(self) -> None:
        self.set_models({"group/2": {"meeting_user_ids": []}})
        member = self.meeting_user_id(self.admin, 1)
        self.set_models({f"meeting_user/{member}": {"group_ids": [1]}, "group/1": {"meeting_user_ids": [member]}})
        self.clone(400).assert_status(400, "admin_ids")
        self.clone(set_as_template=True)
        self.clone(admin_ids=[self.admin])

    def test_permissions(self) -> None:
        manager = self.create_user(committee_management_ids=[60])
        self.create_committee(61)
        self.clone(user=manager)
        self.clone(403, user=manager, committee_id=61)
        self.clone(403, committee_id=61)
        self.clone(403, user=self.admin)
        self.clone(403, user=0)
        self.set_models({"meeting/1": {"template_for_organization_id": 1}})
        self.clone(committee_id=61)
        self.set_models({"meeting/1": {"locked_from_inside": True}})
        self.clone(400, user=manager)

    def test_is_singular(self) -> None:
        self.request("meeting.clone", {"meeting_id": 1}, {"meeting_id": 1}).assert_status(400)
