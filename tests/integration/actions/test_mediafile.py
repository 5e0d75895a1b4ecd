"""Files and directories of meetings and of the organization (mediafile.md)."""

import base64
from typing import Any

import pytest

from openslides_backend.permissions.permissions import Permissions
from openslides_backend.services.datastore import CreateEvent, UpdateEvent
from openslides_backend.services.transport import HttpAnswer, HttpRequest
from openslides_backend.shared.pending import Pending
from openslides_backend.shared.typing import Fields
from tests.integration.actions.interference import interfered
from tests.integration.actions.rights import RightsTest
from tests.integration.base import Answer
from tests.integration.wsgi_transport import WsgiTransport
from tests.whole_body import whole_body

OWNER = "meeting/1"
ORGANIZATION = "organization/1"
PUBLISHED = "published_to_meetings_in_organization_id"


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


class Recording(WsgiTransport):
    """Keeps the bodies of requests."""

    def __init__(self, application: Any) -> None:
        super().__init__(application)
        self.bodies: list[bytes] = []

    def begin(self, service: str, request: HttpRequest) -> Pending[HttpAnswer]:
        self.bodies.append(whole_body(request))
        return super().begin(service, request)


class FilesTest(RightsTest):
    """A meeting, and helpers to store trees with both sides of their relations."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()

    def store(self, owner_id: str = OWNER, **files: Fields) -> None:
        """Store files `f<ID>`; `parent_id` is set on both sides, and a meeting's files are known to it."""
        models: dict[str, Fields] = {}
        children_of: dict[int, list[int]] = {}
        for name, fields in files.items():
            if "parent_id" in fields:
                children_of.setdefault(fields["parent_id"], []).append(int(name[1:]))
        for name, fields in files.items():
            id_ = int(name[1:])
            parent = fields.get("parent_id")
            children = children_of.get(id_)
            models[f"mediafile/{id_}"] = {
                "owner_id": owner_id,
                "title": name,
                "is_directory": bool(children) or None,
                "child_ids": children,
                **{key: value for key, value in fields.items() if key != "link"},
                "parent_id": parent,
            }
            if "link" in fields:
                models[f"mediafile/{id_}"]["meeting_mediafile_ids"] = [id_]
                models[f"meeting_mediafile/{id_}"] = {"meeting_id": 1, "mediafile_id": id_, **fields["link"]}
        self.set_models({fqid: {k: v for k, v in f.items() if v is not None} for fqid, f in models.items()})
        if owner_id != ORGANIZATION:
            self.add_to_lists({owner_id: {"mediafile_ids": [int(name[1:]) for name in files]}})

    def link_of(self, file: int) -> Fields:
        """The one `meeting_mediafile` of a file."""
        (link,) = self.find_models("meeting_mediafile", mediafile_id=file).values()
        return link

    def upload(self, content: bytes = b"text", filename: str = "a.txt", user: int = 1, **fields: Any) -> Answer:
        element = {"owner_id": OWNER, "title": "t", "filename": filename, "file": encoded(content), **fields}
        return self.request("mediafile.upload", element, user=user)


class TestRights(FilesTest):
    """Who may do what."""

    def test_in_a_meeting(self) -> None:
        self.store(f5={"link": {"is_public": True}}, f6={"link": {"is_public": True}, "is_directory": True})
        manage = Permissions.Mediafile.CAN_MANAGE
        self.assert_needs_permission("mediafile.create_directory", {"owner_id": OWNER, "title": "d"}, manage)
        upload = {"owner_id": OWNER, "title": "u", "filename": "a.txt", "file": encoded(b"x")}
        self.assert_needs_permission("mediafile.upload", upload, manage)
        self.assert_needs_permission("mediafile.update", {"id": 5, "title": "n"}, manage)
        self.assert_needs_permission("mediafile.move", {"owner_id": OWNER, "ids": [5], "parent_id": 6}, manage)
        self.assert_needs_permission("mediafile.delete", {"id": 5}, manage)

    def test_of_the_organization(self) -> None:
        self.store(ORGANIZATION, f5={}, f6={"is_directory": True}, f7={})
        level = "can_manage_organization"
        self.assert_needs_level("mediafile.create_directory", {"owner_id": ORGANIZATION, "title": "d"}, level)
        upload = {"owner_id": ORGANIZATION, "title": "u", "filename": "a.txt", "file": encoded(b"x")}
        self.assert_needs_level("mediafile.upload", upload, level)
        self.assert_needs_level("mediafile.update", {"id": 5, "title": "n"}, level)
        self.assert_needs_level("mediafile.move", {"owner_id": ORGANIZATION, "ids": [5], "parent_id": 6}, level)
        self.assert_needs_level("mediafile.publish", {"id": 7, "publish": True}, level)
        self.assert_needs_level("mediafile.delete", {"id": 5}, level)

    def test_a_meeting_changes_access_to_published_files_only(self) -> None:
        self.store(ORGANIZATION, f5={PUBLISHED: 1})
        user_id = self.create_user(group_ids=[3])
        self.set_permissions(3, [Permissions.Mediafile.CAN_MANAGE])
        element = {"id": 5, "meeting_id": 1, "access_group_ids": [3]}
        self.request("mediafile.update", {**element, "title": "n"}, user=user_id).assert_status(403)
        self.request("mediafile.update", element, user=self.create_user()).assert_status(403)
        self.request("mediafile.update", element, user=user_id).assert_status(200)
        self.assert_model_exists(f"meeting_mediafile/{next(iter(self.find_models('meeting_mediafile')))}")

    @pytest.mark.parametrize("owner_id", ["committee/60", "organization/2"])
    def test_other_owners(self, owner_id: str) -> None:
        self.request("mediafile.create_directory", {"owner_id": owner_id, "title": "d"}).assert_status(400)


class TestUpload(FilesTest):
    """What may be uploaded, and what becomes of it."""

    def content_of(self, file: int) -> bytes:
        return (self.stack.environment.data_folder / "files" / str(file)).read_bytes().partition(b"\n")[2]

    def test_stored(self) -> None:
        id_ = self.upload(b"hello", access_group_ids=[3]).assert_status(200).id
        fields = {"filesize": 5, "mimetype": "text/plain", "filename": "a.txt", "title": "t", "is_directory": None}
        assert "file" not in self.assert_model_exists(f"mediafile/{id_}", fields)
        link = self.link_of(id_)
        assert (link["is_public"], link["access_group_ids"], link["inherited_access_group_ids"]) == (False, [3], [3])
        assert self.content_of(id_) == b"hello"

    def test_below_a_restricted_directory(self) -> None:
        access = {"is_public": False, "access_group_ids": [2, 3], "inherited_access_group_ids": [2, 3]}
        self.store(f5={"is_directory": True, "link": access})
        id_ = self.upload(parent_id=5, access_group_ids=[1, 3]).assert_status(200).id
        assert self.link_of(id_)["inherited_access_group_ids"] == [3]

    @pytest.mark.parametrize(
        ("fields", "named"),
        [
            ({"file": "YQ"}, "base64"),
            ({"file": ""}, "content"),
            ({"filename": "a"}, "filename"),
            ({"filename": "a.png"}, "content"),
            ({"filename": "a.pdf", "file": encoded(b"%PDF-1.4\nbroken")}, "damaged"),
            ({"token": "t"}, "token"),
            ({"parent_id": 9}, "mediafile/9"),
            ({"parent_id": 5}, "no directory"),
            ({"title": "f5"}, "title"),
            ({"access_group_ids": [4]}, "access_group_ids"),
        ],
    )
    def test_refused(self, fields: Fields, named: str) -> None:
        self.create_meeting(4)
        self.store(f5={"link": {"is_public": True}})
        element = {"owner_id": OWNER, "title": "t", "filename": "a.txt", "file": encoded(b"x"), **fields}
        self.request("mediafile.upload", element).assert_status(400, named)
        assert len(self.find_models("mediafile")) == 1

    def test_a_token_is_handed_over(self) -> None:
        first = self.upload(owner_id=ORGANIZATION, token="logo").assert_status(200).id
        second = self.upload(owner_id=ORGANIZATION, token="logo").assert_status(200).id
        self.assert_model_deleted(f"mediafile/{first}")
        self.assert_model_exists(f"mediafile/{second}", {"token": "logo"})

    def test_a_token_twice(self) -> None:
        element = {"owner_id": ORGANIZATION, "filename": "a.txt", "file": encoded(b"x"), "token": "logo"}
        two = [{**element, "title": title} for title in ("a", "b")]
        self.request("mediafile.upload", *two).assert_status(400, "token")
        self.request("mediafile.upload", {**element, "title": "a", "token": None}).assert_status(400, "token")

    def test_the_permission_service_does_not_get_the_file(self) -> None:
        transport = Recording(self.stack.permission.application)
        with self.stack.replaced(self.stack.environment.permission_url, transport):
            self.upload(b"secret content" * 100).assert_status(200)
        assert transport.bodies
        assert all(encoded(b"secret content")[:12].encode() not in body for body in transport.bodies)

    def test_a_retry_keeps_the_id_and_sends_nothing_again(self) -> None:
        media = Recording(self.stack.media.application)
        event = CreateEvent("mediafile/77", {"id": 77, "owner_id": OWNER, "title": "t"})
        with self.stack.replaced(self.stack.environment.media_url, media), interfered(self.stack, event) as calls:
            self.upload(title="t").assert_status(400, "title")
        assert (calls.writes, len(media.bodies)) == (1, 1)
        broken = UpdateEvent("group/3", {"meeting_id": 1})
        media.bodies.clear()
        with self.stack.replaced(self.stack.environment.media_url, media), interfered(self.stack, broken) as calls:
            id_ = self.upload(b"kept", title="u", access_group_ids=[3]).assert_status(200).id
        assert (calls.writes, len(media.bodies)) == (2, 1)
        assert self.content_of(id_) == b"kept"


class TestTrees(FilesTest):
    """Moving, publishing and access in directories."""

    def test_update_passes_on(self) -> None:
        public = {"link": {"is_public": True}}
        self.store(f5=public, f6={"parent_id": 5, **public}, f7={"parent_id": 6, **public})
        self.request("mediafile.update", {"id": 5, "meeting_id": 1, "access_group_ids": [3]}).assert_status(200)
        for file in (5, 6, 7):
            assert (self.link_of(file)["is_public"], self.link_of(file)["inherited_access_group_ids"]) == (False, [3])
        assert not self.link_of(7).get("access_group_ids")
        self.request("mediafile.update", {"id": 5, "meeting_id": 1, "access_group_ids": None}).assert_status(200)
        assert self.link_of(7)["is_public"] is True

    @pytest.mark.parametrize(
        "element",
        [
            {"id": 5, "access_group_ids": [3]},
            {"id": 5, "meeting_id": 4, "access_group_ids": []},
            {"id": 5, "meeting_id": 1, "access_group_ids": [4]},
            {"id": 5, "token": None},
            {"id": 5, "title": "f6"},
            {"id": 8, "meeting_id": 1, "access_group_ids": []},
            {"id": 9, "meeting_id": 1, "access_group_ids": [4]},
        ],
    )
    def test_update_refused(self, element: Fields) -> None:
        self.create_meeting(4)
        self.store(f5={"link": {"is_public": True}}, f6={"link": {"is_public": True}})
        self.store(ORGANIZATION, f8={}, f9={PUBLISHED: 1})
        self.request("mediafile.update", element).assert_status(400)

    @pytest.mark.parametrize(
        ("ids", "parent_id", "named"),
        [
            ([5], 7, "below itself"),
            ([5], 5, "below itself"),
            ([5], 8, "no directory"),
            ([5], 99, "mediafile/99"),
            ([99], None, "mediafile/99"),
            ([5], 9, "belong"),
            ([9], 5, "belong"),
            ([10], 5, "exactly once"),
        ],
    )
    def test_move_refused(self, ids: list[int], parent_id: int | None, named: str) -> None:
        known = {"link": {"is_public": True}}
        self.store(
            f5={**known, "is_directory": True},
            f6={"parent_id": 5, **known},
            f7={"parent_id": 6, **known, "is_directory": True},
            f8=known,
            f10={},
        )
        self.store(ORGANIZATION, f9={"is_directory": True})
        element = {"owner_id": OWNER, "ids": ids, "parent_id": parent_id}
        self.request("mediafile.move", element).assert_status(400, named)

    def test_move_published(self) -> None:
        self.store(ORGANIZATION, f5={PUBLISHED: 1, "is_directory": True}, f6={}, f7={"parent_id": 6})
        self.request("mediafile.move", {"owner_id": ORGANIZATION, "ids": [5], "parent_id": None}).assert_status(400)
        self.request("mediafile.move", {"owner_id": ORGANIZATION, "ids": [6], "parent_id": 5}).assert_status(200)
        self.assert_model_exists("mediafile/7", {PUBLISHED: 1})
        self.request("mediafile.move", {"owner_id": ORGANIZATION, "ids": [6], "parent_id": None}).assert_status(200)
        self.assert_model_exists("mediafile/7", {PUBLISHED: None})
        assert set(self.get_model("organization/1").get("published_mediafile_ids", [])) <= {5}

    def test_unpublishing_clears_what_meetings_made_of_it(self) -> None:
        self.store(ORGANIZATION, f5={PUBLISHED: 1, "link": {"is_public": False}}, f6={"parent_id": 5, PUBLISHED: 1})
        self.set_models({"meeting_mediafile/5": {"used_as_logo_web_header_in_meeting_id": 1}})
        self.set_models({"meeting/1": {"logo_web_header_id": 5}})
        self.request("mediafile.publish", {"id": 6, "publish": False}).assert_status(400)
        self.request("mediafile.publish", {"id": 5, "publish": False}).assert_status(200)
        self.assert_model_exists("mediafile/6", {PUBLISHED: None})
        self.assert_model_deleted("meeting_mediafile/5")
        self.assert_model_exists("meeting/1", {"logo_web_header_id": None})

    def test_an_archived_meeting_keeps_its_files(self) -> None:
        self.store(ORGANIZATION, f5={PUBLISHED: 1, "link": {"is_public": False}})
        self.set_models({"meeting/1": {"is_active_in_organization_id": None}})
        self.request("mediafile.publish", {"id": 5, "publish": False}).assert_status(400, "archived")
        self.request("mediafile.delete", {"id": 5}).assert_status(400, "archived")

    def test_delete_the_whole_tree(self) -> None:
        self.store(f5={}, f6={"parent_id": 5}, f7={"parent_id": 6, "link": {"is_public": True}}, f8={})
        assert self.request("mediafile.delete", {"id": 6}, {"id": 7}).assert_status(200).results == [None]
        self.assert_model_deleted("meeting_mediafile/7")
        self.assert_model_exists("mediafile/5", {"child_ids": []})
        self.request("mediafile.delete", {"id": 5}).assert_status(200)
        assert list(self.find_models("mediafile")) == [8]


class TestFewCalls(FilesTest):
    """Directories with many files take as few calls as small ones."""

    amount = 200

    def fill(self, owner_id: str, **fields: Any) -> None:
        link = {"link": {"is_public": True}} if owner_id == OWNER else {}
        files = {f"f{10 + n}": {"parent_id": 5, **link, **fields} for n in range(self.amount)}
        self.store(owner_id, f5={**link, **fields}, f6={"is_directory": True, **link}, **files)

    def test_move_and_update_in_a_meeting(self) -> None:
        self.fill(OWNER)
        self.set_models(
            {"meeting_mediafile/6": {"is_public": False, "inherited_access_group_ids": [3], "access_group_ids": [3]}}
        )
        with self.stack.count_calls() as calls:
            self.request("mediafile.move", {"owner_id": OWNER, "ids": [5], "parent_id": 6}).assert_status(200)
        calls.assert_at_most(reads=5, reserves=0, writes=1)
        assert self.link_of(9 + self.amount)["inherited_access_group_ids"] == [3]
        with self.stack.count_calls() as calls:
            element = {"id": 6, "meeting_id": 1, "access_group_ids": [2]}
            self.request("mediafile.update", element).assert_status(200)
        calls.assert_at_most(reads=5, reserves=0, writes=1)
        assert self.link_of(9 + self.amount)["inherited_access_group_ids"] == [2]

    def test_publish_and_move_in_the_organization(self) -> None:
        self.fill(ORGANIZATION)
        for element, state in (({"id": 5, "publish": True}, 1), ({"id": 5, "publish": False}, None)):
            with self.stack.count_calls() as calls:
                self.request("mediafile.publish", element).assert_status(200)
            calls.assert_at_most(reads=4, reserves=0, writes=1)
            self.assert_model_exists(f"mediafile/{9 + self.amount}", {PUBLISHED: state})
        self.set_models({"mediafile/6": {PUBLISHED: 1, "meeting_mediafile_ids": [6]}})
        self.set_models({"meeting_mediafile/6": {"meeting_id": 1, "mediafile_id": 6, "is_public": True}})
        with self.stack.count_calls() as calls:
            self.request("mediafile.move", {"owner_id": ORGANIZATION, "ids": [5], "parent_id": 6}).assert_status(200)
        calls.assert_at_most(reads=6, reserves=1, writes=1)
        assert self.link_of(9 + self.amount)["is_public"] is True
        with self.stack.count_calls() as calls:
            self.request("mediafile.delete", {"id": 5}).assert_status(200)
        calls.assert_at_most(reads=6, reserves=0, writes=1)

    def test_upload_many(self) -> None:
        element = {"owner_id": OWNER, "filename": "a.txt", "file": encoded(b"x")}
        with self.stack.count_calls() as calls:
            answer = self.request("mediafile.upload", *({**element, "title": str(n)} for n in range(50)))
        answer.assert_status(200)
        calls.assert_at_most(reads=3, reserves=1, writes=1)


@pytest.mark.long
class TestFewCallsForThousands(TestFewCalls):
    """The same for a directory of 5,000 files."""

    amount = 5000


@pytest.mark.long
class TestFewCallsForMany(TestFewCalls):
    amount = 5_000
