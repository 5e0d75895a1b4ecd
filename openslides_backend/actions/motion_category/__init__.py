"""Categories of motions (motion_objects.md)."""
