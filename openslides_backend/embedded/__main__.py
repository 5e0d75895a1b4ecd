"""`python -m openslides_backend.embedded` starts the whole stack on this machine."""

import os
import sys

from openslides_backend.embedded.supervisor import run_stack
from openslides_backend.environment import ConfigurationError

try:
    code = run_stack(os.environ)
except ConfigurationError as error:
    sys.stderr.write(f"openslides_backend: {error}\n")
    code = 1
sys.exit(code)
