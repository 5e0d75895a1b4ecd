"""Creates and updates the accounts of those who log in, through the action that is made for it (user.md)."""

import base64
import logging
from collections.abc import Mapping
from typing import Any

import requests

from openslides_backend.embedded.auth.single_sign_on.bounded_session import BoundedSession
from openslides_backend.shared.exceptions import AuthenticationFailed, ServiceError

logger = logging.getLogger(__name__)

_ACTION = "user.save_saml_account"


class AccountSaving:
    """Calls `user.save_saml_account` over the internal route of the action component at `url`, its base URL."""

    def __init__(self, url: str, password: str) -> None:
        self._url = f"{url}/internal/handle_request"
        self._headers = {"Authorization": base64.b64encode(password.encode()).decode()}

    def save(self, attributes: Mapping[str, Any]) -> int:
        """The id of the user whom the attributes describe, by the mapping of the organization.

        Raises AuthenticationFailed if they make no account, ServiceError if the action component fails.
        """
        with BoundedSession() as session:
            session.trust_env = False  # neither a proxy nor a password out of .netrc
            try:
                answer = session.request(
                    "POST",
                    self._url,
                    withhold_token=True,
                    json=[{"action": _ACTION, "data": [dict(attributes)]}],
                    headers=self._headers,
                )
                body = answer.json()
            except (requests.RequestException, ValueError) as error:
                raise _failed(type(error).__name__) from error
        if answer.status_code == 400:
            logger.warning("single sign-on: no account is made: %s", body.get("message"))
            raise AuthenticationFailed("There can be no account for this login. Please contact your administrator.")
        try:
            return int(body["results"][0][0]["user_id"])
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise _failed(f"status {answer.status_code}") from error


def _failed(reason: str) -> ServiceError:
    logger.warning("the action component does not answer properly: %s", reason)
    return ServiceError("The action component does not answer properly.")
