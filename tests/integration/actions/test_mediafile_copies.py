"""Copies of files for other meetings, as all that forwards makes them (agenda_forward.md, motion_forwarding.md)."""

from collections import Counter
from typing import Any

from openslides_backend.actions.mediafile.copies import FileCopies, for_admins_only
from openslides_backend.actions.registry import load_actions
from openslides_backend.engine.action import Action
from openslides_backend.engine.performing import Performer
from openslides_backend.engine.run import Run
from openslides_backend.engine.states import States
from openslides_backend.models.models import MODELS
from openslides_backend.shared.context import RequestContext
from tests.integration.base import IntegrationTest
from tests.integration.wsgi_transport import WsgiTransport

NAME = "mediafile.duplicate_to_another_meeting"
FILES: dict[int, dict[str, Any]] = {3: {"parent_id": 5}, 4: {"parent_id": 9}, 5: {"parent_id": 6}, 6: {}}
"""A folder in a folder, with a file, and a file in a folder that isn't copied; files come before their folders."""


class _CountingTransport(WsgiTransport):
    """Counts the requests to the media service."""

    calls = 0

    def called(self, path: str) -> None:
        self.calls += 1


class TestFileCopies(IntegrationTest):
    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting(1)
        self.create_meeting(10)
        folders = {5, 6}
        self.set_models(
            {
                f"mediafile/{id_}": {"title": "f", "owner_id": "meeting/1", "is_directory": id_ in folders, **file}
                for id_, file in FILES.items()
            }
        )
        self.kept = States()

    def attempt(self) -> Action:
        """Any action, in a new try of the same batch."""
        run = Run(self.stack.services, RequestContext(-1, internal=True), MODELS, self.kept)
        actions = load_actions()
        Performer(run, actions)
        return actions[NAME](run)

    def test_copies(self) -> None:
        action = self.attempt()
        copies = FileCopies(action)
        ids = copies.plan(10, FILES)
        assert (list(ids), list(ids.values())) == (list(FILES), sorted(ids.values()))
        assert list(action.uow.changed("mediafile")) == []
        copies.make()
        new = {id_: action.uow.get("mediafile", id_, "owner_id", "parent_id", "title") for id_ in ids.values()}
        assert {file["owner_id"] for file in new.values()} == {"meeting/10"}
        assert [new[ids[id_]]["parent_id"] for id_ in FILES] == [ids[5], None, ids[6], None]

    def test_titles_are_new_in_their_folders(self) -> None:
        action = self.attempt()
        copies = FileCopies(action)
        ids = {**copies.plan(10, {3: {}}), **copies.plan(10, {4: {}})}
        copies.make()
        titles = Counter(action.uow.get("mediafile", id_, "title")["title"] for id_ in ids.values())
        assert titles == {"f": 1, "f (1)": 1}

    def test_ids_and_contents_outlive_a_retry(self) -> None:
        transport = _CountingTransport(self.stack.media.application)
        tries = []
        with self.stack.replaced(self.stack.environment.media_url, transport):
            for _ in range(2):
                copies = FileCopies(self.attempt())
                tries.append([copies.plan(10, {3: {}}), copies.plan(10, {3: {}})])
                copies.make()
        first, second = tries
        assert first == second
        assert first[0] != first[1]
        assert transport.calls == 2

    def test_each_meeting_has_copies_of_its_own(self) -> None:
        self.create_meeting(20)
        copies = FileCopies(self.attempt())
        assert copies.plan(10, {3: {}}) != copies.plan(20, {3: {}})

    def test_for_admins_only(self) -> None:
        action = self.attempt()
        restricted = {"is_public": False, "inherited_access_group_ids": [11]}
        assert for_admins_only(action, 10, is_in_folder=True) == {**restricted, "access_group_ids": []}
        assert for_admins_only(action, 10, is_in_folder=False) == {**restricted, "access_group_ids": [11]}

    def test_meeting_without_admin_group(self) -> None:
        self.set_models({"meeting/10": {"admin_group_id": None}})
        access = for_admins_only(self.attempt(), 10, is_in_folder=False)
        assert (access["inherited_access_group_ids"], access["access_group_ids"]) == ([], [])
