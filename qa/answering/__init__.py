"""A question and its passages -> an answer."""
