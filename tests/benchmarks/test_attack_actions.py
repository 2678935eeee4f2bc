"""A seeded fiftieth of the campaign of actions during work; `python -m benchmarks attack --only actions` runs it whole."""

from benchmarks.attack import actions


def test_no_action_is_lost_without_a_word() -> None:
    found = actions.run(share=0.02, seed=1)
    assert found["done"] + found["refused"] == found["actions"] == 6
    assert found["failed_lost"] == found["failed_statuses"] == 0
