"""What the checker for complete data costs if somebody wants it to cost much."""

import pytest

from tests.unit.transfer.test_checker import errors, meeting, model, organization


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
