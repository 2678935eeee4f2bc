"""The encoder's vectors of questions and sentences, and the network that reads a question and a passage together."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertModel

from index.contextual import question_ids, windows_of
from index.pieces import PADDING, PassageText


def question_vectors(encoder: BertModel, tokenizer: Tokenizer, questions: Sequence[str]) -> Tensor:
    """Return the vectors of questions, shape (n, d), rows of length 1."""
    ids = [question_ids(tokenizer, question) for question in questions]
    states = read(encoder, ids)
    return functional.normalize(torch.stack([states[row, : len(own)].mean(0) for row, own in enumerate(ids)]), dim=-1)


def passage_vectors(encoder: BertModel, tokenizer: Tokenizer, passages: Sequence[PassageText]) -> tuple[list[Tensor], Tensor]:
    """Return the vectors of the sentences of each passage, shapes (n_sentences, d), and of the passages, shape (n, d).

    A passage is read in one window: sentences for which there is no room have no vector.
    """
    windows = [next(windows_of(tokenizer, passage)) for passage in passages]
    states = read(encoder, [window.ids for window in windows])
    sentences = [
        functional.normalize(torch.stack([states[row, start:end].mean(0) for start, end in window.sentences]), dim=-1)
        for row, window in enumerate(windows)
    ]
    whole = torch.stack([states[row, : len(window.ids)].mean(0) for row, window in enumerate(windows)])
    return sentences, functional.normalize(whole, dim=-1)


def read(encoder: BertModel, texts: Sequence[Sequence[int]]) -> Tensor:
    """Return the states of the pieces of texts, shape (n, longest, d), in float32."""
    ids = torch.full((len(texts), max(map(len, texts))), PADDING)
    for row, text in enumerate(texts):
        ids[row, : len(text)] = torch.tensor(text)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        states: Tensor = encoder(input_ids=ids, attention_mask=(ids != PADDING).long()).last_hidden_state
    return states.float()


class ReaderNetwork(nn.Module):
    """Reads a question and a passage together.

    Of the pair, read off the first piece: is the passage about it, does it answer it. Of each piece: is the sentence that begins
    here evidence (meant for the end that stands before a sentence), does the fact begin, does it end here. All are logits.
    """

    def __init__(self, encoder: BertModel) -> None:
        """Put new heads on an encoder."""
        super().__init__()
        self.encoder = encoder
        width = encoder.config.hidden_size
        self.of_pair, self.of_piece = nn.Linear(width, 2), nn.Linear(width, 3)

    def forward(
        self, ids: Tensor | None = None, mask: Tensor | None = None, vectors: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Read a batch.

        Args: ids: shape (n, length), or in their place `vectors` of pieces, shape (n, length, d); mask: 1 for a piece, 0 for
            padding, shape (n, length), None where there is none.
        Returns: shapes (n, 2) and (n, length, 3).
        """
        states = self.encoder(input_ids=ids, attention_mask=mask, inputs_embeds=vectors).last_hidden_state
        return self.of_pair(states[:, 0]), self.of_piece(states)
