"""The variables that the service understands."""

import inspect
import re

from openslides_backend import environment


def known_variables() -> set[str]:
    """The names that environment.py reads."""
    source = inspect.getsource(environment)
    names = set(re.findall(r'read(?:_secret)?\.?\w*\(\s*"([A-Z][A-Z0-9_]{3,})"', source))
    prefixes = set(re.findall(r'read\.url\("([A-Z_]+)"', source))
    services = {f"{prefix}_{part}" for prefix in prefixes for part in ("PROTOCOL", "HOST", "PORT", "PATH")}
    return (names - prefixes) | services
