"""Pending changes of one model."""

from hypothesis import given
from hypothesis import strategies as st

from openslides_backend.engine.changes import ModelChange
from openslides_backend.services.datastore import CreateEvent, DeleteEvent, UpdateEvent


def test_created_model_is_one_event_without_unset_fields() -> None:
    change = ModelChange("topic/1", created=True)
    change.assign({"id": 1, "title": "x", "text": None})
    change.add_to("tag_ids", 3)
    change.add_to("tag_ids", 4)
    change.remove_from("tag_ids", 3)
    assert change.events() == [CreateEvent("topic/1", {"id": 1, "title": "x", "tag_ids": [4]})]


class _Counted:
    """A value that counts how often it is compared with others."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        _Counted.compared += 1
        return self is other

    def __hash__(self) -> int:
        return id(self)


def test_long_lists_of_created_models_are_not_searched() -> None:
    """Ten thousand people who are imported into a new group."""
    values = [_Counted() for _ in range(1000)]
    change = ModelChange("group/1", created=True)
    for value in [*values, *values]:
        change.add_to("meeting_user_ids", value)
    assert change.fields["meeting_user_ids"] == values
    assert _Counted.compared <= 3 * len(values)


def test_lists_that_others_have_got_stay_as_they_are() -> None:
    change = ModelChange("group/1", created=True)
    change.add_to("meeting_user_ids", 1)
    before = change.value("meeting_user_ids", None)
    change.add_to("meeting_user_ids", 2)
    change.remove_from("meeting_user_ids", 1)
    change.add_to("meeting_user_ids", 1)
    assert (before, change.fields["meeting_user_ids"]) == ([1], [2, 1])


def test_created_and_deleted_model_leaves_no_trace() -> None:
    assert ModelChange("topic/1", created=True, deleted=True, fields={"id": 1}).events() == []


def test_differences_are_kept_as_such() -> None:
    change = ModelChange("meeting/1")
    change.add_to("topic_ids", 7)
    change.remove_from("topic_ids", 8)
    assert change.events() == [UpdateEvent("meeting/1", {}, {"topic_ids": [7]}, {"topic_ids": [8]})]


def test_whole_value_replaces_differences() -> None:
    change = ModelChange("meeting/1")
    change.add_to("topic_ids", 7)
    change.assign({"topic_ids": [1]})
    change.add_to("topic_ids", 2)
    assert change.events() == [UpdateEvent("meeting/1", {"topic_ids": [1, 2]})]


def test_update_comes_before_delete() -> None:
    change = ModelChange("topic/1")
    change.assign({"title": "y"})
    change.deleted = True
    assert change.events() == [UpdateEvent("topic/1", {"title": "y"}), DeleteEvent("topic/1")]


def test_nothing_changed_is_no_event() -> None:
    change = ModelChange("topic/1")
    change.add_to("tag_ids", 1)
    change.remove_from("tag_ids", 1)
    change.add_to("poll_ids", 1)
    change.remove["poll_ids"] = {}
    assert change.touches("tag_ids")
    assert change.value("tag_ids", [1, 2]) == [2]
    assert change.value("other_ids", None) is None


def test_removing_from_an_unset_list_leaves_it_unset() -> None:
    change = ModelChange("topic/1")
    change.remove_from("tag_ids", 1)
    assert change.value("tag_ids", None) is None


_OPERATIONS = st.lists(st.tuples(st.sampled_from(["add", "remove"]), st.integers(1, 5)), max_size=12)


@given(st.one_of(st.none(), st.lists(st.integers(1, 5), unique=True)), _OPERATIONS)
def test_value_is_what_doing_one_after_the_other_gives(
    stored: list[int] | None, operations: list[tuple[str, int]]
) -> None:
    change = ModelChange("topic/1")
    expected = set(stored or ())
    for kind, value in operations:
        if kind == "add":
            change.add_to("tag_ids", value)
            expected.add(value)
        else:
            change.remove_from("tag_ids", value)
            expected.discard(value)
    value = change.value("tag_ids", stored)
    assert set(value or ()) == expected
    assert len(value or ()) == len(expected)
