"""`python -m openslides_backend.embedded.health`, the health check of the image: asks what a container was started for.

Whatever command a container runs (docs/operations.md, "Processes") is found in the list of its processes.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from openslides_backend.embedded.supervisor import stack_services, stack_variables
from openslides_backend.environment import ConfigurationError, Environment
from openslides_backend.serve.probe import component_urls, is_healthy

_PACKAGE = "openslides_backend"
_TIMEOUT = 5.0


def running_command(processes: Path = Path("/proc")) -> tuple[str, ...]:
    """Module and arguments of the first process that was started as `python -m openslides_backend...`; else empty.

    The first one is that of the container, or of what its init started; all others are its children.
    """
    for process in sorted(int(entry.name) for entry in processes.iterdir() if entry.name.isdigit()):
        try:
            line = (processes / str(process) / "cmdline").read_bytes()
        except OSError:  # it has ended meanwhile
            continue
        _, *arguments = line.decode(errors="replace").rstrip("\0").split("\0")
        if "-m" in arguments[:-1]:
            module, *others = arguments[arguments.index("-m") + 1 :]
            if module in (_PACKAGE, f"{_PACKAGE}.embedded", f"{_PACKAGE}.embedded.servers"):
                return (module, *others)
    return ()


def health_urls(command: Sequence[str], variables: Mapping[str, str]) -> list[str]:
    """The health routes of all that a command with these variables serves; none for other commands.

    Raises ConfigurationError if a variable can't be used.
    """
    if not command:
        return []
    environment = Environment.from_mapping(variables, secrets=False)
    if command[0] == _PACKAGE:
        return list(component_urls(environment).values())
    whole_stack = command[0] == f"{_PACKAGE}.embedded"
    if not whole_stack:  # where others find the server is no matter, nor whether they are told that there is none
        variables = {name: value for name, value in variables.items() if name != "VOTE_HOST"}
    environment = Environment.from_mapping(stack_variables(variables, environment), secrets=False)
    services = stack_services(environment)
    return [url for service in services if whole_stack or service.name in command[1:] for url in service.health]


def main() -> int:
    """0 if all that this container serves is healthy."""
    try:
        urls = health_urls(running_command(), os.environ)
    except ConfigurationError as error:
        sys.stderr.write(f"openslides_backend: {error}\n")
        return 1
    return 0 if all(is_healthy(url, _TIMEOUT) for url in urls) else 1


if __name__ == "__main__":
    sys.exit(main())
