"""Who may see a file in a meeting (mediafile.md, "Inheritance")."""

from collections.abc import Sequence

from openslides_backend.shared.typing import ReadOnlyFields


def inherit_access(
    access_group_ids: Sequence[int] | None,
    parent_is_public: bool | None,
    parent_inherited_group_ids: Sequence[int] | None,
) -> tuple[bool, list[int]]:
    """`is_public` and `inherited_access_group_ids` of a file, from its own access groups and the values of its parent.

    The parent's are None where there is no parent. No groups and not public means nobody, no groups and public
    everybody who may see files at all.
    """
    own, inherited = list(access_group_ids or ()), list(parent_inherited_group_ids or ())
    if own and inherited:
        allowed = frozenset(inherited)
        return False, [group for group in own if group in allowed]
    if own:
        return False, [] if parent_is_public is False else own
    if inherited:
        return False, inherited
    return parent_is_public is not False, []


def implicit_values(admin_group_id: int | None) -> tuple[bool, list[int]]:
    """`is_public` and `inherited_access_group_ids` of a file that means nothing to the meeting yet: for admins only."""
    return False, [] if admin_group_id is None else [admin_group_id]


def parent_values(
    link: ReadOnlyFields | None, parent_id: int | None, admin_group_id: int | None
) -> tuple[bool | None, list[int] | None]:
    """`is_public` and `inherited_access_group_ids` of a parent, given what it means to the meeting.

    Without a parent both are unknown.
    """
    if parent_id is None:
        return None, None
    if link is None:
        return implicit_values(admin_group_id)
    return link.get("is_public"), list(link.get("inherited_access_group_ids") or ())
