"""The embedded media service, called by the real client."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Request, Response

from openslides_backend.embedded.media import MAX_BODY, MediaApplication, MediaSettings, create_media_application
from openslides_backend.services.http import HttpPool
from openslides_backend.services.media import MediaClient
from openslides_backend.shared.exceptions import BadRequest, ServiceError
from tests.integration.wsgi_transport import WsgiTransport


class Presenter:
    """Knows what `check_mediafile_id` answers to whom; `status` and `result` are up to the test."""

    def __init__(self) -> None:
        self.status = 200
        self.result: Any = [{"ok": True, "filename": "räport.txt"}]
        self.asked: list[tuple[Any, str | None, str | None]] = []

    def answer(self, request: Request) -> Response:
        cookie = request.headers.get("Cookie")
        self.asked.append((request.get_json(), request.headers.get("authentication"), cookie))
        return Response(json.dumps(self.result), self.status, content_type="application/json")


@Request.application
def who_am_i(request: Request) -> Response:
    """The auth service: everybody with a cookie is logged in."""
    assert request.path == "/system/auth/who-am-i"
    return Response("{}", headers={"authentication": "bearer fresh"} if request.headers.get("Cookie") else {})


@pytest.fixture
def presenter() -> Presenter:
    return Presenter()


@pytest.fixture
def application(tmp_path: Path, presenter: Presenter) -> MediaApplication:
    pool = HttpPool(
        transports={
            "http://presenter": WsgiTransport(Request.application(presenter.answer)),
            "http://auth": WsgiTransport(who_am_i),
        }
    )
    return create_media_application(MediaSettings(tmp_path, "http://presenter", "http://auth"), pool)


@pytest.fixture
def client(application: MediaApplication) -> MediaClient:
    return MediaClient(HttpPool(transports={"http://media": WsgiTransport(application)}), "http://media/internal/media")


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def get(application: MediaApplication, file_id: int | str, **headers: str) -> TestResponse:
    return Client(application, use_cookies=False).get(
        f"/system/media/get/{file_id}", headers={key.replace("_", "-"): value for key, value in headers.items()}
    )


def post(application: MediaApplication, command: str, body: object) -> TestResponse:
    return Client(application).post(f"/internal/media/{command}/", json=body)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_upload_and_download(application: MediaApplication, client: MediaClient, presenter: Presenter) -> None:
    content = bytes(range(256)) * 100
    client.upload_mediafile(encoded(content), 5, "text/plain")
    answer = get(application, 5, authentication="bearer x", Cookie="refreshId=bearer%20y")
    assert answer.status_code == 200
    assert answer.get_data() == content
    assert answer.content_length == len(content)
    assert answer.mimetype == "text/plain"
    question = [{"presenter": "check_mediafile_id", "data": {"mediafile_id": 5}}]
    assert presenter.asked == [(question, "bearer x", "refreshId=bearer%20y")]


def test_a_browser_sends_its_cookie_only(
    application: MediaApplication, client: MediaClient, presenter: Presenter
) -> None:
    client.upload_mediafile(encoded(b"x"), 5, "text/plain")
    assert get(application, 5, Cookie="refreshId=bearer%20y").status_code == 200
    assert get(application, 5).status_code == 200
    assert [asked[1:] for asked in presenter.asked] == [("bearer fresh", "refreshId=bearer%20y"), (None, None)]


def test_an_upload_replaces_the_one_before(application: MediaApplication, client: MediaClient, tmp_path: Path) -> None:
    client.upload_mediafile(encoded(b"one"), 5, "text/plain")
    client.upload_mediafile(encoded(b""), 5, "image/png")
    answer = get(application, 5)
    assert (answer.get_data(), answer.mimetype) == (b"", "image/png")
    assert files(tmp_path) == ["files/5"]


def test_duplicate(application: MediaApplication, client: MediaClient) -> None:
    client.upload_mediafile(encoded(b"one"), 5, "text/plain")
    for _ in range(2):
        client.duplicate_mediafile(5, 6)
    client.upload_mediafile(encoded(b"two"), 5, "text/css")
    answers = {file_id: get(application, file_id) for file_id in (5, 6)}
    assert {file_id: (answer.get_data(), answer.mimetype) for file_id, answer in answers.items()} == {
        5: (b"two", "text/css"),
        6: (b"one", "text/plain"),
    }


def test_duplicate_of_what_is_lost(application: MediaApplication, client: MediaClient, tmp_path: Path) -> None:
    client.duplicate_mediafile(5, 6)
    assert get(application, 6).status_code == 404
    assert files(tmp_path) == []


def test_resources_are_apart(application: MediaApplication, client: MediaClient, tmp_path: Path) -> None:
    client.upload_resource(encoded(b"one"), 5, "text/css")
    assert get(application, 5).status_code == 404
    assert files(tmp_path) == ["resources/5"]


def test_contents_survive_a_restart(client: MediaClient, tmp_path: Path) -> None:
    client.upload_mediafile(encoded(b"one"), 5, "text/plain")
    pool = HttpPool(transports={"http://presenter": WsgiTransport(Request.application(Presenter().answer))})
    restarted = create_media_application(MediaSettings(tmp_path, "http://presenter", "http://auth"), pool)
    assert get(restarted, 5).get_data() == b"one"


def test_characters_outside_of_the_alphabet_are_skipped(application: MediaApplication, client: MediaClient) -> None:
    client.upload_mediafile("YW\nJj ✓", 5, "text/plain")
    assert get(application, 5).get_data() == b"abc"


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"file": "YQ==", "id": 1},
        {"file": "YQ==", "mimetype": "text/plain"},
        {"id": 1, "mimetype": "text/plain"},
        {"file": "YQ=", "id": 1, "mimetype": "text/plain"},
        {"file": None, "id": 1, "mimetype": "text/plain"},
        {"file": "YQ==", "id": "1", "mimetype": "text/plain"},
        {"file": "YQ==", "id": "../1", "mimetype": "text/plain"},
        {"file": "YQ==", "id": 0, "mimetype": "text/plain"},
        {"file": "YQ==", "id": -1, "mimetype": "text/plain"},
        {"file": "YQ==", "id": True, "mimetype": "text/plain"},
        {"file": "YQ==", "id": 1.5, "mimetype": "text/plain"},
        {"file": "YQ==", "id": 1, "mimetype": None},
    ],
)
def test_malformed_uploads(application: MediaApplication, tmp_path: Path, body: object) -> None:
    assert post(application, "upload_mediafile", body).status_code == 400
    assert files(tmp_path) == []


@pytest.mark.parametrize("body", [{}, {"source_id": 1}, {"source_id": "1", "target_id": 2}, {"target_id": 2}])
def test_malformed_duplicates(application: MediaApplication, body: object) -> None:
    assert post(application, "duplicate_mediafile", body).status_code == 400


def test_the_client_passes_the_reason_on(client: MediaClient) -> None:
    with pytest.raises(BadRequest, match="is no base64"):
        client.upload_mediafile("YQ=", 1, "text/plain")


def test_the_size_is_limited(application: MediaApplication) -> None:
    answer = Client(application).post(
        "/internal/media/upload_mediafile/",
        content_type="application/json",
        environ_overrides={"CONTENT_LENGTH": str(MAX_BODY + 1)},
    )
    assert answer.status_code == 413


def test_a_failed_write_leaves_nothing_behind(
    application: MediaApplication, client: MediaClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.upload_mediafile(encoded(b"one"), 5, "text/plain")

    def fail(_descriptor: int) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", fail)
        with pytest.raises(ServiceError):
            client.upload_mediafile(encoded(b"two"), 5, "text/plain")
    assert files(tmp_path) == ["files/5"]
    assert get(application, 5).get_data() == b"one"


class TestDownload:
    @pytest.mark.parametrize("filename", ["a\nb.txt", "a\r\nX-Evil: 1", "a\x00b", "a\u2028b", "\ud800.txt", "\n"])
    def test_names_that_no_header_can_carry(
        self, application: MediaApplication, client: MediaClient, presenter: Presenter, filename: str
    ) -> None:
        client.upload_mediafile(encoded(b"content"), 5, "text/plain")
        presenter.result = [{"ok": True, "filename": filename}]
        answer = get(application, 5)
        assert (answer.status_code, answer.data) == (200, b"content")
        assert "_" in answer.headers["Content-Disposition"]
        assert "X-Evil" not in answer.headers

    def test_refused(self, application: MediaApplication, client: MediaClient, presenter: Presenter) -> None:
        client.upload_mediafile(encoded(b"x"), 5, "text/plain")
        presenter.status, presenter.result = 403, {"success": False, "message": "no"}
        assert get(application, 5).status_code == 403

    @pytest.mark.parametrize(
        ("status", "result"),
        [
            (200, []),
            (200, {}),
            (200, [True]),
            (200, [{}]),
            (200, [{"ok": "yes", "filename": "x"}]),
            (500, [{"ok": True, "filename": "x"}]),
            (302, [{"ok": True, "filename": "x"}]),
        ],
    )
    def test_anything_but_a_clear_yes_is_no(
        self, application: MediaApplication, client: MediaClient, presenter: Presenter, status: int, result: object
    ) -> None:
        client.upload_mediafile(encoded(b"x"), 5, "text/plain")
        presenter.status, presenter.result = status, result
        assert get(application, 5).status_code == 503

    @pytest.mark.parametrize(
        ("status", "result"), [(200, [{"ok": False}]), (200, [{"ok": True}]), (400, {"message": "does not exist"})]
    )
    def test_no_such_file(
        self, application: MediaApplication, client: MediaClient, presenter: Presenter, status: int, result: object
    ) -> None:
        client.upload_mediafile(encoded(b"x"), 5, "text/plain")
        presenter.status, presenter.result = status, result
        assert get(application, 5).status_code == 404

    def test_no_content(self, application: MediaApplication) -> None:
        assert get(application, 5).status_code == 404

    @pytest.mark.parametrize("file_id", ["0/../5", "..", "-1", "x", "5.0"])
    def test_no_id(self, application: MediaApplication, file_id: str) -> None:
        assert get(application, file_id).status_code == 404

    @pytest.mark.parametrize(
        ("mimetype", "disposition"),
        [
            ("image/png", "inline"),
            ("application/pdf", "inline"),
            ("font/woff2", "inline"),
            ("image/svg+xml", "attachment"),
            ("text/html", "attachment"),
            ("application/xhtml+xml", "attachment"),
            ("text/plain", "attachment"),
        ],
    )
    def test_what_may_carry_scripts_is_not_shown(
        self, application: MediaApplication, client: MediaClient, mimetype: str, disposition: str
    ) -> None:
        client.upload_mediafile(encoded(b"x"), 5, mimetype)
        answer = get(application, 5)
        assert answer.headers["Content-Disposition"].startswith(f"{disposition};")
        assert "filename*=UTF-8''r%C3%A4port.txt" in answer.headers["Content-Disposition"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"

    @pytest.mark.parametrize("mimetype", ["", "rubbish", "text/plain\r\nX-Evil: 1", "a/b; charset=x"])
    def test_what_is_no_media_type(self, application: MediaApplication, client: MediaClient, mimetype: str) -> None:
        client.upload_mediafile(encoded(b"x"), 5, mimetype)
        answer = get(application, 5)
        assert (answer.mimetype, answer.get_data()) == ("application/octet-stream", b"x")

    def test_not_without_a_presenter(self, tmp_path: Path) -> None:
        application = create_media_application(MediaSettings(tmp_path), HttpPool())
        assert post(application, "upload_mediafile", {"file": "", "id": 5, "mimetype": "x/y"}).status_code == 200
        assert get(application, 5).status_code == 404


@pytest.mark.parametrize("path", ["/health", "/internal/media/health", "/system/media/health"])
def test_health(application: MediaApplication, path: str) -> None:
    answer = Client(application).get(path)
    assert (answer.status_code, answer.get_json()["status"]) == (200, "running")


@pytest.mark.parametrize(
    ("asked", "content", "told"),
    [
        ("bytes=2-4", b"234", "bytes 2-4/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-2", b"89", "bytes 8-9/10"),
        ("bytes=5-99", b"56789", "bytes 5-9/10"),
        ("bytes=10-", None, "bytes */10"),
        ("lines=1-2", None, "bytes */10"),
    ],
)
def test_ranges(
    application: MediaApplication, client: MediaClient, asked: str, content: bytes | None, told: str
) -> None:
    client.upload_mediafile(encoded(b"0123456789"), 5, "text/plain")
    answer = get(application, 5, Range=asked)
    assert (answer.status_code, answer.headers["Content-Range"]) == (416 if content is None else 206, told)
    if content is not None:
        assert (answer.get_data(), answer.content_length) == (content, len(content))


def test_what_has_not_changed_is_not_sent_again(
    application: MediaApplication, client: MediaClient, presenter: Presenter
) -> None:
    client.upload_mediafile(encoded(b"one"), 5, "text/plain")
    etag = get(application, 5).headers["ETag"]
    answer = get(application, 5, If_None_Match=etag)
    assert (answer.status_code, answer.get_data()) == (304, b"")
    assert get(application, 5, If_Range='"other"', Range="bytes=0-0").get_data() == b"one"
    client.upload_mediafile(encoded(b"two"), 5, "text/plain")
    assert get(application, 5, If_None_Match=etag).get_data() == b"two"
    presenter.status = 403
    assert get(application, 5, If_None_Match=etag).status_code == 403


@pytest.mark.parametrize(
    ("mimetype", "disposition", "policy"),
    [
        ("text/html", "attachment", "sandbox"),
        ("image/svg+xml", "attachment", "sandbox"),
        ("application/xhtml+xml", "attachment", "sandbox"),
        ("image/png", "inline", "sandbox"),
        ("application/pdf", "inline", "script-src 'none'"),
    ],
)
def test_no_script_runs(
    application: MediaApplication, client: MediaClient, mimetype: str, disposition: str, policy: str
) -> None:
    client.upload_mediafile(encoded(b"<svg onload='alert(1)'/>"), 5, mimetype)
    headers = get(application, 5).headers
    assert headers["Content-Disposition"].startswith(disposition)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert policy in headers["Content-Security-Policy"]
    assert "allow-scripts" not in headers["Content-Security-Policy"]
