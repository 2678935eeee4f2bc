"""Show the progress of long work on a terminal."""

import sys
import time

from corpus.messages.message import Message
from corpus.terminal import show_on_one_line

_MIN_SECONDS = 1  # of work of which the progress is shown
_started: dict[str, tuple[float, int]] = {}  # of each stage: when, and with how many done


def show_progress(stage: str, done: int, total: int) -> None:
    """Show a line on standard error, rewritten in place, with the time left.

    Only the stage "wait", another process being at work, is shown for shorter work and where standard error is no terminal.
    """
    if stage == "wait":
        print(Message.of("index.progress.waiting"), file=sys.stderr, flush=True)
        return
    now = time.monotonic()
    started, done_before = _started.setdefault(stage, (now, done))
    elapsed = now - started
    if not sys.stderr.isatty() or elapsed < _MIN_SECONDS:
        return
    left = ""
    if done_before < done < total:
        minutes, seconds = divmod(round(elapsed / (done - done_before) * (total - done)), 60)
        left = str(Message.of("index.progress.time_left", minutes=minutes, seconds=seconds))
    stages = {"read": Message.of("index.progress.read"), "index": Message.of("index.progress.index")}
    show_on_one_line(f"{stages[stage]} {done}/{total}{left}", is_last=done == total)
