"""What the elements of actions may hold if no payload is declared."""

import pytest

from openslides_backend.actions.tag import TagCreate, TagDelete
from openslides_backend.shared.exceptions import PayloadError


def test_without_payload_an_element_is_an_id() -> None:
    assert TagDelete.payload.clean({"id": 1}) == {"id": 1}
    with pytest.raises(PayloadError, match="id"):
        TagDelete.payload.clean({})
    with pytest.raises(PayloadError, match="name"):
        TagDelete.payload.clean({"id": 1, "name": "x"})


def test_a_declared_payload_stays() -> None:
    assert TagCreate.payload.clean({"meeting_id": 1, "name": "x"}) == {"meeting_id": 1, "name": "x"}
