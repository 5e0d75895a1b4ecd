"""The auth service out of the environment."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from openslides_backend.embedded.auth.application import AuthSettings, create_auth_application
from openslides_backend.embedded.auth.sessions import SessionStore
from openslides_backend.environment import Environment
from openslides_backend.serve.internal_door import InternalDoor, open_door
from openslides_backend.services.datastore_http import HttpDatastore
from openslides_backend.services.http import HttpPool
from openslides_backend.shared.internal_access import internal_headers

if TYPE_CHECKING:
    from openslides_backend.embedded.auth.sessions import SessionStore
    from openslides_backend.embedded.auth.single_sign_on.sign_on import SingleSignOn
    from openslides_backend.services.tokens import TokenKey


def prepare(environment: Environment) -> None:
    """Make the tables; raises SQLAlchemyError."""
    environment.data_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    SessionStore(environment.auth_database_url).close()


def create(environment: Environment) -> InternalDoor:
    """Users come from the datastore, sessions go to a database of its own."""
    settings = AuthSettings(
        environment.auth_token_key,
        environment.auth_cookie_key,
        environment.auth_database_url,
        environment.message_bus,
        environment.trusted_proxies,
        _single_sign_on(environment),
    )
    pool = HttpPool(headers=internal_headers(environment.internal_password))
    datastore = HttpDatastore(pool, environment.datastore_reader_url, environment.datastore_writer_url)
    return open_door(environment, create_auth_application(settings, datastore), has_public_routes=True)


def _single_sign_on(environment: Environment) -> "Callable[[TokenKey, SessionStore], SingleSignOn] | None":
    """Only where it is wanted Authlib is loaded, which would make each start longer."""
    if environment.oidc is None:
        return None
    module: Any = import_module("openslides_backend.embedded.auth.single_sign_on.sign_on")
    saving = environment.action_url, environment.internal_password
    return partial(module.create_single_sign_on, environment.oidc, saving)
