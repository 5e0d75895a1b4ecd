"""`python -m openslides_backend` starts the service."""

import sys

from openslides_backend.serve.main import main

sys.exit(main())
