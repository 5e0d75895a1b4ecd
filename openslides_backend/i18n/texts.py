"""English texts of mails that are not a setting of a meeting or of the organization."""

RESET_MAIL_SUBJECT = "Reset your OpenSlides password"
"""Subject of the mail of `user.forget_password`; `: ` and the username follow."""

RESET_MAIL_BODY = """A new password was requested for your OpenSlides account.

Use this link to choose one:

{url}

The link is valid for 10 minutes. If you did not request a new password, please ignore this email."""
"""Body of the mail of `user.forget_password`; the placeholder `{url}` is kept by all translations."""
