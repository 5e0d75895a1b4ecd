"""Projectors and projections."""

import pytest

from openslides_backend.migrations.data import MigrationFailed
from tests.unit.migrations.steps import step


def test_users_are_no_longer_projected() -> None:
    after = step(
        37,
        {
            "user": [{"id": 1, "projection_$_ids": ["1"], "projection_$1_ids": [5]}],
            "projection": [{"id": 5, "content_object_id": "user/1"}, {"id": 6, "content_object_id": "topic/1"}],
            "meeting": [{"id": 1, "all_projection_ids": [5, 6]}],
            "projector": [{"id": 1, "current_projection_ids": [5], "history_projection_ids": [6]}],
        },
    )
    assert after == {
        "user": [{"id": 1}],
        "projection": [{"id": 6, "content_object_id": "topic/1"}],
        "meeting": [{"id": 1, "all_projection_ids": [6]}],
        "projector": [{"id": 1, "current_projection_ids": [], "history_projection_ids": [6]}],
    }


def test_no_default_projector_for_users() -> None:
    after = step(
        38,
        {
            "meeting": [
                {"id": 1, "default_projector_$_ids": ["user", "topics"], "default_projector_$user_ids": [1]},
                {"id": 2},
            ],
            "projector": [
                {
                    "id": 1,
                    "used_as_default_$_in_meeting_id": ["user"],
                    "used_as_default_$user_in_meeting_id": 1,
                    "used_as_default_$topics_in_meeting_id": 1,
                }
            ],
        },
    )
    assert after == {
        "meeting": [{"id": 1, "default_projector_$_ids": ["topics"]}, {"id": 2}],
        "projector": [{"id": 1, "used_as_default_$_in_meeting_id": [], "used_as_default_$topics_in_meeting_id": 1}],
    }


@pytest.mark.parametrize(
    ("color", "second"),
    [
        (None, "#134768"),
        ("#317796", "#134767"),
        ("#000000", "#000000"),
        ("#ffffff", "#ffffff"),
        ("#FF0080", "#ff0050"),
    ],
)
def test_second_chyron_color(color: str | None, second: str) -> None:
    fields = {"chyron_font_color": "#123456", "chyron_font_color_2": "#000000"}
    if color:
        fields["chyron_background_color"] = color
    (projector,) = step(53, {"projector": [{"id": 1, **fields}]})["projector"]
    assert (projector["chyron_font_color_2"], projector["chyron_background_color_2"]) == ("#123456", second)


@pytest.mark.parametrize("color", ["red", "#12345", "#12345g", 7])
def test_what_is_no_color(color: object) -> None:
    with pytest.raises(MigrationFailed, match="projector/1/chyron_background_color"):
        step(53, {"projector": [{"id": 1, "chyron_background_color": color}]})


def test_projections_name_what_they_show() -> None:
    after = step(
        76,
        {
            "meeting": [{"id": 1, "all_projection_ids": [1, 2, 3], "projection_ids": [1]}],
            "topic": [{"id": 4, "projection_ids": [2, 9]}],
            "projection": [{"id": 1, "content_object_id": "meeting/1"}, {"id": 2}, {"id": 3}],
            "projector": [{"id": 1, "current_projection_ids": [3, 2], "preview_projection_ids": [1]}],
        },
    )
    assert after == {
        "meeting": [{"id": 1, "all_projection_ids": [1, 2], "projection_ids": [1]}],
        "topic": [{"id": 4, "projection_ids": [2, 9]}],
        "projection": [{"id": 1, "content_object_id": "meeting/1"}, {"id": 2, "content_object_id": "topic/4"}],
        "projector": [{"id": 1, "current_projection_ids": [2], "preview_projection_ids": [1]}],
    }
