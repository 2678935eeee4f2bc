"""The files of a library, what a user edits about them, duplicates."""
