import pytest

from openslides_backend.shared.request_id import current_request_id, handling_request, request_id_of


@pytest.mark.parametrize("sent", ["a", "0190f3c2-7d1e-7c4a-9f55-5b7f2d3c9a10", "proxy_1.42", "x" * 64])
def test_ids_of_clients_are_taken(sent: str) -> None:
    assert request_id_of(sent) == sent


@pytest.mark.parametrize("sent", [None, "", "x" * 65, "a b", "a\nb", "a\n", "é", "٣", "user=1"])
def test_what_is_no_id_is_replaced_by_a_new_one(sent: str | None) -> None:
    first, second = request_id_of(sent), request_id_of(sent)
    assert first not in (sent, second)
    assert request_id_of(first) == first


def test_the_id_is_known_while_the_request_is_handled() -> None:
    assert current_request_id() is None
    with handling_request("outer"):
        with handling_request("inner"):
            assert current_request_id() == "inner"
        assert current_request_id() == "outer"
    assert current_request_id() is None
