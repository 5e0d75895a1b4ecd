"""Accounts (user.md, user_permissions.md, user_passwords_and_mail.md)."""
