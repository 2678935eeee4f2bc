"""Show the progress of long work on a terminal."""

import sys
import time

from corpus.language import tr

_started = time.monotonic()


def show_progress(stage: str, done: int, total: int) -> None:
    """One line on standard error, rewritten in place; silent for work of under a second, and where nobody watches."""
    if not sys.stderr.isatty() or time.monotonic() - _started < 1:
        return
    stages = {"read": tr("读取", "reading"), "index": tr("分词", "cutting words"), "encode": tr("编码", "encoding")}
    end = "\n" if stage == "encode" and done == total else ""
    print(f"\r{stages[stage]} {done}/{total}\033[K", end=end, file=sys.stderr, flush=True)
