"""A session of requests as a transport, for calls that aren't made with each request: a file, a poll, a logout."""

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, NewConnectionError

from openslides_backend.services.transport import (
    MAX_ANSWER,
    BadAnswer,
    BadRequestData,
    ConnectionLost,
    HttpAnswer,
    HttpRequest,
    NotSent,
    TimedOut,
)
from openslides_backend.shared.pending import Pending

_CHUNK = 65536
_POOL_SIZE = 16


class WebSession:
    """A transport without the surprises of a session: no proxies, passwords or certificates of the environment's own
    variables, no cookies, no redirects, no repeats; `max_answer` is the largest body of an answer in bytes.

    Which authorities are trusted is up to the system, as with all other connections. The head of an answer has a
    timeout between its bytes only, the body one for all of it.
    """

    def __init__(self, max_answer: int = MAX_ANSWER) -> None:
        self._max_answer = max_answer
        self._session = session = requests.Session()
        session.trust_env = False
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.headers.clear()
        session.headers["Accept-Encoding"] = "identity"
        paths = ssl.get_default_verify_paths()
        session.verify = paths.cafile or paths.capath or True
        for scheme in ("http://", "https://"):
            session.mount(scheme, HTTPAdapter(pool_maxsize=_POOL_SIZE, max_retries=0))

    def begin(self, service: str, request: HttpRequest) -> Pending[HttpAnswer]:
        """See Transport: nothing is sent before the result is asked for."""
        return Pending(lambda: self._answer(service, request))

    def close(self) -> None:
        """See Transport."""
        self._session.close()

    def _answer(self, service: str, request: HttpRequest) -> HttpAnswer:
        left = request.deadline - time.monotonic()
        if left <= 0:
            raise TimedOut("no time left to send")
        with (
            _translated(),
            self._session.request(
                request.method,
                request.url,
                headers=dict(request.headers),
                data=request.body,
                timeout=(min(request.connect_timeout, left), left),
                allow_redirects=False,
                stream=True,
            ) as response,
        ):
            if response.headers.get("content-encoding", "identity") != "identity":
                raise BadAnswer("compressed, although identity was asked for")
            headers = {name.lower(): value for name, value in response.headers.items()}
            return HttpAnswer(service, response.status_code, headers, self._body(response, request.deadline))

    def _body(self, response: requests.Response, deadline: float) -> bytes:
        body = bytearray()
        # Whatever has come by now, at most a chunk: waiting for a whole one could take any time.
        while chunk := response.raw.read1(_CHUNK):
            body += chunk
            if len(body) > self._max_answer:
                raise BadAnswer("too large")
            if time.monotonic() > deadline:
                raise TimedOut("no answer in time")
        return bytes(body)


@contextmanager
def _translated() -> Iterator[None]:
    """Errors of requests and urllib3 as those of a transport."""
    try:
        yield
    except requests.ConnectTimeout as error:
        raise NotSent(type(error).__name__) from None
    except (requests.Timeout, TimeoutError) as error:
        raise TimedOut(type(error).__name__) from None
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, requests.exceptions.MissingSchema) as e:
        raise BadRequestData(type(e).__name__) from None
    except (requests.exceptions.InvalidHeader, UnicodeError) as error:
        raise BadRequestData(type(error).__name__) from None
    except requests.ConnectionError as error:
        reason = getattr(error.args[0] if error.args else None, "reason", None)
        kind = NotSent if isinstance(reason, NewConnectionError) else ConnectionLost
        raise kind(type(reason or error).__name__) from None
    except (requests.RequestException, HTTPError, OSError) as error:
        raise ConnectionLost(type(error).__name__) from None
