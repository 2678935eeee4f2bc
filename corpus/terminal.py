"""What command lines write: UTF-8; to a terminal no character that steers it; to a reader that has gone, nothing more (I/O)."""

import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TextIO

# Control characters, and those that turn the direction of writing: a name or a quote could clear the screen with them, or show
# what is not there. A document's tab and line end are none; our own progress goes by `show_on_one_line`.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SHOWN_INSTEAD = "\ufffd"
_READER_GONE = 141  # what a shell reports of a program that a broken pipe has ended: 128 and the number of SIGPIPE


def clean(text: str) -> str:
    """Return a text with what would steer a terminal shown as �."""
    return _STEERING.sub(_SHOWN_INSTEAD, text.replace("\r\n", "\n"))


class Terminal:
    """A stream of text to a terminal that shows what would steer it, whatever document or name it comes from."""

    def __init__(self, stream: TextIO) -> None:
        """Wrap a stream."""
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text, cleaned."""
        self._stream.write(clean(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several texts, cleaned."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def configure_output() -> None:
    """Write UTF-8 whatever the console's code page says; a lone surrogate never breaks a message. Clean what terminals get."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
        if stream is not None and stream.isatty() and not isinstance(stream, Terminal):
            setattr(sys, name, Terminal(stream))


def show_on_one_line(text: str, *, is_last: bool = False) -> None:
    """Write a text over the last line of the terminal that errors go to; the next one stands in its place."""
    stream = sys.stderr._stream if isinstance(sys.stderr, Terminal) else sys.stderr
    print(f"\r{clean(text)}\033[K", end="\n" if is_last else "", file=stream, flush=True)


def run_command(main: Callable[[Sequence[str] | None], int]) -> int:
    """Run a command line and return its exit status. One whose reader has gone, as in `build | head`, ends without a word."""
    try:
        status = main(None)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        # What is still to be written at exit goes nowhere, or the interpreter would complain of it.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        return _READER_GONE
