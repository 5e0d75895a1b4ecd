"""The media service out of the environment."""

from openslides_backend.embedded.media import MediaSettings, create_media_application
from openslides_backend.environment import Environment
from openslides_backend.serve.internal_door import InternalDoor, open_door
from openslides_backend.services.http import HttpPool


def create(environment: Environment) -> InternalDoor:
    """Files are kept in the data folder; the presenter says who may download them."""
    settings = MediaSettings(environment.data_folder / "media", environment.presenter_url, environment.auth_url)
    return open_door(environment, create_media_application(settings, HttpPool()), has_public_routes=True)
