"""Show the progress of long work on a terminal."""

import sys
import time

from corpus.messages.language import tr

_started: dict[str, tuple[float, int]] = {}  # of each stage: when, and with how many done


def show_progress(stage: str, done: int, total: int) -> None:
    """One line on standard error, rewritten in place, with the time left; silent for work of under a second, and where nobody
    watches. That another process is at work (`wait`) is always told."""
    if stage == "wait":
        waiting = tr(
            "另一个进程正在建立这个库的索引，等它完成", "another process is indexing this library; waiting for it to end"
        )
        print(waiting, file=sys.stderr, flush=True)
        return
    now = time.monotonic()
    started, before = _started.setdefault(stage, (now, done))
    elapsed = now - started
    if not sys.stderr.isatty() or elapsed < 1:
        return
    stages = {"read": tr("读取和索引", "reading and indexing"), "index": tr("合并", "putting together")}
    left = ""
    if before < done < total:
        seconds = round(elapsed / (done - before) * (total - done))
        left = tr(f"，还需约 {seconds // 60} 分 {seconds % 60} 秒", f", {seconds // 60} min {seconds % 60} s left")
    end = "\n" if done == total else ""
    print(f"\r{stages[stage]} {done}/{total}{left}\033[K", end=end, file=sys.stderr, flush=True)
