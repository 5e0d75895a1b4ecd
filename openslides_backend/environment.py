"""Every environment variable, parsed and checked once at start (http.md, "Environment").

The table of the variables stands in the README.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, urlsplit

from openslides_backend.shared.client_address import Network

ALL_COMPONENTS = "all"
COMPONENTS = ("action", "presenter", "permission", ALL_COMPONENTS)
LOGLEVELS = ("debug", "info", "warning", "error", "critical")
LOG_FORMATS = ("text", "json")
CONNECTION_SECURITIES = ("NONE", "STARTTLS", "SSL/TLS")
PROTOCOLS = ("http", "https")

DEVELOPMENT_TOKEN_KEY = "auth-dev-token-key"  # noqa: S105 - the known secret of development mode (auth.md)
DEVELOPMENT_COOKIE_KEY = "auth-dev-cookie-key"
DEVELOPMENT_BALLOT_KEY = "vote-dev-ballot-key"
DEVELOPMENT_INTERNAL_PASSWORD = "openslides"  # noqa: S105 - the known password of development mode (http.md)

WITHOUT_THREAD = -2
"""The `thread_watch_timeout` of processes that are to work without a background thread."""

DEFAULT_MAX_BODY_SIZE = 300 * 1024 * 1024
"""Bytes; a base64 upload of 200 MiB takes 267 MiB."""
DEFAULT_SMALL_BODY_SIZE = 8 * 1024 * 1024
DEFAULT_ANONYMOUS_BODY_SIZE = 64 * 1024

LOOPBACK_NAMES = ("127.0.0.1", "::1", "localhost")
"""Hosts that lead to this machine."""

_INTERNAL_SERVICES = ("DATASTORE_READER", "DATASTORE_WRITER", "PERMISSION", "AUTH", "MEDIA", "VOTE")
_TRUTHY = ("1", "on", "true")
_FALSY = ("0", "off", "false", "no")
_SQLITE = re.compile(r"sqlite(\+pysqlite)?:///[^?]+")
_POSTGRESQL = re.compile(
    r"postgres(ql)?(\+psycopg)?://"
    r"([^@]*@)?"  # user and password
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]*)(:(?P<port>[0-9]{1,5}))?"
    r"/[^/?]+(\?.*)?"
)
_BUCKET = re.compile(
    r"s3://(?P<name>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(/(?P<prefix>[A-Za-z0-9._/-]*?))?/?(\?(?P<options>.+))?"
)
_BASE_URL = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")
_HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]|[0-9A-Fa-f:.]+")


class ConfigurationError(Exception):
    """A variable has a value that can't be used, or a secret is missing; the message is one line for people."""


@dataclass(frozen=True, slots=True)
class EmailSettings:
    """How mail is sent (user_passwords_and_mail.md, "Settings"); `timeout` in seconds."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    connection_security: str
    timeout: float
    accept_self_signed_certificate: bool
    default_from: str


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """Single sign-on over OpenID Connect (docs/single_sign_on.md); without a secret the client is a public one."""

    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)
    redirect_url: str
    scopes: str
    after_login_url: str


@dataclass(frozen=True, slots=True)
class BucketSettings:
    """A bucket of S3, or of whatever speaks its protocol at `endpoint` (a base URL); keys begin with `prefix`."""

    name: str
    prefix: str
    endpoint: str | None
    region: str | None


@dataclass(frozen=True, slots=True)
class Environment:
    """The settings of the process; all fields are checked.

    URLs have no trailing slash. Timeouts and delays are in seconds, body sizes in bytes. `thread_watch_timeout` is -1
    to wait without limit, -2 to work without a background thread. `vote_url` and `message_bus` (host and port) are
    None where there is no such service; `internal_auth_password_file`, and `internal_password`, its content, where it
    isn't set. The keys are those of the auth service's tokens (auth.md) and of the vote service's ballots; they are
    empty where the process doesn't need them. `reload` turns on Gunicorn's reloading of changed code. `embedded_host`
    is the address that the servers for one machine and the permission service listen on, `internal_hosts` the names by
    which they are called, and `trusted_proxies` those whose `X-Forwarded-For` is believed. `oidc` is None
    without single sign-on. The database URLs are SQLAlchemy's; `data_folder` is where data are kept, but not
    contents of files where there is a `media_bucket`.
    """

    component: str
    development: bool
    reload: bool
    loglevel: str
    log_format: str
    raise_4xx: bool
    num_workers: int
    num_threads: int
    worker_timeout: int
    thread_watch_timeout: float
    num_long_batches: int
    shutdown_delay: float
    max_body_size: int
    max_small_body_size: int
    max_anonymous_body_size: int
    create_initial_data: bool
    action_url: str
    action_port: int
    presenter_port: int
    presenter_url: str
    permission_url: str
    permission_port: int
    datastore_reader_url: str
    datastore_reader_port: int
    datastore_writer_url: str
    datastore_writer_port: int
    media_url: str
    media_port: int
    vote_url: str | None
    vote_port: int
    vote_ballot_key: str = field(repr=False)
    auth_url: str
    auth_port: int
    auth_token_key: str = field(repr=False)
    auth_cookie_key: str = field(repr=False)
    message_bus: tuple[str, int] | None
    internal_auth_password_file: Path | None
    internal_password: str | None = field(repr=False)
    internal_hosts: tuple[str, ...]
    trusted_proxies: tuple[Network, ...]
    oidc: OidcSettings | None
    superadmin_password_file: Path
    email: EmailSettings
    embedded_host: str
    data_folder: Path
    media_bucket: BucketSettings | None
    datastore_database_url: str = field(repr=False)
    auth_database_url: str = field(repr=False)
    vote_database_url: str = field(repr=False)

    @property
    def components(self) -> tuple[str, ...]:
        """The components that this process starts."""
        return ("action", "presenter") if self.component == ALL_COMPONENTS else (self.component,)

    @property
    def vote_public_url(self) -> str | None:
        """Where clients send their ballots: `VOTE_PATH` is not part of it (vote_service.md, "`poll.vote`")."""
        if self.vote_url is None:
            return None
        parts = urlsplit(self.vote_url)
        return f"{parts.scheme}://{parts.netloc}/system/vote"

    @classmethod
    def from_mapping(cls, variables: Mapping[str, str], *, secrets: bool = True, ballot_key: bool = False) -> Self:
        """Parse the variables, usually `os.environ`.

        With `secrets` false the secret files aren't read: for servers that have no use for the tokens' keys. The key of
        the ballots is read with `ballot_key` only: nobody but the vote service shall have it.
        Raises ConfigurationError at the first value that can't be used.
        """
        read = _Reader(variables)
        component = read.choice("OPENSLIDES_BACKEND_COMPONENT", ALL_COMPONENTS, COMPONENTS)
        development = read.flag("OPENSLIDES_DEVELOPMENT")
        read_secret = _Secrets(read, development, needed=secrets and component != "permission")
        read_ballot_key = _Secrets(read, development, needed=ballot_key)
        data_folder = Path(read.text("OPENSLIDES_DATA_FOLDER", ".local")).absolute()
        environment = cls(
            component=component,
            development=development,
            reload=read.flag("OPENSLIDES_BACKEND_RELOAD", default=development),
            loglevel=read.choice("OPENSLIDES_LOGLEVEL", "debug" if development else "info", LOGLEVELS),
            log_format=read.choice("OPENSLIDES_LOG_FORMAT", "text", LOG_FORMATS),
            raise_4xx=read.flag("OPENSLIDES_BACKEND_RAISE_4XX"),
            num_workers=read.count("OPENSLIDES_BACKEND_NUM_WORKERS", 1),
            num_threads=read.count("OPENSLIDES_BACKEND_NUM_THREADS", 3),
            worker_timeout=read.count("OPENSLIDES_BACKEND_WORKER_TIMEOUT", 30),
            thread_watch_timeout=read.watch_timeout("OPENSLIDES_BACKEND_THREAD_WATCH_TIMEOUT", 1.0),
            num_long_batches=read.count("OPENSLIDES_BACKEND_NUM_LONG_BATCHES", 2),
            shutdown_delay=read.delay("OPENSLIDES_BACKEND_SHUTDOWN_DELAY", 0.0),
            max_body_size=read.count("OPENSLIDES_BACKEND_MAX_BODY_SIZE", DEFAULT_MAX_BODY_SIZE),
            max_small_body_size=read.count("OPENSLIDES_BACKEND_MAX_BODY_SIZE_SMALL", DEFAULT_SMALL_BODY_SIZE),
            max_anonymous_body_size=read.count(
                "OPENSLIDES_BACKEND_MAX_BODY_SIZE_ANONYMOUS", DEFAULT_ANONYMOUS_BODY_SIZE
            ),
            create_initial_data=read.flag("OPENSLIDES_BACKEND_CREATE_INITIAL_DATA"),
            action_url=read.url("ACTION", 9002, ""),
            action_port=read.port("ACTION_PORT", 9002),
            presenter_port=read.port("PRESENTER_PORT", 9003),
            presenter_url=read.url("PRESENTER", 9003, ""),
            permission_url=read.url("PERMISSION", 9005, ""),
            permission_port=read.port("PERMISSION_PORT", 9005),
            datastore_reader_url=read.url("DATASTORE_READER", 9010, "/internal/datastore/reader"),
            datastore_reader_port=read.port("DATASTORE_READER_PORT", 9010),
            datastore_writer_url=read.url("DATASTORE_WRITER", 9011, "/internal/datastore/writer"),
            datastore_writer_port=read.port("DATASTORE_WRITER_PORT", 9011),
            media_url=read.url("MEDIA", 9006, "/internal/media"),
            media_port=read.port("MEDIA_PORT", 9006),
            vote_url=read.url("VOTE", 9013, "/internal/vote") if read.is_set("VOTE_HOST") else None,
            vote_port=read.port("VOTE_PORT", 9013),
            vote_ballot_key=read_ballot_key("VOTE_BALLOT_KEY_FILE", "vote_ballot_key", DEVELOPMENT_BALLOT_KEY),
            auth_url=read.url("AUTH", 9004, ""),
            auth_port=read.port("AUTH_PORT", 9004),
            auth_token_key=read_secret("AUTH_TOKEN_KEY_FILE", "auth_token_key", DEVELOPMENT_TOKEN_KEY),
            auth_cookie_key=read_secret("AUTH_COOKIE_KEY_FILE", "auth_cookie_key", DEVELOPMENT_COOKIE_KEY),
            message_bus=(
                (read.host("MESSAGE_BUS_HOST"), read.port("MESSAGE_BUS_PORT", 6379))
                if read.is_set("MESSAGE_BUS_HOST")
                else None
            ),
            internal_auth_password_file=read.file("INTERNAL_AUTH_PASSWORD_FILE"),
            internal_password=_internal_password(read, development),
            internal_hosts=_internal_hosts(read),
            trusted_proxies=read.networks("TRUSTED_PROXIES"),
            oidc=_oidc_settings(read) if secrets and read.is_set("OIDC_ISSUER") else None,
            superadmin_password_file=read.file("SUPERADMIN_PASSWORD_FILE") or Path("/run/secrets/superadmin"),
            email=_email_settings(read),
            embedded_host=read.host("OPENSLIDES_EMBEDDED_HOST", "127.0.0.1"),
            data_folder=data_folder,
            media_bucket=_bucket_settings(read.text("MEDIA_STORAGE_URL", "")),
            datastore_database_url=read.database("DATASTORE_DATABASE_URL", data_folder / "datastore.sqlite"),
            auth_database_url=read.database("AUTH_DATABASE_URL", data_folder / "auth.sqlite"),
            vote_database_url=read.database("VOTE_DATABASE_URL", data_folder / "vote.sqlite"),
        )
        if secrets:
            environment.check()
        return environment

    def check(self) -> None:
        """Raises ConfigurationError if values don't fit each other."""
        if self.component == ALL_COMPONENTS and self.action_port == self.presenter_port:
            raise ConfigurationError(f"ACTION_PORT and PRESENTER_PORT are both {self.action_port}.")
        imports = self.create_initial_data and "action" in self.components
        if imports and not self.development and self.internal_auth_password_file is None:
            raise ConfigurationError("OPENSLIDES_BACKEND_CREATE_INITIAL_DATA needs INTERNAL_AUTH_PASSWORD_FILE.")


def address(host: str, port: int) -> str:
    """Host and port as they stand in a URL: an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _email_settings(read: "_Reader") -> EmailSettings:
    return EmailSettings(
        host=read.host("EMAIL_HOST"),
        port=read.port("EMAIL_PORT", 465),
        user=read.text("EMAIL_HOST_USER", ""),
        password=read.text("EMAIL_HOST_PASSWORD", ""),
        connection_security=read.choice("EMAIL_CONNECTION_SECURITY", "SSL/TLS", CONNECTION_SECURITIES),
        timeout=read.seconds("EMAIL_TIMEOUT", 5.0),
        accept_self_signed_certificate=read.flag("EMAIL_ACCEPT_SELF_SIGNED_CERTIFICATE"),
        default_from=read.text("DEFAULT_FROM_EMAIL", "noreply@example.com"),
    )


def _oidc_settings(read: "_Reader") -> OidcSettings:
    secret = read.file("OIDC_CLIENT_SECRET_FILE")
    return OidcSettings(
        issuer=read.secure_url("OIDC_ISSUER"),
        client_id=read.needed("OIDC_CLIENT_ID"),
        client_secret=None if secret is None else read_secret(secret, "OIDC_CLIENT_SECRET_FILE"),
        redirect_url=read.secure_url("OIDC_REDIRECT_URL"),
        scopes=read.text("OIDC_SCOPES", "openid profile email"),
        after_login_url=read.text("OIDC_AFTER_LOGIN_URL", "/"),
    )


def _bucket_settings(url: str) -> BucketSettings | None:
    """`s3://BUCKET/PREFIX?endpoint=https://HOST:PORT&region=REGION`, all but the bucket optional; None for no URL."""
    if not url:
        return None
    match = _BUCKET.fullmatch(url)
    options = parse_qs(match["options"] or "", keep_blank_values=True) if match else {}
    endpoint, region = (options.pop(name, [None])[0] for name in ("endpoint", "region"))
    if match is None or options or not (endpoint is None or _BASE_URL.fullmatch(endpoint)) or region == "":
        raise ConfigurationError(
            "MEDIA_STORAGE_URL must be s3://BUCKET/PREFIX?endpoint=https://HOST:PORT&region=REGION."
        )
    prefix = match["prefix"] or ""
    return BucketSettings(match["name"], f"{prefix}/" if prefix else "", endpoint, region)


def _internal_password(read: "_Reader", development: bool) -> str | None:
    if development:
        return DEVELOPMENT_INTERNAL_PASSWORD
    file = read.file("INTERNAL_AUTH_PASSWORD_FILE")
    return None if file is None else read_secret(file, "INTERNAL_AUTH_PASSWORD_FILE")


def _internal_hosts(read: "_Reader") -> tuple[str, ...]:
    """The names by which internal services are called: those that are configured, and further ones."""
    names = (read.host(f"{prefix}_HOST") for prefix in _INTERNAL_SERVICES)
    return tuple(dict.fromkeys((*names, *read.hosts("OPENSLIDES_INTERNAL_HOSTS"))))


class _Reader:
    """Reads single variables; one that is empty counts as not set, but for paths."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = variables

    def is_set(self, name: str) -> bool:
        return bool(self.variables.get(name))

    def text(self, name: str, default: str) -> str:
        return self.variables.get(name) or default

    def file(self, name: str) -> Path | None:
        return Path(self.variables[name]) if self.is_set(name) else None

    def flag(self, name: str, *, default: bool = False) -> bool:
        if not self.is_set(name):
            return default
        value = self.variables[name].lower()
        if value not in _TRUTHY + _FALSY:
            raise ConfigurationError(f"{name} must be one of {', '.join(_TRUTHY + _FALSY)}, not {value!r}.")
        return value in _TRUTHY

    def database(self, name: str, default: Path) -> str:
        """SQLAlchemy's URL of a database; the value isn't told, as it may hold a password."""
        value = self.text(name, f"sqlite:///{default}")
        server = _POSTGRESQL.fullmatch(value)
        if server is None and (not _SQLITE.fullmatch(value) or value.endswith(":memory:")):
            raise ConfigurationError(f"{name} must be sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/DATABASE.")
        if server is not None and server["port"] is not None and not 1 <= int(server["port"]) <= 65535:
            raise ConfigurationError(f"{name} has a port that is not from 1 to 65535.")
        return value

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        value = self.text(name, default)
        if value not in choices:
            raise ConfigurationError(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
        return value

    def count(self, name: str, default: int) -> int:
        value = self._integer(name, default)
        if value < 1:
            raise ConfigurationError(f"{name} must be 1 or more, not {value}.")
        return value

    def port(self, name: str, default: int) -> int:
        value = self._integer(name, default)
        if not 1 <= value <= 65535:
            raise ConfigurationError(f"{name} must be a port from 1 to 65535, not {value}.")
        return value

    def _integer(self, name: str, default: int) -> int:
        value = self.text(name, str(default))
        if not re.fullmatch(r"-?[0-9]{1,18}", value):
            raise ConfigurationError(f"{name} must be a whole number, not {value!r}.")
        return int(value)

    def seconds(self, name: str, default: float) -> float:
        value = self._number(name, default)
        if value <= 0:
            raise ConfigurationError(f"{name} must be more than 0 seconds, not {value:g}.")
        return value

    def delay(self, name: str, default: float) -> float:
        value = self._number(name, default)
        if value < 0:
            raise ConfigurationError(f"{name} must be 0 or more seconds, not {value:g}.")
        return value

    def watch_timeout(self, name: str, default: float) -> float:
        value = self._number(name, default)
        if value < 0 and value not in (-1, WITHOUT_THREAD):
            raise ConfigurationError(f"{name} must be 0 or more seconds, -1 or -2, not {value:g}.")
        return value

    def _number(self, name: str, default: float) -> float:
        value = self.text(name, str(default))
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise ConfigurationError(f"{name} must be a number of seconds, not {value!r}.")
        return number

    def host(self, name: str, default: str = "localhost") -> str:
        value = self.text(name, default)
        if not _HOST.fullmatch(value):
            raise ConfigurationError(f"{name} must be a host name or an address, not {value!r}.")
        return value.strip("[]")

    def words(self, name: str) -> tuple[str, ...]:
        """Texts, separated by commas."""
        return tuple(value.strip() for value in self.text(name, "").split(",") if value.strip())

    def networks(self, name: str) -> tuple[Network, ...]:
        """Addresses and networks (`10.0.0.0/8`)."""
        try:
            return tuple(map(ip_network, self.words(name)))
        except ValueError as error:
            raise ConfigurationError(f"{name} must be addresses or networks: {error}.") from error

    def hosts(self, name: str) -> tuple[str, ...]:
        """Host names or addresses."""
        values = self.words(name)
        for value in values:
            if not _HOST.fullmatch(value):
                raise ConfigurationError(f"{name} must be host names or addresses, not {value!r}.")
        return values

    def needed(self, name: str) -> str:
        if not self.is_set(name):
            raise ConfigurationError(f"{name} is not set.")
        return self.variables[name]

    def secure_url(self, name: str) -> str:
        """A URL that browsers and servers may trust: over TLS, or one of this machine."""
        value = self.needed(name)
        parts = urlsplit(value)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK_NAMES):
            raise ConfigurationError(f"{name} must begin with https://, not {value!r}.")
        return value

    def url(self, prefix: str, port: int, path: str) -> str:
        """The base URL of a service from its variables `PREFIX_PROTOCOL`, `_HOST`, `_PORT` and `_PATH`."""
        protocol = self.choice(f"{prefix}_PROTOCOL", "http", PROTOCOLS)
        path = self.variables.get(f"{prefix}_PATH", path).rstrip("/")
        if path and not re.fullmatch(r"/[^\s?#]*", path):
            raise ConfigurationError(f"{prefix}_PATH must be empty or a path that begins with a slash, not {path!r}.")
        return f"{protocol}://{address(self.host(f'{prefix}_HOST'), self.port(f'{prefix}_PORT', port))}{path}"


class _Secrets:
    """Reads the secrets of the tokens: known ones in development mode, files otherwise (auth.md)."""

    def __init__(self, read: _Reader, development: bool, *, needed: bool) -> None:
        self.read = read
        self.development = development
        self.needed = needed

    def __call__(self, name: str, default_file: str, development_value: str) -> str:
        if not self.needed:
            return ""
        if self.development:
            return development_value
        return read_secret(self.read.file(name) or Path("/run/secrets") / default_file, name)


def read_secret(path: Path, variable: str) -> str:
    """The content of a secret file, without line ends after it; `variable` is what names the file to the user.

    Raises ConfigurationError if the file can't be read or is empty.
    """
    try:
        secret = path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise ConfigurationError(f"{variable}: the secret file {path} can't be read: {reason}.") from error
    if not secret.strip():
        raise ConfigurationError(f"{variable}: the secret file {path} is empty.")
    return secret
