"""The clients of all other services, as one."""

from dataclasses import dataclass, field

from openslides_backend.services.auth import Authenticator
from openslides_backend.services.datastore import Datastore
from openslides_backend.services.http import CallCounter
from openslides_backend.services.mail import Mailer
from openslides_backend.services.media import MediaService
from openslides_backend.services.permission import PermissionService
from openslides_backend.services.vote import VoteService


@dataclass(frozen=True, slots=True)
class Services:
    """What actions and presenters may call; shared between threads. `calls` counts the calls that they make."""

    datastore: Datastore
    permission: PermissionService
    auth: Authenticator
    media: MediaService
    vote: VoteService
    mail: Mailer
    calls: CallCounter = field(default_factory=CallCounter)
