"""What the checker for complete data costs if somebody wants it to cost much."""

import time
import tracemalloc
from collections.abc import Callable

import pytest

from openslides_backend.transfer.checker import check_data
from openslides_backend.transfer.findings import LONGEST_KEPT, MOST_KEPT, CheckFailed
from openslides_backend.transfer.reception import receive
from tests.unit.transfer.complete_data import Data, errors, meeting, model, organization

MANY = 300_000


@pytest.mark.parametrize("letters", [30_000, 300_000])
def test_long_names_are_refused_at_once(letters: int) -> None:
    """The time would grow with the square of the length: half a minute, or an hour."""
    name = "a" * letters
    assert len(errors({**organization(), f"{name}1": {}})) == 1
    assert len(errors({**organization(), "user": {"1": {"id": 1, f"{name}A": 1}}})) == 1


@pytest.mark.parametrize("place", ["access_group_ids", "meeting_mediafile_ids"])
def test_what_many_files_inherit_is_bounded(place: str) -> None:
    data = meeting()
    many = list(range(1, 100_001))
    if place == "access_group_ids":
        data["meeting_mediafile"]["11"].update(access_group_ids=many, inherited_access_group_ids=many)
    else:
        data["mediafile"]["1"]["meeting_mediafile_ids"] = many
    for id_ in range(100, 300):
        file = {"owner_id": "meeting/1", "title": "File", "parent_id": 1, "meeting_mediafile_ids": [id_]}
        data["mediafile"][f"{id_}"] = model("mediafile", id_, **file)
        data["meeting_mediafile"][f"{id_}"] = model(
            "meeting_mediafile", id_, mediafile_id=id_, meeting_id=1, is_public=False
        )
    assert any("too many groups or places" in error for error in errors(data))


def test_long_lists_are_checked_in_time() -> None:
    count = 20_000
    data = organization()
    data["user"] = {
        str(id_): model("user", id_, username=str(id_), organization_id=1, committee_ids=[5])
        for id_ in range(1, count + 1)
    }
    data["organization"]["1"]["user_ids"] = list(range(1, count + 1))
    data["committee"]["5"]["user_ids"] = list(range(1, count + 1))
    before = time.process_time()
    assert errors(data) == []
    assert time.process_time() - before < 10


def with_strangers(data: Data) -> None:
    """A list names many users who aren't there."""
    data["committee"]["5"]["user_ids"] = list(range(1, MANY + 2))


def with_unknown_fields(data: Data) -> None:
    data["user"]["2"].update({f"field_{number}": number for number in range(MANY)})


def with_wrong_keys(data: Data) -> None:
    data["user"].update({f"x{number}": {} for number in range(MANY)})


def with_empty_models(data: Data) -> None:
    """Each lacks some fields."""
    data["topic"] = {str(number): {"id": number} for number in range(1, MANY // 3 + 1)}


@pytest.mark.parametrize("spoil", [with_strangers, with_unknown_fields, with_wrong_keys, with_empty_models])
def test_of_many_errors_only_the_first_are_kept(spoil: Callable[[Data], None]) -> None:
    data = organization()
    spoil(data)
    before = time.process_time()
    with pytest.raises(CheckFailed) as caught:
        check_data(data)
    assert time.process_time() - before < 20
    failure = caught.value
    assert len(failure.errors) == MOST_KEPT
    assert failure.more >= MANY - MOST_KEPT
    assert str(failure).endswith(f"\tand {failure.more} more errors")
    assert failure.summary().endswith(f"\tand {failure.more + MOST_KEPT - 50} more errors")


def test_many_errors_take_little_memory() -> None:
    data = meeting()
    data["motion"]["1"].update({f"field_{number}": number for number in range(MANY)})
    tracemalloc.start()
    errors(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


def test_long_errors_are_cut() -> None:
    data = organization()
    data["organization_tag"]["3"]["tagged_ids"] = ["x" * 1_000_000]
    assert all(len(error) <= LONGEST_KEPT + 3 for error in errors(data))


def test_ids_that_are_too_high_are_counted_as_well() -> None:
    ids = range(2**31, 2**31 + MANY)
    with pytest.raises(CheckFailed) as caught:
        receive({**meeting(), "topic": {str(id_): {"id": id_} for id_ in ids}})
    assert (len(caught.value.errors), caught.value.more) == (MOST_KEPT, MANY - MOST_KEPT)


@pytest.mark.parametrize("name", ["collection", "id"])
def test_long_names_are_not_told_with_each_field(name: str) -> None:
    """It would take minutes to write a megabyte for each of them."""
    collection, key = {"collection": ("a" * 1_000_000, "1"), "id": ("user", "1" * 1_000_000)}[name]
    fields = {"id": 1, **{f"F{number}": 1 for number in range(MANY)}}
    models = {key: fields} if name == "id" else {str(number): {"id": number} for number in range(1, MANY)}
    before = time.process_time()
    assert len(errors({**organization(), collection: models})) == 1
    assert time.process_time() - before < 10


def test_names_are_as_long_as_the_datastore_allows() -> None:
    names = {"id": 1, "a" * 128: 1, "a" * 129: 1}
    told = errors({**organization(), "z" * 32: {"2147483647": names}, "z" * 33: {}, "y": {"1" * 11: {}}})
    assert told == [
        f"{'z' * 32}/2147483647/{'a' * 129}: is no name of a field",
        f"{'z' * 33}: is no name of a collection",
        "y/11111111111: is no name of a model",
    ]


def test_long_texts_with_references_take_little_memory() -> None:
    data = meeting()
    data["motion"]["1"]["recommendation_extension"] = "[motion/1]" * 500_000
    tracemalloc.start()
    errors(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000
