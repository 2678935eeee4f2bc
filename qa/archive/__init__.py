"""Browsing and searching the library."""
