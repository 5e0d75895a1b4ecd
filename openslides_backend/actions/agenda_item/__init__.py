"""Items of the agenda (agenda_item.md)."""
