"""Motions (motion.md)."""
