"""Errors of the vote service by their types (vote_service.md, "Errors")."""


class VoteError(Exception):
    """Base of what is answered in the error form of the vote service; the message never quotes a ballot."""

    type = "internal"
    status = 500

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Invalid(VoteError):
    """Query, body or value can't be used, or the poll is analog."""

    type, status = "invalid", 400


class NotExist(VoteError):
    """The poll is not in the datastore, or not known here."""

    type, status = "not-exist", 400


class NotAllowed(VoteError):
    """This user may not cast this ballot."""

    type, status = "not-allowed", 400


class Anonymous(NotAllowed):
    """Nobody is logged in."""

    status = 401


class DevelopmentOnly(NotAllowed):
    """The route can be called in development mode only."""

    status = 403


class Stopped(VoteError):
    """The poll takes no ballots any more."""

    type, status = "stopped", 400


class DoubleVote(VoteError):
    """The vote of the represented user was cast before."""

    type, status = "double-vote", 400


class BadCredentials(VoteError):
    """The credentials are bad or expired, or their session has ended."""

    type, status = "auth", 400


class Internal(VoteError):
    """Datastore, database or auth service fail; the message is for internal routes only."""
