"""Files and directories of meetings and of the organization (mediafile.md)."""
