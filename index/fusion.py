"""Combine the lexical and the dense scores of the same candidates."""

import numpy as np
from numpy.typing import NDArray


def fuse(lexical: NDArray[np.float32], dense: NDArray[np.float32], *, weight: float) -> NDArray[np.float32]:
    """A convex combination of the two channels, each brought to the range 0 to 1 by its own theoretical minimum.

    Args: lexical, dense: shape (n,), scores of the same candidates; weight: share of the dense channel.
    Returns: shape (n,), higher is better.
    Source: Bruch, Gai & Ingber 2023, "An Analysis of Fusion Functions for Hybrid Retrieval", TM2C2.
    """
    return (1 - weight) * _scaled(lexical, 0.0) + weight * _scaled(dense, -1.0)


def _scaled(scores: NDArray[np.float32], minimum: float) -> NDArray[np.float32]:
    top = float(scores.max(initial=minimum))
    return (scores - np.float32(minimum)) / np.float32(top - minimum) if top > minimum else np.zeros_like(scores)
