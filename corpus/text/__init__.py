"""Text as such: normalization, sentences."""
