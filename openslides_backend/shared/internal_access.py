"""How those who may call internal services prove it: the internal password, in a header of its own.

`Authorization` would be in the way of the password-reset tokens that travel in it (auth.md).
"""

import base64

HEADER = "Internal-Authorization"


def internal_headers(password: str | None) -> dict[str, str]:
    """The headers that show the password (`INTERNAL_AUTH_PASSWORD_FILE`); none without one.

    It travels as base64, as on the internal routes of the action component (http.md, "Credentials").
    """
    return {} if password is None else {HEADER: base64.b64encode(password.encode()).decode("ascii")}
