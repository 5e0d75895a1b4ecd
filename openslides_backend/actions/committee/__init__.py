"""Committees (committee.md)."""
