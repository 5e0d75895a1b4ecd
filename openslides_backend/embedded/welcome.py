"""What a person is told when the stack is up: how to log in, and what to try."""

from http.client import HTTPException
from typing import Any

from openslides_backend.environment import Environment
from openslides_backend.serve.probe import post_json

_TIMEOUT = 5.0
_MOST_USERS = 10
_LEVELS = {"superadmin": 0, "can_manage_organization": 1, "can_manage_users": 2}


def welcome(environment: Environment, seconds: float) -> str:
    """The text; `seconds` is the time that the start took."""
    lines = [f"\nReady after {seconds:.2f} s; data in {environment.data_folder}; stop with Ctrl-C.", ""]
    if environment.development:
        users = _users(environment)
        if users:
            lines += ["Users you can log in as (username, password):", *_user_lines(users), "", *_examples(environment)]
    else:
        lines += [f"Log in as superadmin; the password is in {environment.superadmin_password_file}."]
    return "\n".join(lines)


def _users(environment: Environment) -> list[dict[str, Any]]:
    """Users whose password is known because it still is the default one, the mightiest first."""
    query = {
        "collection": "user",
        "mapped_fields": ["id", "username", "default_password", "organization_management_level", "is_active"],
    }
    try:
        status, users = post_json(f"{environment.datastore_reader_url}/get_all", query, {}, _TIMEOUT)
    except (OSError, HTTPException, ValueError):
        return []
    if status != 200:
        return []
    known = [user for user in users.values() if user.get("default_password") and user.get("is_active")]
    return sorted(known, key=lambda user: (_LEVELS.get(user.get("organization_management_level"), 3), user["id"]))


def _user_lines(users: list[dict[str, Any]]) -> list[str]:
    shown = [
        f"  {user['username']:<16} {user['default_password']:<16} {user.get('organization_management_level') or ''}"
        for user in users[:_MOST_USERS]
    ]
    return [line.rstrip() for line in shown]


def _examples(environment: Environment) -> list[str]:
    ports = (environment.action_port, environment.presenter_port, environment.auth_port)
    # One host for all three: the cookie that auth sets is sent to no other.
    action, presenter, auth = (f"http://localhost:{port}" for port in ports)
    whoami = '[{"presenter": "whoami"}]'
    tokens = '-b cookies -H "authentication: $TOKEN"'
    json_type = '-H "Content-Type: application/json"'
    login = '{"username": "superadmin", "password": "superadmin"}'
    create = '[{"action": "topic.create", "data": [{"meeting_id": 1, "title": "foo"}]}]'
    return [
        "Log in, then try it:",
        '  cd "$(mktemp -d)"',
        f"  curl -s -c cookies -D headers {auth}/system/auth/login {json_type} -d '{login}'",
        '  TOKEN=$(sed -n "s/^authentication: *//Ip" headers | tr -d "\\r")',
        f"  curl {action}/health",
        f"  curl {action} -X POST {tokens} {json_type} -d '{create}'",
        f"  curl {presenter} -X GET {tokens} {json_type} -d '{whoami}'",
    ]
