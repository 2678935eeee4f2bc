"""A question -> an answer made of quotes. Knows index/ and corpus/."""
