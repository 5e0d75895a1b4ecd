"""Single sign-on as it is configured: by variables, on a stack of real processes."""

import requests

from dev.stack import Stack
from tests.integration.services.oidc_provider import CLIENT_ID, CLIENT_SECRET, REDIRECT_URL, OidcProvider

TIMEOUT = 30
SETTINGS = {"saml_enabled": True, "saml_attr_mapping": {"saml_id": "sub", "email": "email"}}


def test_somebody_logs_in_and_the_provider_logs_him_out() -> None:
    with OidcProvider() as provider, stack_with(provider) as stack, requests.Session() as browser:
        request = {"user_id": 1, "information": {}, "locked_fields": {}}
        event = {"type": "update", "fqid": "organization/1", "fields": SETTINGS}
        written = requests.post(
            f"{stack.writer_url}/write",
            json={**request, "events": [event]},
            headers=stack.internal_headers,
            timeout=TIMEOUT,
        )
        assert written.status_code == 201
        begun = browser.get(f"{stack.auth_url}/system/auth/oidc/login", allow_redirects=False, timeout=TIMEOUT)
        back = requests.get(begun.headers["Location"], allow_redirects=False, timeout=TIMEOUT).headers["Location"]
        callback = back.replace("http://localhost", stack.auth_url, 1)
        assert browser.get(callback, allow_redirects=False, timeout=TIMEOUT).status_code == 303
        who_am_i = f"{stack.auth_url}/system/auth/who-am-i"
        header = {"authentication": browser.post(who_am_i, timeout=TIMEOUT).headers["authentication"]}
        payload = [{"action": "user.update_self", "data": [{"pronoun": "she"}]}]
        changed = browser.post(stack.action_url, json=payload, headers=header, timeout=TIMEOUT)
        assert changed.status_code == 200, changed.text
        token = {"logout_token": provider.logout_token()}
        logout = requests.post(f"{stack.auth_url}/system/auth/oidc/backchannel-logout", data=token, timeout=TIMEOUT)
        assert logout.status_code == 200
        assert browser.post(stack.action_url, json=payload, headers=header, timeout=TIMEOUT).status_code == 403
        assert "authentication" not in browser.post(who_am_i, timeout=TIMEOUT).headers
        assert CLIENT_SECRET not in stack.log


def stack_with(provider: OidcProvider) -> Stack:
    stack = Stack(
        {
            "OPENSLIDES_BACKEND_CREATE_INITIAL_DATA": "1",
            "OIDC_ISSUER": provider.issuer,
            "OIDC_CLIENT_ID": CLIENT_ID,
            "OIDC_REDIRECT_URL": REDIRECT_URL,
        }
    )
    secret = stack.folder / "oidc_secret"
    secret.write_text(f"{CLIENT_SECRET}\n")
    stack.variables["OIDC_CLIENT_SECRET_FILE"] = str(secret)
    return stack
