"""What actions answer to those that carry them out."""

import pytest

from openslides_backend.engine.run import ids_of


def test_ids_of_new_models() -> None:
    assert ids_of([{"id": 3}, {"id": 4, "sequential_number": 1}]) == [3, 4]


def test_no_elements() -> None:
    assert ids_of([]) == []


@pytest.mark.parametrize("result", [None, {}, {"id": None}, {"id": "3"}])
def test_no_id_is_an_error_of_the_program(result: dict[str, object] | None) -> None:
    with pytest.raises(TypeError):
        ids_of([{"id": 3}, result])
