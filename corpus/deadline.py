"""Work that is given up: when its time is over, or when whoever asked for it has gone. Long loops call `check`."""

import contextvars
import time
from collections.abc import Iterator
from contextlib import contextmanager

from corpus.messages.errors import GivenUpError
from corpus.messages.message import Message


class Deadline:
    """When a piece of work is given up, at the latest with the work that it is part of. Threads that work on it share it."""

    def __init__(self, seconds: float, outer: "Deadline | None" = None) -> None:
        self._outer = outer
        self.seconds = seconds
        self._end = time.monotonic() + seconds
        self._is_cancelled = False

    def cancel(self) -> None:
        """Give the work up at its next check."""
        self._is_cancelled = True

    def check(self) -> None:
        """Raise GivenUpError where the work is to be given up."""
        if self._outer is not None:
            self._outer.check()
        if self._is_cancelled or time.monotonic() > self._end:
            raise GivenUpError(Message.of("corpus.deadline.passed", seconds=round(self.seconds)))


_current: contextvars.ContextVar[Deadline | None] = contextvars.ContextVar("deadline", default=None)


@contextmanager
def within(seconds: float | None) -> Iterator[Deadline | None]:
    """Limit the work of the block, and of threads started in its context; None lifts the limit that was set around it."""
    deadline = Deadline(seconds, _current.get()) if seconds is not None else None
    token = _current.set(deadline)
    try:
        yield deadline
    finally:
        _current.reset(token)


def check() -> None:
    """Raise GivenUpError where the work around is to be given up; the command line sets no limit."""
    deadline = _current.get()
    if deadline is not None:
        deadline.check()
