"""Workflows of motions (motion_workflow.md)."""
