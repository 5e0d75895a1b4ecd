"""The organization itself (organization.md)."""
