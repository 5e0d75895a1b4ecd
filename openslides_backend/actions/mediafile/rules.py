"""Who may change files (mediafile.md, "Permission of create_directory, upload, move, update, delete")."""

from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import Steps
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.questions import existing, has_permission
from openslides_backend.permissions.rules import (
    Inquiry,
    Rule,
    Verdict,
    all_of,
    in_meeting,
    logged_in,
    oml,
    rule,
    when_given,
)
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.fqid import split_fqid

manages_organization = oml(Level.CAN_MANAGE_ORGANIZATION)


def by_owner(organization: Rule) -> Rule:
    """Files of a meeting are managed there; `organization` says who may change those of the organization.

    The owner is the payload's `owner_id`, else that of the stored file.
    """

    @rule
    def judge(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
        if "owner_id" in element:
            collection, id_ = element.fqid("owner_id")
        else:
            file = yield from existing("mediafile", element.id("id"), "owner_id")
            collection, id_ = split_fqid(file["owner_id"])
        if collection == "meeting":
            if (yield from has_permission(inquiry.user_id, id_, Permissions.Mediafile.CAN_MANAGE)):
                return None
            return f"Missing permission in meeting {id_}: {Permissions.Mediafile.CAN_MANAGE}."
        if collection == "organization":
            return (yield from organization.judge(inquiry, element))
        raise BadRequest(f"Files can not belong to {collection}/{id_}.", field="owner_id")

    return judge


may_change_file = by_owner(
    all_of(
        logged_in,
        when_given(("title", "token"), manages_organization),
        when_given("meeting_id", in_meeting(Permissions.Mediafile.CAN_MANAGE)),
    )
)
"""For `mediafile.update`: what a published file of the organization means to a meeting is changed by the meeting."""
may_manage_files = by_owner(manages_organization)
"""For everything else."""
