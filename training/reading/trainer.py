"""The training of the reading model, from checkpoint to checkpoint."""

from __future__ import annotations

import itertools
import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from index.reader import PADDING, EncodedPair, encode_pair
from training.reading.examples import Example, Source, windowed, without_evidence
from training.reading.network import ReaderNetwork

_POOL = 512  # examples that are sorted by length before they are put into batches


@dataclass(frozen=True, slots=True)
class Options:
    """What a run depends on."""

    seed: int = 1
    steps: int = 3400
    pieces: int = 5000  # of a batch, with padding
    rate: float = 2e-4
    warm_up: int = 100
    # Characters of a passage: in the first epoch, which shows the first source alone, short ones, then of all lengths. Which
    # sentence is meant is learned sooner among few, and from questions in the words of their passage.
    short: int = 150
    lengths: tuple[int, ...] = (200, 350, 520, 520)
    # Chances that a question is shown with another passage, or with its passage less its evidence, beside its own passage.
    other: float = 0.6
    less: float = 0.35
    # Chance that what stands above a passage is left out.
    bare: float = 0.2


@dataclass(frozen=True, slots=True)
class Batch:
    """Examples side by side; what is not known weighs 0."""

    ids: Tensor
    mask: Tensor
    pair: Tensor  # (n, 2) wanted
    pair_weight: Tensor  # (n, 2)
    markers: Tensor  # (n, sentences) positions of the ends before the sentences, 0 where there is none
    marked: Tensor  # (n, sentences) bool: there is a sentence, and it is known whether it is evidence
    evidence: Tensor  # (n, sentences)
    span: Tensor  # (n, 2) positions; 0 for none
    span_weight: Tensor  # (n,)


def collate(examples: Sequence[Example], pairs: Sequence[EncodedPair]) -> Batch:
    """Lay examples side by side."""
    n, longest, most = len(examples), max(len(p.ids) for p in pairs), max(len(p.markers) for p in pairs)
    ids, mask = torch.full((n, longest), PADDING), torch.zeros(n, longest, dtype=torch.long)
    pair, pair_weight = torch.zeros(n, 2), torch.ones(n, 2)
    markers, marked, evidence = (
        torch.zeros(n, most, dtype=torch.long),
        torch.zeros(n, most, dtype=torch.bool),
        torch.zeros(n, most),
    )
    span, span_weight = torch.zeros(n, 2, dtype=torch.long), torch.ones(n)
    for row, (example, encoded) in enumerate(zip(examples, pairs, strict=True)):
        ids[row, : len(encoded.ids)] = torch.tensor(encoded.ids)
        mask[row, : len(encoded.ids)] = 1
        pair[row] = torch.tensor([float(bool(example.relevant)), float(example.answered)])
        pair_weight[row, 0] = float(example.relevant is not None)
        count = len(encoded.markers)
        markers[row, :count] = torch.tensor(encoded.markers)
        marked[row, [i for i in range(count) if i not in example.doubtful]] = True
        for number in example.evidence:
            if number < count:
                evidence[row, number] = 1
        if example.span is None:
            span_weight[row] = 0
        elif example.span:
            found = locate(encoded, *example.span)
            if found:
                span[row] = torch.tensor(found)
            else:
                span_weight[row] = 0
    return Batch(ids, mask, pair, pair_weight, markers, marked, evidence, span, span_weight)


def locate(encoded: EncodedPair, sentence: int, start: int, end: int) -> tuple[int, int] | None:
    """Return the first and the last piece of a span of characters of a sentence; None if it was cut off."""
    if sentence >= len(encoded.markers):
        return None
    begin = encoded.markers[sentence] + 1
    stop = encoded.markers[sentence + 1] if sentence + 1 < len(encoded.markers) else len(encoded.ids) - 1
    within = [p for p in range(begin, stop) if encoded.offsets[p][0] < end and start < encoded.offsets[p][1]]
    return (within[0], within[-1]) if within and encoded.offsets[within[-1]][1] >= end else None


def loss_of(batch: Batch, of_pair: Tensor, of_piece: Tensor) -> Tensor:
    """Return the loss of a batch: of the pair, of its sentences, and of both ends of the span."""
    pair = functional.binary_cross_entropy_with_logits(of_pair, batch.pair, reduction="none") * batch.pair_weight
    logits = of_piece[..., 0].gather(1, batch.markers)
    each = functional.binary_cross_entropy_with_logits(logits, batch.evidence, reduction="none") * batch.marked
    # A passage counts once; evidence and the rest weigh alike where there is both.
    sentences = each.sum(1) / batch.marked.sum(1).clamp(min=1).sqrt()
    ends = of_piece[..., 1:].masked_fill(batch.mask[..., None] == 0, -1e4)
    span = (
        functional.cross_entropy(ends[..., 0], batch.span[:, 0], reduction="none")
        + functional.cross_entropy(ends[..., 1], batch.span[:, 1], reduction="none")
    ) * batch.span_weight
    return (pair.sum(1) + sentences + 0.5 * span).mean()


class Mixer:
    """Draws examples from sources, each epoch anew: the questions with their passages, and what is not answered."""

    def __init__(
        self, sources: Sequence[Source], neighbours: Mapping[str, Mapping[str, Sequence[str]]], options: Options
    ) -> None:
        """Take sources; `neighbours`: of each source, passages that a search finds for a question and that do not answer it."""
        self.sources, self.neighbours, self.options = sources, neighbours, options

    def epoch(self, number: int) -> list[Example]:
        """Return the examples of an epoch, in random order: first of the first source, then of all."""
        chance = random.Random(self.options.seed * 1000 + number)
        found: list[Example] = []
        for source in self.sources if number else self.sources[:1]:
            for example in source.examples:
                found += self._shown(source, example, chance)
        chance.shuffle(found)
        return found

    def _shown(self, source: Source, example: Example, chance: random.Random) -> Iterator[Example]:
        yield self._bare(example, chance)
        if not example.answered:
            return
        less = without_evidence(example) if chance.random() < self.options.less else None
        if less:
            yield self._bare(less, chance)
        others = self.neighbours.get(source.name, {}).get(example.question, ())
        if others and chance.random() < self.options.other:
            passage = source.passages[chance.choice(others)]
            yield self._bare(Example(example.question, passage, False, False), chance)

    def _bare(self, example: Example, chance: random.Random) -> Example:
        if example.passage.context and chance.random() < self.options.bare:
            return replace(example, passage=replace(example.passage, context=""))
        return example


class Training:
    """A run: goes on from its last checkpoint, and ends as a run without a stop would."""

    def __init__(self, network: ReaderNetwork, tokenizer: Tokenizer, mixer: Mixer, options: Options, folder: Path) -> None:
        """Prepare a run whose checkpoint and log lie in `folder`."""
        self.network, self.tokenizer, self.mixer, self.options, self.folder = network, tokenizer, mixer, options, folder
        self.network.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
        decayed = [p for name, p in network.named_parameters() if p.requires_grad and p.dim() > 1]
        others = [p for name, p in network.named_parameters() if p.requires_grad and p.dim() <= 1]
        self.optimiser = torch.optim.AdamW(
            [{"params": decayed, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}],
            lr=options.rate,
            betas=(0.9, 0.98),
        )
        self.step = 0
        folder.mkdir(parents=True, exist_ok=True)

    def rate(self, step: int) -> float:
        """Return the learning rate of a step: it rises, then falls to 0."""
        o = self.options
        return o.rate * min((step + 1) / o.warm_up, max(0.0, (o.steps - step) / max(1, o.steps - o.warm_up)))

    def batches(self) -> Iterator[Batch]:
        """Yield the batches from the present step on; pairs of like length go together."""
        seen = 0
        for number in itertools.count():
            examples = self.mixer.epoch(number)
            for start in range(0, len(examples) - _POOL + 1, _POOL):
                chance = random.Random(self.options.seed * 1_000_003 + seen)
                chosen = [self._cut(example, number, chance) for example in examples[start : start + _POOL]]
                pairs = [encode_pair(self.tokenizer, example.question, example.passage) for example in chosen]
                groups = list(self._groups(pairs))
                chance.shuffle(groups)
                for rows in groups:
                    seen += 1
                    if seen > self.step:
                        yield collate([chosen[i] for i in rows], [pairs[i] for i in rows])

    def _cut(self, example: Example, epoch: int, chance: random.Random) -> Example:
        room = chance.choice(self.options.lengths) if epoch else self.options.short
        return windowed(example, room=room, shift=chance.random())

    def _groups(self, pairs: Sequence[EncodedPair]) -> Iterator[list[int]]:
        """Yield the indexes of pairs of like length, so many that they have `options.pieces` pieces with padding."""
        group: list[int] = []
        for i in sorted(range(len(pairs)), key=lambda i: len(pairs[i].ids)):
            if group and (len(group) + 1) * len(pairs[i].ids) > self.options.pieces:
                yield group
                group = []
            group.append(i)
        yield group

    def resume(self) -> bool:
        """Take up the last checkpoint, if there is one."""
        path = self.folder / "checkpoint.pt"
        if not path.exists():
            return False
        state = torch.load(path, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = state["step"]
        return True

    def save(self) -> None:
        """Write a checkpoint in place of the last."""
        state = {"network": self.network.state_dict(), "optimiser": self.optimiser.state_dict(), "step": self.step}
        torch.save(state, self.folder / "checkpoint.part")
        (self.folder / "checkpoint.part").replace(self.folder / "checkpoint.pt")

    def run(self, *, measure: Callable[[ReaderNetwork], dict[str, float]] | None = None, every: int = 500) -> None:
        """Train to the last step."""
        self.network.train()
        total, began, tokens = 0.0, time.monotonic(), 0
        for batch in self.batches():
            for group in self.optimiser.param_groups:
                group["lr"] = self.rate(self.step)
            torch.manual_seed(self.options.seed * 100_003 + self.step)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                of_pair, of_piece = self.network(batch.ids, batch.mask)
            loss = loss_of(batch, of_pair.float(), of_piece.float())
            self.optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_([p for p in self.network.parameters() if p.requires_grad], 1.0)
            self.optimiser.step()
            self.step += 1
            total += float(loss.detach())
            tokens += batch.ids.numel()
            if self.step % 50 == 0:
                seconds = (time.monotonic() - began) / 50
                self._log({"step": self.step, "loss": round(total / 50, 4), "seconds": round(seconds, 3), "tokens": tokens // 50})
                total, began, tokens = 0.0, time.monotonic(), 0
            if self.step % every == 0 or self.step == self.options.steps:
                self.save()
                if measure:
                    self.network.eval()
                    self._log({"step": self.step, **measure(self.network)})
                    self.network.train()
                began = time.monotonic()
            if self.step >= self.options.steps:
                return

    def _log(self, line: dict[str, float]) -> None:
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
