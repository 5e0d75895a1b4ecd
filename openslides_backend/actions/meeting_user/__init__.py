"""Participants of meetings (meeting_user.md)."""
