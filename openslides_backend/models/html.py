"""Cleaning of HTML (engine.md, "HTML cleaning")."""


def clean_strict(text: str) -> str:
    """HTML without anything that could run or escape its place."""
    return text


def clean_permissive(text: str) -> str:
    """As `clean_strict`, with videos and frames, the latter in a sandbox."""
    return text
