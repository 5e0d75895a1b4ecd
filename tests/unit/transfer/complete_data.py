"""What the tests of the checker share: data sets, and what is wrong with them."""

from typing import Any

from openslides_backend.models.fields import MISSING
from openslides_backend.models.migration import MIGRATION_INDEX
from openslides_backend.models.models import MODELS
from openslides_backend.transfer.checker import check_data
from openslides_backend.transfer.findings import CheckFailed

Data = dict[str, Any]


def model(collection: str, id_: int, **values: Any) -> dict[str, Any]:
    """A model with all of its defaults."""
    defaults = {
        name: field.default for name, field in MODELS[collection].fields.items() if field.default is not MISSING
    }
    return {**defaults, "id": id_, **values}


def organization() -> Data:
    """A consistent organization without meetings."""
    return {
        "_migration_index": MIGRATION_INDEX,
        "organization": {
            "1": model(
                "organization",
                1,
                theme_id=1,
                theme_ids=[1],
                user_ids=[1, 2],
                committee_ids=[5],
                organization_tag_ids=[3],
            )
        },
        "theme": {"1": model("theme", 1, name="Default", theme_for_organization_id=1, organization_id=1)},
        "user": {
            "1": model("user", 1, username="admin", organization_id=1, committee_ids=[5]),
            "2": model("user", 2, username="member", organization_id=1),
        },
        "committee": {
            "5": model("committee", 5, name="Board", organization_id=1, user_ids=[1], organization_tag_ids=[3])
        },
        "organization_tag": {
            "3": model(
                "organization_tag", 3, name="new", color="#00ff00", organization_id=1, tagged_ids=["committee/5"]
            )
        },
    }


def meeting() -> Data:
    """Two motions and files of a meeting whose groups, projectors and so on are missing: look at single places only."""
    required = MODELS["meeting"].fields.values()
    elsewhere = {field.name: [99] if field.name.endswith("_ids") else 99 for field in required if field.required}
    common = {"meeting_id": 1, "state_id": 1, "sequential_number": 1, "title": "Title", "list_of_speakers_id": 1}
    mediafile = {"owner_id": "meeting/1", "title": "File"}
    return {
        "_migration_index": MIGRATION_INDEX,
        "meeting": {
            "1": {
                **elsewhere,
                **model(
                    "meeting",
                    1,
                    motion_ids=[1, 2],
                    group_ids=[7, 8],
                    admin_group_id=7,
                    meeting_mediafile_ids=[11, 12],
                    mediafile_ids=[1, 2],
                    committee_id=5,
                ),
            }
        },
        "motion": {"1": model("motion", 1, **common), "2": model("motion", 2, **common)},
        "group": {
            "7": model("group", 7, name="Admins", meeting_id=1, admin_group_for_meeting_id=1),
            "8": model("group", 8, name="Members", meeting_id=1, meeting_mediafile_access_group_ids=[11]),
        },
        "mediafile": {
            "1": model("mediafile", 1, **mediafile, is_directory=True, child_ids=[2], meeting_mediafile_ids=[11]),
            "2": model("mediafile", 2, **mediafile, parent_id=1, meeting_mediafile_ids=[12]),
        },
        "meeting_mediafile": {
            "11": model(
                "meeting_mediafile",
                11,
                mediafile_id=1,
                meeting_id=1,
                is_public=False,
                access_group_ids=[8],
                inherited_access_group_ids=[8],
            ),
            "12": model(
                "meeting_mediafile",
                12,
                mediafile_id=2,
                meeting_id=1,
                is_public=False,
                inherited_access_group_ids=[8],
            ),
        },
    }


def errors(data: Data, **options: Any) -> list[str]:
    try:
        check_data(data, **options)
    except CheckFailed as failure:
        return list(failure.errors)
    return []


def errors_at(place: str, data: Data, **options: Any) -> list[str]:
    return [error for error in errors(data, **options) if error.startswith(f"{place}:")]
