"""Combine what the channels say of the same candidates into one score."""

import numpy as np
from numpy.typing import NDArray

from index.channels.late_interaction import TokenSimilarities

Floats = NDArray[np.float32]

# Shares fitted by the softmax of the right passage among all (cross-entropy) on the questions with an odd id of XQuAD in both
# languages, CMRC 2018 dev, DRCD dev and the written questions; figures on the even ones: benchmarks/README.md.
_PASSAGE, _WINDOW, _SENTENCE, _WHOLE = 0.32, 0.32, 0.12, 0.24
# Share of the lexical channel beside the dense one with late interaction, and beside whole-text vectors alone.
_LEXICAL, _LEXICAL_WHOLE = 0.1, 0.3


def dense_score(cosine: Floats, late: TokenSimilarities | None) -> Floats:
    """Return the dense channel: the cosine of the whole texts and, where the model's tokens have vectors, the late interaction.

    Args: cosine: shape (n,), -1 to 1.
    Returns: shape (n,), -1 to 1, higher is better.
    """
    if late is None:
        return cosine
    score: Floats = _PASSAGE * late.passage() + _WINDOW * late.window() + _SENTENCE * late.sentence() + _WHOLE * cosine
    return score


def fuse(lexical: Floats, dense: Floats, *, late: bool) -> Floats:
    """Return a convex combination of the two channels, the lexical one as a share of its best candidate.

    A question in everyday words has few terms in common with any passage; the few are then all the more telling.

    Args: lexical: shape (n,), BM25, 0 upwards; dense: shape (n,), as from `dense_score`; late: whether late interaction is part
        of it.
    Returns: shape (n,), -1 to 1, higher is better.
    Source: Bruch, Gai & Ingber 2023, "An Analysis of Fusion Functions for Hybrid Retrieval": convex combination.
    """
    share = _LEXICAL if late else _LEXICAL_WHOLE
    most = float(lexical.max(initial=0.0))
    return np.asarray(share * (lexical / most if most else lexical) + (1 - share) * dense, np.float32)
