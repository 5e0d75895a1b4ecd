"""Projectors, and what they show (projector.md)."""
