"""Bodies of requests to services in one piece, for servers that run in the same process."""

from openslides_backend.services.transport import HttpRequest


def whole_body(request: HttpRequest) -> bytes:
    """The body; of one that is sent in slices the announced length must be right."""
    body = request.body
    if isinstance(body, bytes):
        return body
    joined = b"".join(body)
    assert len(joined) == len(body)
    return joined
