"""Combine the lexical and the dense scores of the same candidates."""

import numpy as np
from numpy.typing import NDArray

# Share of the dense channel. Recall@5 on the development and the sample questions: 0.712 and 0.581 at 0.4; 0.669 and 0.574 at
# 0.3; reciprocal rank fusion (k = 60) 0.680 and 0.579. Figures: benchmarks/README.md.
DENSE_WEIGHT = 0.4


def fuse(lexical: NDArray[np.float32], dense: NDArray[np.float32], *, weight: float = DENSE_WEIGHT) -> NDArray[np.float32]:
    """A convex combination of the two channels, each scaled to the range 0 to 1 over the candidates.

    Args: lexical, dense: shape (n,), scores of the same candidates; weight: share of the dense channel.
    Returns: shape (n,), 0 to 1, higher is better.
    Source: Bruch, Gai & Ingber 2023, "An Analysis of Fusion Functions for Hybrid Retrieval": convex combination, min-max scaling.
    """
    return (1 - weight) * _scaled(lexical) + weight * _scaled(dense)


def _scaled(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Min-max scaling; scores that are all the same say nothing and become 0."""
    low, high = scores.min(initial=np.inf), scores.max(initial=-np.inf)
    return (scores - low) / (high - low) if high > low else np.zeros_like(scores)
