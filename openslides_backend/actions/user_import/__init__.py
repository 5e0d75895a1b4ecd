"""Imports of accounts and of participants (account_import.md, participant_import.md).

What both have in common: `columns`; whom a row means (`matching`, with `usernames` for those who are new); the checks
of a row (`checks`); who may set what (`rights`); the second check and what becomes of the values (`execution`). On top
stand the actions, in `account` and `participant`; `participation` is what participants have and accounts haven't.
"""
