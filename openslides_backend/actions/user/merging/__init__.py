"""Merging accounts into one (user_merge.md)."""
