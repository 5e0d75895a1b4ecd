from pathlib import Path

import pytest

from openslides_backend.environment import (
    BucketSettings,
    ConfigurationError,
    Environment,
    OidcSettings,
    address,
    read_secret,
)


def development(**variables: str) -> Environment:
    return Environment.from_mapping({"OPENSLIDES_DEVELOPMENT": "1", **variables})


def test_defaults() -> None:
    environment = development()
    assert environment.component == "all"
    assert environment.components == ("action", "presenter")
    assert (environment.action_port, environment.presenter_port) == (9002, 9003)
    assert environment.permission_url == "http://localhost:9005"
    assert environment.datastore_reader_url == "http://localhost:9010/internal/datastore/reader"
    assert environment.datastore_writer_url == "http://localhost:9011/internal/datastore/writer"
    assert environment.media_url == "http://localhost:9006/internal/media"
    assert environment.auth_url == "http://localhost:9004"
    assert environment.vote_url is None
    assert environment.vote_public_url is None
    assert environment.vote_database_url.endswith("/.local/vote.sqlite")
    assert environment.message_bus is None
    assert environment.internal_auth_password_file is None
    assert environment.superadmin_password_file == Path("/run/secrets/superadmin")
    assert (environment.num_workers, environment.num_threads, environment.worker_timeout) == (1, 3, 30)
    assert environment.thread_watch_timeout == 1.0
    assert (environment.num_long_batches, environment.shutdown_delay) == (2, 0)
    assert (environment.max_anonymous_body_size, environment.max_small_body_size) == (64 * 1024, 8 * 1024 * 1024)
    assert not environment.create_initial_data
    assert not environment.raise_4xx
    assert environment.embedded_host == "127.0.0.1"


def test_only_the_vote_service_gets_the_key_of_the_ballots(tmp_path: Path) -> None:
    assert development().vote_ballot_key == ""
    assert Environment.from_mapping({"OPENSLIDES_DEVELOPMENT": "1"}, ballot_key=True).vote_ballot_key
    file = tmp_path / "key"
    variables = {"VOTE_BALLOT_KEY_FILE": str(file)}
    for content in (None, "", "\n"):
        if content is not None:
            file.write_text(content)
        with pytest.raises(ConfigurationError, match="VOTE_BALLOT_KEY_FILE"):
            Environment.from_mapping(variables, secrets=False, ballot_key=True)
    file.write_text("a secret\n")
    environment = Environment.from_mapping(variables, secrets=False, ballot_key=True)
    assert environment.vote_ballot_key == "a secret"
    assert "a secret" not in repr(environment)


def test_ballots_go_to_a_path_of_their_own() -> None:
    environment = development(VOTE_HOST="vote", VOTE_PROTOCOL="https", VOTE_PORT="7", VOTE_PATH="/behind/x")
    assert environment.vote_url == "https://vote:7/behind/x"
    assert environment.vote_public_url == "https://vote:7/system/vote"


def test_default_body_size_allows_a_base64_upload_of_200_mib() -> None:
    assert development().max_body_size > 200 * 1024 * 1024 * 4 / 3 + 1024


def test_development_mode() -> None:
    environment = development()
    assert environment.development
    assert environment.reload
    assert environment.loglevel == "debug"
    assert environment.auth_token_key == "auth-dev-token-key"
    assert environment.auth_cookie_key == "auth-dev-cookie-key"
    assert not development(OPENSLIDES_BACKEND_RELOAD="0").reload


def test_production_reads_secrets_from_files(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret one\n")
    (tmp_path / "cookie").write_text("secret two")
    environment = Environment.from_mapping(
        {"AUTH_TOKEN_KEY_FILE": str(tmp_path / "token"), "AUTH_COOKIE_KEY_FILE": str(tmp_path / "cookie")}
    )
    assert (environment.auth_token_key, environment.auth_cookie_key) == ("secret one", "secret two")
    assert environment.loglevel == "info"
    assert not environment.reload
    assert "secret one" not in repr(environment)
    assert "secret two" not in repr(environment)


@pytest.mark.parametrize("content", [None, "", " \n"])
def test_production_without_a_secret_does_not_start(tmp_path: Path, content: str | None) -> None:
    (tmp_path / "cookie").write_text("x")
    if content is not None:
        (tmp_path / "token").write_text(content)
    variables = {"AUTH_TOKEN_KEY_FILE": str(tmp_path / "token"), "AUTH_COOKIE_KEY_FILE": str(tmp_path / "cookie")}
    with pytest.raises(ConfigurationError, match="AUTH_TOKEN_KEY_FILE"):
        Environment.from_mapping(variables)


def test_secrets_are_not_read_where_they_are_not_needed() -> None:
    assert Environment.from_mapping({}, secrets=False).auth_token_key == ""
    assert Environment.from_mapping({"OPENSLIDES_BACKEND_COMPONENT": "permission"}).auth_token_key == ""


def test_initial_data_in_production_need_the_internal_password(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("x")
    keys = {"AUTH_TOKEN_KEY_FILE": str(tmp_path / "key"), "AUTH_COOKIE_KEY_FILE": str(tmp_path / "key")}
    variables = {**keys, "OPENSLIDES_BACKEND_CREATE_INITIAL_DATA": "1"}
    with pytest.raises(ConfigurationError, match="INTERNAL_AUTH_PASSWORD_FILE"):
        Environment.from_mapping(variables)
    (tmp_path / "password").write_text("x")
    password = {"INTERNAL_AUTH_PASSWORD_FILE": str(tmp_path / "password")}
    assert Environment.from_mapping(variables | password).create_initial_data
    assert Environment.from_mapping(variables | {"OPENSLIDES_BACKEND_COMPONENT": "presenter"}).create_initial_data


def test_internal_password(tmp_path: Path) -> None:
    assert development().internal_password == "openslides"
    assert Environment.from_mapping({}, secrets=False).internal_password is None
    file = tmp_path / "password"
    with pytest.raises(ConfigurationError, match="INTERNAL_AUTH_PASSWORD_FILE"):
        Environment.from_mapping({"INTERNAL_AUTH_PASSWORD_FILE": str(file)}, secrets=False)
    file.write_text("x\n")
    assert Environment.from_mapping({"INTERNAL_AUTH_PASSWORD_FILE": str(file)}, secrets=False).internal_password == "x"


def test_internal_hosts() -> None:
    assert development().internal_hosts == ("localhost",)
    names = development(AUTH_HOST="auth", MEDIA_HOST="media", OPENSLIDES_INTERNAL_HOSTS="a.b, ,media,c").internal_hosts
    assert names == ("localhost", "auth", "media", "a.b", "c")
    with pytest.raises(ConfigurationError, match="OPENSLIDES_INTERNAL_HOSTS"):
        development(OPENSLIDES_INTERNAL_HOSTS="a b")


def test_trusted_proxies() -> None:
    assert development().trusted_proxies == ()
    assert [str(proxy) for proxy in development(TRUSTED_PROXIES="10.0.0.0/8, ::1").trusted_proxies] == [
        "10.0.0.0/8",
        "::1/128",
    ]
    with pytest.raises(ConfigurationError, match="TRUSTED_PROXIES"):
        development(TRUSTED_PROXIES="proxy")


OIDC = {
    "OIDC_ISSUER": "https://id.example.com/realm",
    "OIDC_CLIENT_ID": "openslides",
    "OIDC_REDIRECT_URL": "https://example.com/system/auth/oidc/callback",
}


def test_single_sign_on(tmp_path: Path) -> None:
    assert development().oidc is None
    public = development(**OIDC).oidc
    assert public == OidcSettings(
        issuer=OIDC["OIDC_ISSUER"],
        client_id="openslides",
        client_secret=None,
        redirect_url=OIDC["OIDC_REDIRECT_URL"],
        scopes="openid profile email",
        after_login_url="/",
    )
    (tmp_path / "secret").write_text("x\n")
    private = development(**OIDC, OIDC_CLIENT_SECRET_FILE=str(tmp_path / "secret")).oidc
    assert private is not None
    assert private.client_secret == "x"
    assert "x'" not in repr(private)
    assert Environment.from_mapping(OIDC, secrets=False).oidc is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OIDC_ISSUER", "http://id.example.com"),
        ("OIDC_ISSUER", "id.example.com"),
        ("OIDC_CLIENT_ID", ""),
        ("OIDC_REDIRECT_URL", ""),
        ("OIDC_REDIRECT_URL", "http://example.com/"),
        ("OIDC_CLIENT_SECRET_FILE", "/nowhere"),
    ],
)
def test_single_sign_on_that_can_not_be(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        development(**{**OIDC, name: value})


def test_secret_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="UTF-8"):
        read_secret(tmp_path / "key", "KEY_FILE")


@pytest.mark.parametrize("value", ["1", "on", "ON", "true", "True"])
def test_truthy(value: str) -> None:
    assert development(OPENSLIDES_BACKEND_RAISE_4XX=value).raise_4xx


@pytest.mark.parametrize("value", ["", "0", "off", "false", "no"])
def test_not_truthy(value: str) -> None:
    assert not development(OPENSLIDES_BACKEND_RAISE_4XX=value).raise_4xx


@pytest.mark.parametrize(
    "value",
    [
        "sqlite:////var/lib/d.sqlite",
        "sqlite:///d.sqlite",
        "postgresql://user:pa%40ss/w@db.example:5432/name",
        "postgres://[::1]/name?sslmode=require",
        "postgresql+psycopg:///name?host=/run/postgresql",
    ],
)
def test_database_urls(value: str) -> None:
    environment = development(DATASTORE_DATABASE_URL=value, AUTH_DATABASE_URL=value)
    assert environment.datastore_database_url == environment.auth_database_url == value


@pytest.mark.parametrize("name", ["DATASTORE_DATABASE_URL", "AUTH_DATABASE_URL"])
@pytest.mark.parametrize(
    "value",
    [
        "hidden",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "mysql://hidden@db/x",
        "postgresql://hidden@db",
        "postgresql://hidden@db/",
        "postgresql://hidden@db:port/x",
        "postgresql://hidden@db:65536/x",
        "postgresql://hidden@d b/x",
    ],
)
def test_urls_of_no_database(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name) as error:
        development(**{name: value})
    assert "hidden" not in str(error.value)


@pytest.mark.parametrize("value", ["2", "yes", "tru", "enabled"])
def test_flags_that_say_neither(value: str) -> None:
    with pytest.raises(ConfigurationError, match="OPENSLIDES_BACKEND_RAISE_4XX must be one of 1, on, true, 0, off"):
        development(OPENSLIDES_BACKEND_RAISE_4XX=value)


def test_urls_are_put_together() -> None:
    environment = development(
        PERMISSION_PROTOCOL="https",
        PERMISSION_HOST="permission.example.com",
        PERMISSION_PORT="443",
        PERMISSION_PATH="/internal/permission/",
        DATASTORE_READER_PATH="",
        VOTE_HOST="vote",
        AUTH_HOST="::1",
        AUTH_PORT="9",
    )
    assert environment.permission_url == "https://permission.example.com:443/internal/permission"
    assert environment.datastore_reader_url == "http://localhost:9010"
    assert environment.vote_url == "http://vote:9013/internal/vote"
    assert environment.auth_url == "http://[::1]:9"


def test_message_bus() -> None:
    assert development(MESSAGE_BUS_HOST="redis").message_bus == ("redis", 6379)
    assert development(MESSAGE_BUS_HOST="redis", MESSAGE_BUS_PORT="1").message_bus == ("redis", 1)
    assert development(MESSAGE_BUS_HOST="", MESSAGE_BUS_PORT="1").message_bus is None


def test_email_settings() -> None:
    email = development(EMAIL_HOST="smtp", EMAIL_HOST_PASSWORD="hidden", EMAIL_CONNECTION_SECURITY="NONE").email
    assert (email.host, email.port, email.timeout, email.connection_security) == ("smtp", 465, 5.0, "NONE")
    assert email.default_from == "noreply@example.com"
    assert "hidden" not in repr(email)


@pytest.mark.parametrize("value", ["0", "0.25", "-1", "-2", "30"])
def test_watch_timeout(value: str) -> None:
    assert development(OPENSLIDES_BACKEND_THREAD_WATCH_TIMEOUT=value).thread_watch_timeout == float(value)


@pytest.mark.parametrize(
    ("value", "settings"),
    [
        ("", None),
        ("s3://files", BucketSettings("files", "", None, None)),
        ("s3://my.files-2/", BucketSettings("my.files-2", "", None, None)),
        ("s3://files/a/b/?region=eu-central-1", BucketSettings("files", "a/b/", None, "eu-central-1")),
        ("s3://files?endpoint=http://minio:9000", BucketSettings("files", "", "http://minio:9000", None)),
    ],
)
def test_storage_of_files(value: str, settings: BucketSettings | None) -> None:
    assert development(MEDIA_STORAGE_URL=value).media_bucket == settings


@pytest.mark.parametrize(
    "value",
    [
        "files",
        "s3://",
        "s3://F",
        "s3://files/a b",
        "s3://key:secret@files",
        "gs://files",
        "s3://files?endpoint=minio:9000",
        "s3://files?endpoint=http://key:secret@minio",
        "s3://files?region=",
        "s3://files?secret=x",
    ],
)
def test_no_storage_of_files(value: str) -> None:
    with pytest.raises(ConfigurationError, match="MEDIA_STORAGE_URL must be s3://BUCKET") as raised:
        development(MEDIA_STORAGE_URL=value)
    assert "secret@" not in str(raised.value)


def test_database_url_defaults_to_a_file_in_the_data_folder() -> None:
    environment = development(OPENSLIDES_DATA_FOLDER="/var/lib/openslides")
    assert environment.datastore_database_url == "sqlite:////var/lib/openslides/datastore.sqlite"
    assert development(DATASTORE_DATABASE_URL="postgresql://db/x").datastore_database_url == "postgresql://db/x"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPENSLIDES_BACKEND_COMPONENT", "both"),
        ("OPENSLIDES_LOGLEVEL", "verbose"),
        ("OPENSLIDES_LOG_FORMAT", "xml"),
        ("ACTION_PORT", "http"),
        ("ACTION_PORT", "0"),
        ("ACTION_PORT", "65536"),
        ("ACTION_PORT", "9003"),
        ("PRESENTER_PORT", "90.5"),
        ("PERMISSION_PORT", "-1"),
        ("PERMISSION_PROTOCOL", "ftp"),
        ("PERMISSION_HOST", "a b"),
        ("PERMISSION_PATH", "internal"),
        ("DATASTORE_WRITER_PATH", "/a?b"),
        ("OPENSLIDES_BACKEND_NUM_WORKERS", "0"),
        ("OPENSLIDES_BACKEND_NUM_THREADS", "three"),
        ("OPENSLIDES_BACKEND_WORKER_TIMEOUT", "1.5"),
        ("OPENSLIDES_BACKEND_THREAD_WATCH_TIMEOUT", "-3"),
        ("OPENSLIDES_BACKEND_THREAD_WATCH_TIMEOUT", "inf"),
        ("OPENSLIDES_BACKEND_THREAD_WATCH_TIMEOUT", "soon"),
        ("OPENSLIDES_BACKEND_MAX_BODY_SIZE", "1M"),
        ("OPENSLIDES_BACKEND_MAX_BODY_SIZE_SMALL", "0"),
        ("OPENSLIDES_BACKEND_NUM_LONG_BATCHES", "0"),
        ("OPENSLIDES_BACKEND_SHUTDOWN_DELAY", "-1"),
        ("EMAIL_CONNECTION_SECURITY", "TLS"),
        ("EMAIL_TIMEOUT", "0"),
        ("MESSAGE_BUS_PORT", "x"),
    ],
)
def test_values_that_can_not_be_used(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        development(**{"MESSAGE_BUS_HOST": "redis", name: value})
    assert name in str(error.value)
    assert "\n" not in str(error.value)


def test_address() -> None:
    assert address("127.0.0.1", 1) == "127.0.0.1:1"
    assert address("::1", 2) == "[::1]:2"
