"""Speakers in lists of speakers (speaker.md)."""
