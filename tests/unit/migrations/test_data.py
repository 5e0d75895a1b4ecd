"""Values of models are doubted, and nothing that is wrong gets further than the first that reads it."""

from collections.abc import Callable

import pytest

from openslides_backend.migrations.data import Data, MigrationFailed, Model
from openslides_backend.shared.fqid import MAX_ID

MOTION = {
    "id": 3,
    "text": "x",
    "null": None,
    "number": 5,
    "ids": [1, 2],
    "texts": ["a"],
    "fqid": "topic/4",
    "true": True,
    "large": MAX_ID + 1,
    "wrong_ids": [1, "2"],
    "object": {},
}


def motion() -> Model:
    return Model("motion", 3, dict(MOTION))


def test_what_is_right() -> None:
    model = motion()
    assert (model.fqid, model.text("text"), model.integer("number"), model.id_of("number")) == ("motion/3", "x", 5, 5)
    assert (model.ids("ids"), model.texts("texts"), model.target("fqid")) == ([1, 2], ["a"], ("topic", 4))


@pytest.mark.parametrize("name", ["null", "missing"])
def test_null_and_missing_are_the_same(name: str) -> None:
    model = motion()
    assert (model.text(name), model.integer(name), model.id_of(name), model.target(name)) == ("", None, None, None)
    assert (model.ids(name), model.texts(name)) == ([], [])
    model.default(name, 1)
    assert model.get(name) == 1


@pytest.mark.parametrize(
    ("read", "name"),
    [
        (Model.text, "number"),
        (Model.integer, "text"),
        (Model.integer, "true"),
        (Model.id_of, "true"),
        (Model.id_of, "large"),
        (Model.id_of, "ids"),
        (Model.ids, "wrong_ids"),
        (Model.ids, "text"),
        (Model.texts, "ids"),
        (Model.texts, "object"),
        (Model.target, "text"),
        (Model.target, "object"),
    ],
)
def test_what_is_wrong_is_named(read: Callable[[Model, str], object], name: str) -> None:
    with pytest.raises(MigrationFailed, match=rf"^motion/3/{name}: must be "):
        read(motion(), name)


def test_messages_are_short() -> None:
    assert len(str(motion().failure("x" * 10_000, "must be short"))) < 1000


def test_append_to_what_is_no_list() -> None:
    model = motion()
    model.append("ids", 9)
    model.append("null", 9)
    assert (model.get("ids"), model.get("null")) == ([1, 2, 9], [9])
    with pytest.raises(MigrationFailed, match="motion/3/text"):
        model.append("text", 9)


def test_new_models_get_free_ids() -> None:
    data = Data({"tag": {"7": {"id": 7}}})
    assert [data.create("tag", name="x").id for _ in range(2)] == [8, 9]
    assert data.create("topic").fields == {"id": 1}
    data.remove("tag", [8])
    assert [model.id for model in data.models("tag")] == [7, 9]
    assert data.find("tag", 8) is None
    assert data.find("tag", None) is None


def test_put_list_leaves_unset_what_is_empty() -> None:
    model = motion()
    model.put_list("new", [])
    model.put_list("ids", [])
    assert "new" not in model.fields
    assert model.get("ids") == []
