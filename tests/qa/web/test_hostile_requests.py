"""A seeded twelfth of the campaign of hostile requests; `python -m benchmarks attack --only requests` runs it whole."""

import random

from benchmarks.attack import requests

_HANG = 30  # seconds; every one of them takes a fraction of a second


def test_no_hostile_request_fails_the_page_or_stops_it_for_others(sample_page: str) -> None:
    found = requests.attack(int(sample_page.rsplit(":", 1)[1]), requests.hostile(random.Random(3), 44))
    assert (found["requests"], found["failed_statuses"]) == (44, 0), found
    assert found["slowest_s"] < _HANG and found["longest_wait_s"] < _HANG
    assert {400, 404, 413} <= set(found["statuses"])
