"""`python -m openslides_backend.embedded.backend` starts the permission service along with action and presenter.

They are made of the same code, which is loaded once, and share its memory.
"""

import os
import sys

from openslides_backend.serve.main import main

sys.exit(main(os.environ, "permission"))
