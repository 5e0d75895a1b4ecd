"""Names that were misspelt or began with a number are mended."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    data.rename_field("user", "last_email_send", "last_email_sent")
    for kind in ("motion_poll", "assignment_poll", "poll"):
        data.rename_field("meeting", f"{kind}_default_100_percent_base", f"{kind}_default_onehundred_percent_base")
