"""Groups that lie one after the other in an array: sentences of passages, tokens of sentences."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def ranges(starts: NDArray[np.int64], numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the members of some groups, one group after the other, and the start of each; group i is starts[i]:starts[i + 1]."""
    lengths = starts[numbers + 1] - starts[numbers]
    first = np.cumsum(lengths) - lengths
    return np.arange(lengths.sum()) + np.repeat(starts[numbers] - first, lengths), first


def joined_starts(parts: Iterable[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]) -> NDArray[np.int64]:
    """Return the starts of groups taken from several arrays, then the end.

    Args: parts: the starts of an array's groups, the groups to take, their numbers among all that are taken.
    """
    taken = [(np.diff(starts)[rows], targets) for starts, rows, targets in parts]
    sizes = np.zeros(sum(len(targets) for _, targets in taken), np.int64)
    for own, targets in taken:
        sizes[targets] = own
    return np.append(0, np.cumsum(sizes))
