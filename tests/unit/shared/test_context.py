"""Confirming who asks."""

import pytest

from openslides_backend.shared.context import Confirmation, RequestContext
from openslides_backend.shared.exceptions import AuthenticationFailed, BadRequest
from openslides_backend.shared.pending import Pending


def refuse() -> None:
    raise AuthenticationFailed("The session has ended.")


def test_without_doubt() -> None:
    context = RequestContext(1)
    context.confirm()


def test_asked_once() -> None:
    asked = []
    context = RequestContext(1, confirmation=Confirmation(Pending(lambda: asked.append(1))))
    context.confirm()
    context.confirm()
    assert asked == [1]


def test_a_refusal_is_not_forgotten() -> None:
    context = RequestContext(1, confirmation=Confirmation(Pending(refuse)))
    for _ in range(2):
        with pytest.raises(AuthenticationFailed):
            context.confirm()


def test_other_errors_are_not_told_to_the_unconfirmed() -> None:
    with (
        pytest.raises(AuthenticationFailed),
        RequestContext(1, confirmation=Confirmation(Pending(refuse))).confirming(),
    ):
        raise BadRequest("secret")


def test_an_unexpected_fault_is_no_confirmation() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    context = RequestContext(1, confirmation=Confirmation(Pending(fail)))
    with pytest.raises(ZeroDivisionError):
        context.confirm()
