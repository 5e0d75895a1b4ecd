"""The datastore out of the environment."""

from openslides_backend.embedded.datastore.application import create_datastore_application
from openslides_backend.embedded.datastore.store import Store
from openslides_backend.environment import Environment
from openslides_backend.serve.internal_door import InternalDoor, open_door


def prepare(environment: Environment) -> None:
    """Make the tables; raises DatabaseFailure."""
    environment.data_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    Store(environment.datastore_database_url).close()


def create(environment: Environment) -> InternalDoor:
    """Reader and writer in one application."""
    datastore = create_datastore_application(
        environment.datastore_database_url, environment.development, environment.message_bus
    )
    return open_door(environment, datastore)
