"""Measurements of quality and speed, through the same code that users run. Nothing imports it."""
