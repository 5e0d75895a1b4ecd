"""The clients of all other services, as one."""

from dataclasses import dataclass, field

from openslides_backend.services.auth import Authenticator
from openslides_backend.services.background import Background, BackgroundThread
from openslides_backend.services.datastore import Datastore
from openslides_backend.services.http import CallCounter
from openslides_backend.services.mail import Mailer
from openslides_backend.services.mail_check import MailServerCheck
from openslides_backend.services.media import MediaService
from openslides_backend.services.permission import PermissionService
from openslides_backend.services.throttle import Pause, Throttle
from openslides_backend.services.vote import VoteService

RESET_MAILS_PAUSE = 60.0
"""Seconds between two mails with a link for a new password to one address."""


@dataclass(frozen=True, slots=True)
class Services:
    """What actions and presenters may call; shared between threads. `calls` counts the calls that they make.

    `own_passwords` counts wrong guesses of users at their own passwords, `reset_mails` lets an address get its links
    for a new password once a minute, and `mail_check` knows whether mails can be sent; all in this process only.
    """

    datastore: Datastore
    permission: PermissionService
    auth: Authenticator
    media: MediaService
    vote: VoteService
    mail: Mailer
    mail_check: MailServerCheck = field(default_factory=MailServerCheck)
    calls: CallCounter = field(default_factory=CallCounter)
    background: Background = field(default_factory=BackgroundThread)
    own_passwords: Throttle = field(default_factory=Throttle)
    reset_mails: Pause = field(default_factory=lambda: Pause(RESET_MAILS_PAUSE))
