"""A sample of the campaign of texts: its figures, and that none of the texts stops the parser."""

import random

from benchmarks.attack import texts


def test_random_structures_of_lines_are_read() -> None:
    figures = texts.parse_texts(30, size=6_000, seed=1)
    assert figures["texts"] == 30
    # A hundred times what a line takes: the square of 6,000 bytes would be above it at once.
    assert figures["slowest_seconds"] < 2.4


def test_the_same_seed_makes_the_same_texts() -> None:
    one, other = (texts.make_text(random.Random(5), 4_000) for _ in range(2))
    assert one == other
    assert 3_000 < len(one[1].encode()) < 6_000
