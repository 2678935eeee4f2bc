"""How many things this process can do at once."""

import os
import sys


def usable_cores() -> int:
    """Return how many cores this process may use, where the system tells; else how many there are.

    More threads of a network than cores wait for each other, and take three times as long.
    """
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
