"""The archive by machine."""
