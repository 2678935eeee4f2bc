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
    """Reads a question and a passage together. All that it says are log-odds.

    Of the pair, read off the first piece: is the passage about it, does it answer it. Of each sentence, read off the end that
    stands before it: is it evidence. Of each piece: does the fact begin, does it end here. What is said of a sentence, and of the
    pair by its nearest one, leans besides on how near the mean of its states is to that of the question's: so the network begins
    as the encoder, which knows that already, and learns what it sees when it reads both together.
    """

    def __init__(self, encoder: BertModel) -> None:
        """Put new heads on an encoder."""
        super().__init__()
        self.encoder, self.heads, self.nearness = encoder, Heads(encoder.config.hidden_size), Nearness()

    def forward(self, ids: Tensor, mask: Tensor, marks: Tensor, means: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Read a batch.

        Args: ids: shape (n, length); mask: what is added to the attention that a piece pays another, shape (n, 1, length,
            length); marks: where the end before each sentence is, shape (n, sentences); means: the share of each piece in the
            question and in each sentence, all 0 for none, shape (n, 1 + sentences, length).
        Returns: shapes (n, 2), (n, sentences) and (n, length, 2).
        """
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.training):
            states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        pooled = functional.normalize(means @ states, dim=-1)
        cosines = (pooled[:, 1:] @ pooled[:, 0, :, None])[..., 0]
        of_sentences = self.heads.of_sentence(states.gather(1, marks[..., None].expand(-1, -1, states.shape[-1])))[..., 0]
        nearest = cosines.masked_fill(means[:, 1:].sum(-1) == 0, -1).amax(1, keepdim=True)
        near = self.nearness
        return (
            self.heads.of_pair(states[:, 0]) + near.scales[1:] * nearest + near.biases[1:],
            of_sentences + near.scales[0] * cosines + near.biases[0],
            self.heads.of_ends(states),
        )


class Heads(nn.Module):
    """What is read off single states: of the pair, of sentences, of both ends of a fact."""

    def __init__(self, width: int) -> None:
        """Begin with small numbers: what counts at first is nearness."""
        super().__init__()
        self.of_pair, self.of_sentence, self.of_ends = (nn.Linear(width, count) for count in (2, 1, 2))
        for head in (self.of_pair, self.of_sentence, self.of_ends):
            nn.init.normal_(head.weight, std=0.01)
            nn.init.zeros_(head.bias)


class Nearness(nn.Module):
    """The numbers that turn a cosine into log-odds: of a sentence, and of the pair's relevance and answer."""

    def __init__(self) -> None:
        """Begin near what the encoder's own training ends with."""
        super().__init__()
        self.scales, self.biases = nn.Parameter(torch.tensor([12.0, 6.0, 6.0])), nn.Parameter(torch.tensor([-7.0, -3.0, -3.5]))
