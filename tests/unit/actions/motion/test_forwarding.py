"""What forwarded motions are called, and in which order they come (motion_forwarding.md)."""

import pytest

from openslides_backend.actions.motion.forwarding_names import full_name
from openslides_backend.actions.motion.forwarding_tree import Copy, Forest
from openslides_backend.shared.record import Record
from openslides_backend.shared.typing import Fields


@pytest.mark.parametrize(
    ("user", "levels", "expected"),
    [
        (
            {"title": "Worship", "first_name": "the", "last_name": "administrator", "pronoun": "he"},
            ["is", "very", "good"],
            "Worship the administrator (he · is, very, good)",
        ),
        ({"first_name": "King", "pronoun": "Kong"}, ["very"], "King (Kong · very)"),
        ({"last_name": "Good"}, ["good"], "Good (good)"),
        ({"title": "He is", "pronoun": "he"}, ["is", "good"], "He is User 2 (he · is, good)"),
        ({"first_name": " Ann ", "last_name": "", "pronoun": ""}, [], "Ann"),
        ({"title": "", "first_name": None}, [], "User 2"),
    ],
)
def test_names(user: Fields, levels: list[str], expected: str) -> None:
    assert full_name({"id": 2, **user}, levels) == expected


def copy(id_: int, *amendments: Copy) -> Copy:
    """The copy of a motion with this id."""
    element = {"id": id_, "meeting_id": 1}
    return Copy(element, Record({"id": id_}), root=0, takes_amendments=True, marks=False, amendments=list(amendments))


def ids(copies: list[Copy]) -> list[int]:
    return [one.id for one in copies]


class TestForest:
    forest = Forest([copy(1, copy(2, copy(3), copy(4)), copy(5)), copy(6, copy(7))])

    def test_motions_first(self) -> None:
        assert ids(list(self.forest)) == [1, 2, 3, 4, 5, 6, 7]

    def test_amendments_first(self) -> None:
        assert ids(self.forest.amendments_first()) == [3, 4, 2, 5, 1, 7, 6]

    def test_groups(self) -> None:
        assert [ids(group) for group in self.forest.groups()] == [[1, 6], [2, 5], [3, 4], [7]]

    def test_long_chain(self) -> None:
        chain = copy(1)
        for id_ in range(2, 5_000):
            chain = copy(id_, chain)
        assert len(list(Forest([chain]))) == len(Forest([chain]).amendments_first()) == 4_999
