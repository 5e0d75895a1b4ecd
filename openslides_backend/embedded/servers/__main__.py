"""`python -m openslides_backend.embedded.servers NAME` starts one server: datastore, auth, media or vote."""

import os
import sys

from openslides_backend.embedded.local_folder import prepare_folder
from openslides_backend.embedded.servers import PUBLIC_SERVERS, SERVERS, run_embedded_server
from openslides_backend.environment import ConfigurationError, Environment
from openslides_backend.serve.addresses import check_ports_are_free
from openslides_backend.serve.internal_door import check_password_is_there
from openslides_backend.serve.logs import setup_logging
from openslides_backend.serve.processes import name_process

if len(sys.argv) != 2 or sys.argv[1] not in SERVERS:
    sys.stderr.write(f"Usage: python -m openslides_backend.embedded.servers {'|'.join(SERVERS)}\n")
    sys.exit(2)
name = sys.argv[1]
try:
    environment = Environment.from_mapping(os.environ, secrets=name in ("auth", "vote"), ballot_key=name == "vote")
    check_password_is_there(environment, has_public_routes=name in PUBLIC_SERVERS)
    check_ports_are_free(environment, (name,))
    prepare_folder(environment.data_folder)
except ConfigurationError as error:
    sys.stderr.write(f"openslides_backend: {error}\n")
    sys.exit(1)
setup_logging(name, environment.loglevel, environment.log_format)
name_process(name)
run_embedded_server(environment, name)
