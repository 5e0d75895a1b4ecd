"""The media service out of the environment."""

import threading

from openslides_backend.embedded.media import MediaSettings, create_media_application
from openslides_backend.embedded.media_sweeping import sweep_for_ever
from openslides_backend.environment import Environment
from openslides_backend.serve.internal_door import InternalDoor, open_door
from openslides_backend.services.datastore_http import HttpDatastore
from openslides_backend.services.http import HttpPool
from openslides_backend.shared.internal_access import internal_headers


def create(environment: Environment) -> InternalDoor:
    """Files are kept in the data folder or in a bucket; the presenter says who may download them, the datastore which
    are left.
    """
    settings = MediaSettings(
        environment.data_folder / "media", environment.presenter_url, environment.auth_url, environment.media_bucket
    )
    application = create_media_application(settings, HttpPool())
    backstage = HttpPool(headers=internal_headers(environment.internal_password))
    datastore = HttpDatastore(backstage, environment.datastore_reader_url, environment.datastore_writer_url)
    arguments = (application.files, datastore, threading.Event())
    threading.Thread(target=sweep_for_ever, args=arguments, name="sweeping", daemon=True).start()
    return open_door(environment, application, has_public_routes=True)
