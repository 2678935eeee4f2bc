"""A seeded sample of the campaign of decoys: titles that name another region than their article's."""

from benchmarks.attack import decoys


def test_a_decoy_in_a_title_is_outvoted_and_genuine_titles_keep_their_regions() -> None:
    found = decoys.run(share=0.25, seed=7)
    assert found["wrong"] == {"decoys": [], "genuine": []}
    assert found["decoys_right"] >= 0.9 * found["decoys"] and found["genuine_right"] >= 0.95 * found["genuine"]
