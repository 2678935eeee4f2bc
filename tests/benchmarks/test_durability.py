"""A seeded twentieth of the durability campaigns; `python -m benchmarks durability` runs them whole."""

import os

import pytest

from benchmarks import durability
from benchmarks.durability import Bench


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """One library for all campaigns, each of which leaves it as it was, as in the campaigns in full."""
    return Bench(tmp_path_factory.mktemp("durability"), max_workers=1)


@pytest.mark.skipif(os.name != "posix", reason="kills by signal")
def test_killed_at_any_moment_the_old_or_the_new_generation_serves(bench: Bench) -> None:
    found = durability.kills(bench, 10)
    assert found["whole"] == found["tries"] == 10
    assert found["killed_at_work"] > 0


def test_a_disk_that_fails_at_any_write_costs_nothing(bench: Bench) -> None:
    found = durability.failing_disk(bench, 0.2)
    assert found["tries"] >= 10
    assert found["told"] == found["whole"] == found["tries"]


def test_every_damage_is_found_out(bench: Bench) -> None:
    assert durability.damage(bench, 50) == {"tries": 50, "detected": 50}


def test_of_two_builders_one_waits_and_says_so(bench: Bench) -> None:
    assert durability.rivals(bench) == {"builders": 2, "built": 1, "waited_and_said_so": 1, "whole": 1}


def test_a_closed_folder_serves(bench: Bench) -> None:
    assert durability.read_only(bench) == {"served": 1, "writes": 0}


def test_another_version_builds_anew(bench: Bench) -> None:
    assert durability.older_format(bench) == {"told": 1, "rebuilt": 1}


def test_readers_never_see_two_generations_at_once(bench: Bench) -> None:
    found = durability.switches(bench, 500, 2)
    assert found["queries"] >= 500
    assert found["generations_seen"] == 2
    assert (found["failed"], found["mixed"]) == (0, 0)
