"""The datastore out of the environment."""

from openslides_backend.embedded.datastore.application import DatastoreApplication, create_datastore_application
from openslides_backend.environment import Environment


def create(environment: Environment) -> DatastoreApplication:
    """Reader and writer in one application."""
    environment.data_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return create_datastore_application(
        environment.datastore_database_url, environment.development, environment.message_bus
    )
