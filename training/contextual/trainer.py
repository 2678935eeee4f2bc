"""The training of the contextual encoder: what is shown, and what is to be made less."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertModel

from training.contextual.examples import Example, Source
from training.contextual.network import passage_vectors, question_vectors
from training.contextual.run import Run

_NEVER = -1e4  # the logit of what does not count


@dataclass(frozen=True, slots=True)
class Options:
    """What a run depends on."""

    seed: int = 5
    steps: int = 1200
    passages: int = 20  # of a batch, all of one source
    questions: int = 6  # at most, of each passage
    rate: float = 6e-5
    warm_up: int = 60
    temperature: float = 0.04
    # Chance that what stands above a passage is left out.
    bare: float = 0.2


class Losses(nn.Module):
    """What is wrong with the vectors of a batch, and the two numbers that turn a cosine into log-odds."""

    def __init__(self, temperature: float) -> None:
        """Take the temperature of the softmax."""
        super().__init__()
        self.temperature = temperature
        self.scale, self.bias = nn.Parameter(torch.tensor(10.0)), nn.Parameter(torch.tensor(-6.0))

    def forward(
        self, asked: Tensor, sentences: Sequence[Tensor], passages: Tensor, examples: Sequence[tuple[int, Example]]
    ) -> Tensor:
        """Return three losses, shape (3,).

        Of a sentence that is evidence among all of the batch, of each sentence of a question's own passage by itself, and of the
        passage among those of the batch. A question that its passage does not answer has the second alone.

        Args: asked: shape (n, d); sentences: of each passage, shape (n_sentences, d); passages: shape (n_passages, d);
            examples: with the number of the passage of each.
        Source: van den Oord et al. 2018 (InfoNCE).
        """
        starts = [0]
        for own in sentences:
            starts.append(starts[-1] + len(own))
        cosines = asked @ torch.cat(list(sentences)).T
        evidence, doubtful, own_passage = torch.zeros(3, *cosines.shape, dtype=torch.bool)
        for row, (number, example) in enumerate(examples):
            own_passage[row, starts[number] : starts[number + 1]] = True
            for mask, listed in ((evidence, example.evidence), (doubtful, example.doubtful)):
                mask[row, [starts[number] + n for n in listed if n < len(sentences[number])]] = True
        logits = (cosines / self.temperature).masked_fill(doubtful, _NEVER)
        others = torch.logsumexp(logits.masked_fill(evidence, _NEVER), 1, keepdim=True)
        missed = torch.logaddexp(logits, others) - logits
        known = evidence.any(1)
        among = ((missed * evidence).sum(1) / evidence.sum(1).clamp(min=1))[known].mean()
        each = functional.binary_cross_entropy_with_logits(cosines * self.scale + self.bias, evidence.float(), reduction="none")
        alone = ((each * (own_passage & ~doubtful)).sum(1) / own_passage.sum(1).sqrt()).mean()
        numbers = torch.tensor([number for number, _ in examples])
        answered = torch.tensor([example.answered for _, example in examples])
        whole = functional.cross_entropy(asked @ passages.T / self.temperature, numbers, reduction="none")[answered].mean()
        return torch.stack([among, alone, whole])


class Mixer:
    """Draws the passages of each batch from sources, each by its share, and the questions on them."""

    def __init__(self, sources: Sequence[tuple[Source, float]], options: Options) -> None:
        """Take sources with their shares, which add up to 1."""
        self.options = options
        self.shares = [share for _, share in sources]
        self.groups = [source.by_passage() for source, _ in sources]
        self._left: list[list[int]] = [[] for _ in sources]
        self._order = random.Random(options.seed)

    def batch(self, step: int) -> list[list[Example]]:
        """Return the passages of the next step, each as the examples on it that are shown. Steps are drawn in their order."""
        chance = random.Random(1000 * self.options.seed + step)
        number = chance.choices(range(len(self.groups)), self.shares)[0]
        left = self._left[number]
        while len(left) < self.options.passages:
            order = list(range(len(self.groups[number])))
            self._order.shuffle(order)
            left += order
        drawn, self._left[number] = left[: self.options.passages], left[self.options.passages :]
        return [self._shown(self.groups[number][i], chance) for i in drawn]

    def _shown(self, examples: Sequence[Example], chance: random.Random) -> list[Example]:
        shown = chance.sample(list(examples), min(len(examples), self.options.questions))
        if chance.random() < self.options.bare:
            bare = replace(shown[0].passage, context="")
            shown = [replace(example, passage=bare) for example in shown]
        return shown


class Training(Run[list[list[Example]]]):
    """A run of the encoder. The vectors of pieces are not trained."""

    def __init__(self, encoder: BertModel, tokenizer: Tokenizer, mixer: Mixer, options: Options, folder: Path) -> None:
        """Prepare a run whose checkpoint and log lie in `folder`."""
        self.encoder, self.tokenizer, self.mixer = encoder, tokenizer, mixer
        encoder.embeddings.word_embeddings.weight.requires_grad_(False)
        self.losses = Losses(options.temperature)
        super().__init__({"encoder": encoder, "losses": self.losses}, options, folder, faster={"losses": 100.0})

    def batch(self, step: int) -> list[list[Example]]:
        """Return the passages of a step, each as the examples on it that are shown."""
        return self.mixer.batch(step)

    def losses_of(self, batch: list[list[Example]]) -> dict[str, Tensor]:
        """Return the losses of a batch."""
        examples = [(number, example) for number, group in enumerate(batch) for example in group]
        sentences, passages = passage_vectors(self.encoder, self.tokenizer, [group[0].passage for group in batch])
        asked = question_vectors(self.encoder, self.tokenizer, [example.question for _, example in examples])
        among, alone, whole = self.losses(asked, sentences, passages, examples)
        return {"among": among, "alone": alone, "whole": 0.5 * whole}
