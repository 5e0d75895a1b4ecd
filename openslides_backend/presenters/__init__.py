"""The questions that can be asked, registered by being imported."""
