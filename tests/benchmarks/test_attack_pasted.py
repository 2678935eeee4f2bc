"""A seeded sample of the campaign of two bulletins in one file."""

from benchmarks.attack import pasted


def test_no_bulletin_is_cited_under_the_masthead_of_the_one_above_it() -> None:
    found = pasted.run(share=0.2, seed=3)
    assert found["wrong"] == []
    assert found["refused"] == found["pairs"] == 26
