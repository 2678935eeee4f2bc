"""Work is given up when its time is over or its client has gone, and only then."""

import threading

import pytest

from corpus import deadline
from corpus.messages.errors import GivenUpError


def test_without_a_limit_work_goes_on() -> None:
    deadline.check()
    with deadline.within(None):
        deadline.check()


def test_work_is_given_up_when_its_time_is_over_and_not_before() -> None:
    with deadline.within(1000):
        deadline.check()
        with deadline.within(0), pytest.raises(GivenUpError, match="not done within 0 seconds"):
            deadline.check()
        deadline.check()
    with deadline.within(0):
        with deadline.within(1000), pytest.raises(GivenUpError):
            deadline.check()  # what is part of it ends with it
        with deadline.within(None):
            deadline.check()  # what others wait for goes on


def test_work_is_given_up_by_another_thread() -> None:
    with deadline.within(1000) as limit:
        assert limit is not None
        thread = threading.Thread(target=limit.cancel)
        thread.start()
        thread.join()
        with pytest.raises(GivenUpError):
            deadline.check()
