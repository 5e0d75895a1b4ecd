"""Slows down the guessing of passwords."""

from dataclasses import dataclass, field

from openslides_backend.services.throttle import Limit, Throttle

# Somebody who guesses one password from one place is stopped quickly. The limits for a username from everywhere and for
# a place with all its users are wide and their delays short: an attacker must not be able to lock others out, nor must
# a hall of people behind one address lock out itself.
PAIR = Limit(free=5, longest=300.0)
USERNAME = Limit(free=50, longest=10.0)
ADDRESS = Limit(free=200, longest=10.0)


@dataclass(frozen=True, slots=True)
class LoginThrottle:
    """Counts failed logins per username and address, see Throttle."""

    throttle: Throttle = field(default_factory=Throttle)

    def begin(self, username: str, address: str) -> float:
        """Seconds to wait before a login may be tried; 0 means go on, and counts as failed until `succeeded`."""
        return self.throttle.begin(_limits(username, address))

    def succeeded(self, username: str, address: str) -> None:
        """The login that `begin` let through was good: forgive the username, and take back what the address got."""
        pair, name, place = _limits(username, address)
        self.throttle.forgive((pair, name))
        self.throttle.take_back((place,))

    def abandoned(self, username: str, address: str) -> None:
        """The login that `begin` let through could not be judged: it doesn't count."""
        self.throttle.take_back(_limits(username, address))


def _limits(username: str, address: str) -> dict[str, Limit]:
    return {f"pair {address} {username}": PAIR, f"username {username}": USERNAME, f"address {address}": ADDRESS}
