"""Passages and a query -> ranked passages. Knows corpus/, not qa/."""
