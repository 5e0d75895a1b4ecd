"""HTTP to the identity provider and to the action component: bounded in time and size."""

from io import BytesIO
from typing import Any

import requests
from authlib.integrations.requests_client import OAuth2Session
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

TIMEOUT_SECONDS = (3.0, 10.0)
"""To connect, and between two pieces of an answer."""
MAX_ANSWER = 1024 * 1024
"""In bytes, unpacked."""


class _BoundedAdapter(HTTPAdapter):
    def send(self, request: requests.PreparedRequest, *_args: Any, **options: Any) -> requests.Response:
        """Send a request and read the whole answer, which must not be large."""
        response = super().send(request, **{**options, "stream": True, "timeout": TIMEOUT_SECONDS})
        try:
            content = response.raw.read(MAX_ANSWER + 1, decode_content=True)
        except (HTTPError, OSError) as error:
            raise requests.ConnectionError("the answer broke off") from error
        finally:
            response.raw.close()
        if len(content) > MAX_ANSWER:
            raise requests.RequestException("the answer is too large")
        response.raw = BytesIO(content)
        return response


class BoundedSession(OAuth2Session):
    """A session of requests that follows no redirects and refuses large answers.

    Raises requests.RequestException where there is no proper answer.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.max_redirects = 0
        for prefix in ("http://", "https://"):
            self.mount(prefix, _BoundedAdapter())

    def get_json(self, url: str, access_token: str | None = None) -> Any:
        """The JSON value behind a URL.

        Raises requests.RequestException, also if it is none or the status isn't 200.
        """
        headers = {} if access_token is None else {"Authorization": f"Bearer {access_token}"}
        answer = self.request("GET", url, withhold_token=True, headers=headers)
        if answer.status_code != 200:
            raise requests.RequestException(f"status {answer.status_code}")
        return answer.json()
