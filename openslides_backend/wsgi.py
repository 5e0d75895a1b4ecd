"""The composition root: the only place that builds services and wires them into applications."""

from collections.abc import Callable, Collection
from functools import partial

from openslides_backend.actions.registry import load_actions
from openslides_backend.engine.handler import ActionHandler
from openslides_backend.environment import WITHOUT_THREAD, Environment
from openslides_backend.http import action_views, presenter_views
from openslides_backend.http.action_views import ActionViews
from openslides_backend.http.action_worker import ActionWorker
from openslides_backend.http.application import Application
from openslides_backend.http.credentials import InternalPassword
from openslides_backend.http.limits import BodyLimits
from openslides_backend.http.presenter_views import PresenterViews
from openslides_backend.migrations.stored import migrate_stored
from openslides_backend.models.models import MODELS
from openslides_backend.permissions.rules import Rule
from openslides_backend.permissions.service import PermissionApplication
from openslides_backend.presenters.registry import load_presenters
from openslides_backend.presenting.handler import PresenterHandler
from openslides_backend.serve.internal_door import open_door
from openslides_backend.services.auth import HttpAuthenticator
from openslides_backend.services.background import BackgroundThread, Foreground
from openslides_backend.services.datastore import DatastoreReader
from openslides_backend.services.datastore_http import HttpDatastore
from openslides_backend.services.http import HttpPool
from openslides_backend.services.mail import SmtpMailer
from openslides_backend.services.media import MediaClient
from openslides_backend.services.message_bus import message_bus
from openslides_backend.services.permission import PermissionClient
from openslides_backend.services.services import Services
from openslides_backend.services.tokens import TokenKey
from openslides_backend.services.vote import NoVoteService, VoteClient, VoteService
from openslides_backend.shared.internal_access import internal_headers
from openslides_backend.shared.request_log import LoggedApplication


def create_services(environment: Environment, pool: HttpPool | None = None) -> Services:
    """The clients of all other services, which share one pool of connections."""
    pool = pool or _internal_pool(environment)
    return Services(
        datastore=_datastore(environment, pool),
        permission=PermissionClient(pool, environment.permission_url),
        auth=HttpAuthenticator(
            pool,
            environment.auth_url,
            TokenKey(environment.auth_token_key),
            TokenKey(environment.auth_cookie_key),
            message_bus(environment.message_bus),
        ),
        media=MediaClient(pool, environment.media_url),
        vote=_vote(environment, pool),
        mail=SmtpMailer(environment.email),
        calls=pool.calls,
        background=Foreground() if environment.thread_watch_timeout == WITHOUT_THREAD else BackgroundThread(),
    )


def create_action_application(environment: Environment, services: Services | None = None) -> Application:
    """The component that takes batches of actions."""
    services = services or create_services(environment)
    views = ActionViews(
        ActionHandler(services, load_actions(), MODELS),
        services.auth,
        ActionWorker(
            services.datastore, environment.thread_watch_timeout, environment.num_threads, environment.num_long_batches
        ),
        InternalPassword(development=environment.development, file=environment.internal_auth_password_file),
        _limits(environment),
        development=environment.development,
    )
    return _application("action", views, action_views.QUICK, environment, services)


def create_presenter_application(environment: Environment, services: Services | None = None) -> Application:
    """The component that answers questions."""
    services = services or create_services(environment)
    handler = PresenterHandler(load_presenters(), services.datastore, services.permission)
    views = PresenterViews(handler, services.auth, _limits(environment))
    return _application("presenter", views, presenter_views.QUICK, environment, services)


def create_migration(environment: Environment) -> Callable[[], str]:
    """What brings the stored data to the service's migration index; see `migrate_stored`."""
    return partial(migrate_stored, _datastore(environment, _internal_pool(environment)))


def create_permission_application(
    environment: Environment, datastore: DatastoreReader | None = None
) -> LoggedApplication:
    """The permission service: applies the rules that are declared on actions and presenters.

    Raises ConfigurationError if it needs a password and has none.
    """
    rules: dict[str, Rule | None] = {name: action.permission for name, action in load_actions().items()}
    rules |= {name: presenter.permission for name, presenter in load_presenters().items()}
    datastore = datastore or _datastore(environment, _internal_pool(environment))
    return LoggedApplication("permission", open_door(environment, PermissionApplication(rules, datastore)))


def _application(
    component: str,
    views: ActionViews | PresenterViews,
    quick: Collection[str],
    environment: Environment,
    services: Services,
) -> Application:
    return Application(
        component,
        views.routes(),
        quick=quick,
        raise_4xx=environment.raise_4xx,
        anonymous_body=_limits(environment).anonymous,
        body_limit=views.body_limit,
        calls=services.calls,
    )


def _internal_pool(environment: Environment) -> HttpPool:
    return HttpPool(headers=internal_headers(environment.internal_password))


def _limits(environment: Environment) -> BodyLimits:
    return BodyLimits(environment.max_anonymous_body_size, environment.max_small_body_size, environment.max_body_size)


def _vote(environment: Environment, pool: HttpPool) -> VoteService:
    if environment.vote_url is None or environment.vote_public_url is None:
        return NoVoteService()
    return VoteClient(pool, environment.vote_url, environment.vote_public_url)


def _datastore(environment: Environment, pool: HttpPool) -> HttpDatastore:
    return HttpDatastore(pool, environment.datastore_reader_url, environment.datastore_writer_url)
