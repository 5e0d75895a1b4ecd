"""Declaring models."""

import pytest

from openslides_backend.models.base import Model
from openslides_backend.models.fields import NumberField, RelationField, RelationListField, StringField
from openslides_backend.models.models import MODELS


class FruitModel(Model):
    registry = {}


class Tree(FruitModel):
    collection = "tree"
    id = NumberField(required=True)
    fruit_ids = RelationListField(to="fruit.tree_id")
    height = NumberField()


class Fruit(FruitModel):
    collection = "fruit"
    id = NumberField(required=True)
    yes = StringField()
    from_ = StringField(name="from")
    tree_id = RelationField(to="tree.fruit_ids")
    height_id = RelationField(to="tree.height")


def test_fields_know_their_place() -> None:
    assert list(Fruit.fields) == ["id", "yes", "from", "tree_id", "height_id"]
    assert (Fruit.from_.collection, Fruit.from_.name) == ("fruit", "from")
    assert repr(Fruit.yes) == "<StringField fruit.yes>"


def test_relations_find_their_other_side() -> None:
    assert Fruit.tree_id.reverse("tree") is Tree.fruit_ids
    assert Tree.fruit_ids.reverse("fruit") is Fruit.tree_id
    assert Fruit.tree_id.target == "tree"


def test_a_relation_has_no_other_side_elsewhere() -> None:
    with pytest.raises(KeyError):
        Fruit.tree_id.reverse("fruit")


def test_the_other_side_must_be_a_relation() -> None:
    with pytest.raises(TypeError, match=r"NumberField tree\.height"):
        Fruit.height_id.reverse("tree")


def test_models_of_an_own_registry_stay_there() -> None:
    assert set(FruitModel.registry) == {"tree", "fruit"}
    assert "fruit" not in MODELS


def test_a_collection_has_one_model() -> None:
    with pytest.raises(ValueError, match="two models for 'fruit'"):
        type("Again", (FruitModel,), {"collection": "fruit"})
