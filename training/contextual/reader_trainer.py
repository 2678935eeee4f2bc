"""The training of the network that reads a question and a passage together: what is shown, and what is to be made less."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from index.pieces import PADDING
from index.reader import EncodedPair, encode_pair, in_dialogue
from training.contextual.examples import Example, Source, windowed
from training.contextual.network import ReaderNetwork
from training.contextual.run import Run

_NEVER = -1e4  # the logit of what does not count
_POOL = 512  # examples that are sorted by length before they are put into batches


@dataclass(frozen=True, slots=True)
class ReaderOptions:
    """What one leg of the training depends on."""

    seed: int = 5
    steps: int = 3400
    pieces: int = 5000  # of a batch, with padding
    rate: float = 1e-4
    warm_up: int = 100
    # Steps within which question and passage come to see each other. It begins as the encoder, which reads each by itself.
    opening: int = 300
    sentences: float = 1.0  # how much the loss of sentences counts beside the others
    fixed: int = 3  # lowest layers that are not trained
    lengths: tuple[int, ...] = (200, 350, 520, 520)  # characters of a passage
    # Chances that a question is shown with another passage, or with its passage less its evidence, beside its own passage.
    other: float = 0.6
    less: float = 0.35
    # Chances that what stands above a passage is left out, and that an example of the first, second… source is.
    bare: float = 0.2
    # Chances that a turn of a dialogue is shown with those before it, and that a question that leans on nothing is after another.
    turns: float = 0.0
    after_another: float = 0.0
    passed_over: tuple[float, ...] = (0.5,)


# How the reader that ships was trained: one leg after the other, each from what the one before had learned.
LEGS = (
    ReaderOptions(),
    ReaderOptions(seed=6, steps=2900, rate=8e-5, opening=0, sentences=2.0, other=0.8, turns=0.7, after_another=0.08),
)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Questions and passages in pieces, side by side; what is not known weighs 0.

    `ids`, `mask`: shape (n, length); `marks`: where the ends before the sentences are, 0 where there is none, and `means`: the
    share of each piece in the question and in each sentence, shapes (n, sentences) and (n, 1 + sentences, length); `about`: shape
    (n, 2), whether the passage is about it, and whether it answers; `known`: there is a sentence, of which it is known whether
    it is evidence, shape (n, sentences); `fact`: shape (n, 2), where it begins and ends, both 0 for none.
    """

    ids: Tensor
    mask: Tensor
    marks: Tensor
    means: Tensor
    about: Tensor
    about_weight: Tensor
    known: Tensor
    evidence: Tensor
    fact: Tensor
    fact_weight: Tensor

    def attention(self, openness: float = 1.0) -> Tensor:
        """Return what is added to the attention that a piece pays another, shape (n, 1, length, length).

        Args: openness: how much of its attention a piece of the question pays to the passage, and the other way round; 1 for all.
        """
        asked = self.means[:, 0] > 0
        across = asked[:, :, None] != asked[:, None, :]
        added = torch.where(across, math.log(openness), 0.0).masked_fill(self.mask[:, None] == 0, _NEVER)
        return added[:, None]


def collate(examples: Sequence[Example], pairs: Sequence[EncodedPair]) -> Pairs:
    """Lay examples side by side."""
    n, longest, most = len(examples), max(len(p.ids) for p in pairs), max(len(p.markers) for p in pairs)
    ids, mask = torch.full((n, longest), PADDING), torch.zeros(n, longest, dtype=torch.long)
    about, about_weight = torch.zeros(n, 2), torch.ones(n, 2)
    marks, known = torch.zeros(n, most, dtype=torch.long), torch.zeros(n, most, dtype=torch.bool)
    means = torch.zeros(n, 1 + most, longest)
    evidence = torch.zeros(n, most)
    fact, fact_weight = torch.zeros(n, 2, dtype=torch.long), torch.ones(n)
    for row, (example, pair) in enumerate(zip(examples, pairs, strict=True)):
        ids[row, : len(pair.ids)] = torch.tensor(pair.ids)
        mask[row, : len(pair.ids)] = 1
        about[row] = torch.tensor([float(bool(example.relevant)), float(example.answered)])
        about_weight[row, 0] = float(example.relevant is not None)
        count = len(pair.markers)
        marks[row, :count] = torch.tensor(pair.markers, dtype=torch.long)
        means[row, : 1 + count, : len(pair.ids)] = torch.from_numpy(pair.means())
        known[row, [i for i in range(count) if i not in example.doubtful]] = True
        evidence[row, [number for number in example.evidence if number < count]] = 1
        place = locate(pair, *example.fact) if example.fact else None
        if place is not None:
            fact[row] = torch.tensor(place)
        elif example.fact != ():
            fact_weight[row] = 0
    return Pairs(ids, mask, marks, means, about, about_weight, known, evidence, fact, fact_weight)


def locate(pair: EncodedPair, sentence: int, start: int, end: int) -> tuple[int, int] | None:
    """Return the first and the last piece of a stretch of characters of a sentence; None if it was cut off."""
    if sentence >= len(pair.markers):
        return None
    stop = pair.markers[sentence + 1] if sentence + 1 < len(pair.markers) else len(pair.ids) - 1
    pieces = range(pair.markers[sentence] + 1, stop)
    within = [p for p in pieces if pair.offsets[p][0] < end and start < pair.offsets[p][1]]
    return (within[0], within[-1]) if within and pair.offsets[within[-1]][1] >= end else None


def reader_losses(pairs: Pairs, of_pair: Tensor, of_sentences: Tensor, of_ends: Tensor) -> dict[str, Tensor]:
    """Return what is wrong with the numbers of a network: of the pair, of its sentences, and of both ends of the fact.

    Args: of_pair: shape (n, 2); of_sentences: shape (n, sentences); of_ends: shape (n, length, 2); see `ReaderNetwork`.
    """
    about = functional.binary_cross_entropy_with_logits(of_pair, pairs.about, reduction="none") * pairs.about_weight
    each = functional.binary_cross_entropy_with_logits(of_sentences, pairs.evidence, reduction="none") * pairs.known
    ends = of_ends.masked_fill(pairs.mask[..., None] == 0, _NEVER)
    begins, stops = (
        functional.cross_entropy(ends[..., end], pairs.fact[:, end], reduction="none") * pairs.fact_weight for end in (0, 1)
    )
    return {
        "about": about.sum(1).mean(),
        # A passage counts by the square root of its sentences.
        "sentences": (each.sum(1) / pairs.known.sum(1).clamp(min=1).sqrt()).mean(),
        "fact": 0.5 * (begins + stops).mean(),
    }


class ReaderMixer:
    """Draws examples from sources, each epoch anew: the questions with their passages, and what is not answered."""

    def __init__(
        self, sources: Sequence[Source], neighbours: Sequence[Mapping[str, Sequence[str]]], options: ReaderOptions
    ) -> None:
        """Take sources; `neighbours`: of each, for a question the passages that a search finds and that do not answer it."""
        self.sources, self.neighbours, self.options = sources, neighbours, options

    def epoch(self, number: int) -> list[Example]:
        """Return the examples of an epoch, in random order."""
        chance = random.Random(self.options.seed * 1000 + number)
        found: list[Example] = []
        chances = itertools.chain(self.options.passed_over, itertools.repeat(0.0))
        for source, near, passed_over in zip(self.sources, self.neighbours, chances, strict=False):
            for example in source.examples:
                if chance.random() < passed_over:
                    continue
                found += self._shown(source, near.get(example.question, ()), example, chance)
        chance.shuffle(found)
        return found

    def _shown(self, source: Source, others: Sequence[str], example: Example, chance: random.Random) -> Iterator[Example]:
        example = self._asked(source, example, chance)
        yield self._bare(example, chance)
        if not example.answered:
            return
        less = example.without_evidence() if chance.random() < self.options.less else None
        if less:
            yield self._bare(less, chance)
        if others and chance.random() < self.options.other:
            yield self._bare(Example(example.question, source.passages[chance.choice(others)], relevant=False), chance)

    def _asked(self, source: Source, example: Example, chance: random.Random) -> Example:
        """Return the example, now and then with its question in a dialogue."""
        number = chance.random()
        if example.turn:
            return replace(example, question=example.turn) if number < self.options.turns else example
        if number < self.options.after_another:
            return replace(example, question=in_dialogue([chance.choice(source.examples).question], example.question))
        return example

    def _bare(self, example: Example, chance: random.Random) -> Example:
        if example.passage.context and chance.random() < self.options.bare:
            return replace(example, passage=replace(example.passage, context=""))
        return example


class ReaderTraining(Run[Pairs]):
    """A run of the network that reads together. The vectors of pieces and the lowest layers are not trained."""

    def __init__(
        self, reader: ReaderNetwork, tokenizer: Tokenizer, mixer: ReaderMixer, options: ReaderOptions, folder: Path
    ) -> None:
        """Prepare a run whose checkpoint and log lie in `folder`."""
        self.reader, self.tokenizer, self.mixer = reader, tokenizer, mixer
        for fixed in (reader.encoder.embeddings, *reader.encoder.encoder.layer[: options.fixed]):
            fixed.requires_grad_(False)
        reader.encoder.set_attn_implementation("eager")  # on a CPU the way back of the fused form takes twice the time
        self._drawn = self._draw()
        networks = {"encoder": reader.encoder, "heads": reader.heads, "nearness": reader.nearness}
        super().__init__(networks, options, folder, faster={"heads": 5.0, "nearness": 100.0})

    def batch(self, step: int) -> Pairs:
        """Return the pairs of the next step."""
        return next(self._drawn)

    def losses_of(self, batch: Pairs) -> dict[str, Tensor]:
        """Return the losses of a batch."""
        o = self.mixer.options
        openness = 10 ** (3 * (self.step / o.opening - 1)) if self.step < o.opening else 1.0
        losses = reader_losses(batch, *self.reader(batch.ids, batch.attention(openness).bfloat16(), batch.marks, batch.means))
        return losses | {"sentences": o.sentences * losses["sentences"]}

    def _draw(self) -> Iterator[Pairs]:
        """Yield batches without end; pairs of like length go together."""
        for number in itertools.count():
            examples = self.mixer.epoch(number)
            for start in range(0, len(examples), _POOL):
                chance = random.Random(f"{self.mixer.options.seed} {number} {start}")
                chosen = [self._cut(example, chance) for example in examples[start : start + _POOL]]
                pairs = [encode_pair(self.tokenizer, example.question, example.passage) for example in chosen]
                groups = list(self._groups(pairs))
                chance.shuffle(groups)
                for rows in groups:
                    yield collate([chosen[i] for i in rows], [pairs[i] for i in rows])

    def _cut(self, example: Example, chance: random.Random) -> Example:
        return windowed(example, room=chance.choice(self.mixer.options.lengths), before=chance.random())

    def _groups(self, pairs: Sequence[EncodedPair]) -> Iterator[list[int]]:
        """Yield the indexes of pairs of like length, so many that they have `pieces` pieces with padding."""
        group: list[int] = []
        for i in sorted(range(len(pairs)), key=lambda i: len(pairs[i].ids)):
            if group and (len(group) + 1) * len(pairs[i].ids) > self.mixer.options.pieces:
                yield group
                group = []
            group.append(i)
        yield group
