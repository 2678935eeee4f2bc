"""The library for programs: HTTP endpoints and tools of assistants."""
