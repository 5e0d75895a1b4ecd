"""Who asks."""

from dataclasses import dataclass, field

ANONYMOUS = 0
INTERNAL = -1


@dataclass(frozen=True, slots=True)
class RequestContext:
    """The circumstances of one request that actions and presenters may look at.

    `user_id` is 0 for anonymous and -1 for the internal route; `language` the preferred language of the client
    (`Accept-Language`), for texts that the service writes into the data; `internal` whether it came over an internal
    route, where permissions aren't asked; `internal_actions` whether backend-internal actions may be called
    (development mode). `access_token` and `refresh_cookie` are the credentials, for services that judge them too.
    """

    user_id: int
    language: str = "en"
    internal: bool = False
    internal_actions: bool = False
    access_token: str | None = field(default=None, repr=False)
    refresh_cookie: str | None = field(default=None, repr=False)
