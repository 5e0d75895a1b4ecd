"""The generated models and permissions as the service sees them."""

import pytest

from openslides_backend.models.fields import MISSING, FieldError, OnDelete, RelationField
from openslides_backend.models.models import MODELS, Meeting, MotionState, Option, Projection, Tag, Topic, User
from openslides_backend.permissions.permissions import ANONYMOUS_PERMISSIONS, Permissions, implied_by

RELATIONS = [field for model in MODELS.values() for field in model.fields.values() if isinstance(field, RelationField)]


def test_all_collections_are_there() -> None:
    assert len(MODELS) == 49
    assert MODELS["topic"] is Topic
    assert all(model.collection == collection for collection, model in MODELS.items())


@pytest.mark.parametrize("field", RELATIONS, ids=repr)
def test_relations_point_to_each_other(field: RelationField) -> None:
    for collection in field.targets:
        reverse = field.reverse(collection)
        assert reverse.targets[field.collection] == field.name


def test_every_model_has_an_id() -> None:
    for model in MODELS.values():
        assert model.fields["id"].required
        with pytest.raises(FieldError):
            model.fields["id"].clean(0)


def test_defaults_may_be_stored() -> None:
    for model in MODELS.values():
        for field in model.fields.values():
            if field.default is not MISSING:
                field.check(field.default)


def test_some_facts() -> None:
    assert Topic.fields["title"].required
    assert Topic.list_of_speakers_id.on_delete is OnDelete.CASCADE
    assert Tag.tagged_ids.targets == {"agenda_item": "tag_ids", "assignment": "tag_ids", "motion": "tag_ids"}
    assert set(Option.fields) >= {"yes", "no", "abstain"}
    assert MotionState.next_state_ids.equal_fields == ("meeting_id", "workflow_id")
    assert Projection.content.calculated
    assert Meeting.name.max_length == 100
    assert Meeting.users_email_body.default.splitlines()[-1] == "This email was generated automatically."
    assert User.saml_id.min_length == 1


def test_permissions_imply_one_another() -> None:
    assert Permissions.Tag.CAN_MANAGE.value == "tag.can_manage"
    assert implied_by("tag.can_manage") == {"tag.can_manage"}
    assert implied_by(Permissions.User.CAN_SEE_SENSITIVE_DATA) == {
        "user.can_see_sensitive_data",
        "user.can_update",
        "user.can_manage",
    }
    assert implied_by("agenda_item.can_see") == {
        "agenda_item.can_see",
        "agenda_item.can_see_internal",
        "agenda_item.can_manage",
    }


def test_unknown_permissions_are_a_mistake() -> None:
    with pytest.raises(KeyError):
        implied_by("tag.can_fly")


def test_permissions_of_the_anonymous() -> None:
    assert len(ANONYMOUS_PERMISSIONS) == 16
    assert "user.can_see_sensitive_data" in ANONYMOUS_PERMISSIONS
    assert "motion.can_see_origin" not in ANONYMOUS_PERMISSIONS
