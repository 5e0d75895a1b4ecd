"""Groups of participants (group.md)."""
