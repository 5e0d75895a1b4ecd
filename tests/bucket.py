"""A server in this process that speaks the protocol of S3, and holds what it is given until it ends."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from moto.server import ThreadedMotoServer

from openslides_backend.embedded.media_bucket import connect
from openslides_backend.environment import BucketSettings

CREDENTIALS: Mapping[str, str] = {"AWS_ACCESS_KEY_ID": "tester", "AWS_SECRET_ACCESS_KEY": "tested"}
REGION: Final = "eu-central-1"


@contextmanager
def bucket_server() -> Iterator[str]:
    """The URL of a running server."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def new_bucket(endpoint: str, prefix: str = "") -> BucketSettings:
    """A bucket that nobody else uses; the credentials must be in the environment."""
    settings = BucketSettings(f"bucket-{secrets.token_hex(8)}", prefix, endpoint, REGION)
    connect(settings).create_bucket(Bucket=settings.name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return settings
