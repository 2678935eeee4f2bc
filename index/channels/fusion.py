"""The combination of the scores that the channels give to the same candidates."""

import numpy as np
from numpy.typing import NDArray

from index.channels.late_interaction import TokenSimilarities

Floats = NDArray[np.float32]

# Shares with the least cross-entropy of the right passage among all, on the questions with an odd id of XQuAD in both languages,
# CMRC 2018 dev, DRCD dev and the written questions; benchmarks/README.md has the figures on the questions with an even id.
_PASSAGE, _WINDOW, _SENTENCE, _WHOLE = 0.32, 0.32, 0.12, 0.24
# Share of the lexical channel if the dense one has late interaction, and if it has only whole-text vectors.
_LEXICAL, _LEXICAL_WHOLE = 0.1, 0.3
# Share of the contextual channel beside the other two, where there is one; chosen on the voice that its encoder never saw.
_CONTEXTUAL = 0.5


def dense_score(cosine: Floats, late: TokenSimilarities | None) -> Floats:
    """Return the score of the dense channel: the cosine of whole texts, mixed with late interaction where tokens have vectors.

    Args: cosine: shape (n,), -1 to 1.
    Returns: shape (n,), -1 to 1, higher is better.
    """
    if late is None:
        return cosine
    score: Floats = _PASSAGE * late.passage() + _WINDOW * late.window() + _SENTENCE * late.sentence() + _WHOLE * cosine
    return score


def fuse(lexical: Floats, dense: Floats, sentences: Floats | None = None, *, late: bool) -> Floats:
    """Return a convex combination of the two channels; lexical scores are divided by the best of them.

    The division helps questions in everyday words, which share few terms with any passage: these few then count fully.

    Args: lexical: shape (n,), BM25, 0 upwards; dense: shape (n,), as from `dense_score`; sentences: of the contextual channel,
        shape (n,), -1 to 1; late: whether late interaction is part of `dense`.
    Returns: shape (n,), -1 to 1, higher is better.
    Source: Bruch, Gai & Ingber 2023, "An Analysis of Fusion Functions for Hybrid Retrieval": convex combination.
    """
    share = _LEXICAL if late else _LEXICAL_WHOLE
    best = float(lexical.max(initial=0.0))
    words = share * (lexical / best if best else lexical) + (1 - share) * dense
    return np.asarray(words if sentences is None else (1 - _CONTEXTUAL) * words + _CONTEXTUAL * sentences, np.float32)
