"""The network: the pretrained encoder, two numbers a pair and three numbers a piece."""

from __future__ import annotations

from torch import Tensor, nn
from transformers import BertModel


class ReaderNetwork(nn.Module):
    """Reads a question and a passage.

    Of the pair, read off the first piece: is the passage about it, does it answer it. Of each piece: is the sentence that begins
    here evidence (meant for the end that stands before a sentence), does the fact begin, does it end here. All are logits.
    """

    def __init__(self, encoder: BertModel) -> None:
        """Put new heads on an encoder."""
        super().__init__()
        self.encoder = encoder
        width = encoder.config.hidden_size
        self.of_pair, self.of_piece = nn.Linear(width, 2), nn.Linear(width, 3)

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Read a batch.

        Args: ids: shape (n, length); mask: 1 for a piece, 0 for padding, the same shape.
        Returns: shapes (n, 2) and (n, length, 3).
        """
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return self.of_pair(states[:, 0]), self.of_piece(states)
