"""Groups that lie one after the other in an array: sentences of passages, tokens of sentences."""

import numpy as np
from numpy.typing import NDArray


def ranges(starts: NDArray[np.int64], numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the members of some groups, one group after the other, and the start of each; group i is starts[i]:starts[i + 1]."""
    lengths = starts[numbers + 1] - starts[numbers]
    first = np.cumsum(lengths) - lengths
    return np.arange(lengths.sum()) + np.repeat(starts[numbers] - first, lengths), first
