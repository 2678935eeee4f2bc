"""A seeded sample of the campaign of flipped bits."""

from benchmarks.attack import flips


def test_no_flipped_bit_goes_unnoticed() -> None:
    found = flips.run(share=0.005, seed=1)
    assert found["flips"] > 500
    assert {key: count for key, count in found.items() if key.startswith("failed")} == {"failed_silent": 0, "failed_lost": 0}
