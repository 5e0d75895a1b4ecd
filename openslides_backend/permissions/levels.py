"""The organization management levels of users (permissions.md, "Vocabulary")."""

from enum import IntEnum


class Level(IntEnum):
    """A level includes the lower ones: compare with `>=`."""

    NONE = 0
    CAN_MANAGE_USERS = 1
    CAN_MANAGE_ORGANIZATION = 2
    SUPERADMIN = 3

    @classmethod
    def of(cls, stored: object) -> "Level":
        """The level that `user.organization_management_level` names; unset and unknown values are none."""
        return _BY_TEXT.get(stored, cls.NONE) if isinstance(stored, str) else cls.NONE

    @property
    def text(self) -> str:
        """The value as it is stored, e.g. `can_manage_users`; empty for none."""
        return self.name.lower() if self else ""


_BY_TEXT = {level.text: level for level in Level if level}
