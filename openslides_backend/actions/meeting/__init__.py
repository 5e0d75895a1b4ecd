"""Meetings (meeting.md, meeting_create.md)."""
