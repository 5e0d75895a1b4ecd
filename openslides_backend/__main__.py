"""`python -m openslides_backend` starts the service, with `migrate` behind it migrates the stored data only."""

import os
import sys

from openslides_backend.serve.main import main
from openslides_backend.serve.migrating import migrate_by_command

_USAGE = "usage: python -m openslides_backend [migrate]\n"

match sys.argv[1:]:
    case []:
        code = main()
    case ["migrate"]:
        code = migrate_by_command(os.environ)
    case _:
        sys.stderr.write(_USAGE)
        code = 2
sys.exit(code)
