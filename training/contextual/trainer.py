"""The training of the contextual encoder, from checkpoint to checkpoint."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertModel

from training.contextual.examples import Example, Source
from training.contextual.network import passage_vectors, question_vectors

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


class Training:
    """A run: goes on from its last checkpoint, and ends as a run without a stop would."""

    def __init__(self, encoder: BertModel, tokenizer: Tokenizer, mixer: Mixer, options: Options, folder: Path) -> None:
        """Prepare a run whose checkpoint and log lie in `folder`. The vectors of pieces are not trained."""
        self.encoder, self.tokenizer, self.mixer, self.options, self.folder = encoder, tokenizer, mixer, options, folder
        encoder.embeddings.word_embeddings.weight.requires_grad_(False)
        self.losses = Losses(options.temperature)
        trained = [parameter for parameter in encoder.parameters() if parameter.requires_grad]
        self.optimiser = torch.optim.AdamW(
            [
                {"params": [p for p in trained if p.dim() > 1], "weight_decay": 0.01, "factor": 1.0},
                {"params": [p for p in trained if p.dim() <= 1], "weight_decay": 0.0, "factor": 1.0},
                {"params": list(self.losses.parameters()), "weight_decay": 0.0, "factor": 100.0},
            ],
            lr=options.rate,
            betas=(0.9, 0.98),
        )
        self.step = 0
        folder.mkdir(parents=True, exist_ok=True)

    def rate(self, step: int) -> float:
        """Return the learning rate of a step: it rises, then falls to a fiftieth."""
        o = self.options
        return o.rate * min((step + 1) / o.warm_up, max(0.02, (o.steps - step) / max(1, o.steps - o.warm_up)))

    def resume(self) -> bool:
        """Take up the last checkpoint, if there is one."""
        path = self.folder / "checkpoint.pt"
        if not path.exists():
            return False
        state = torch.load(path, weights_only=True)
        self.encoder.load_state_dict(state["encoder"])
        self.losses.load_state_dict(state["losses"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = state["step"]
        return True

    def save(self) -> None:
        """Write a checkpoint in place of the last."""
        state = {
            "encoder": self.encoder.state_dict(),
            "losses": self.losses.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
        }
        torch.save(state, self.folder / "checkpoint.part")
        (self.folder / "checkpoint.part").replace(self.folder / "checkpoint.pt")

    def run(self, *, measure: Callable[[], dict[str, float]] | None = None, every: int = 200) -> None:
        """Train to the last step."""
        self.encoder.train()
        total, began = torch.zeros(3), time.monotonic()
        for step in range(self.options.steps):
            groups = self.mixer.batch(step)
            if step < self.step:  # done before the last checkpoint
                continue
            total += self._learn(groups)
            if self.step % 25 == 0:
                among, alone, whole = (round(float(loss) / 25, 4) for loss in total)
                seconds = round((time.monotonic() - began) / 25, 2)
                self._log({"step": self.step, "among": among, "alone": alone, "whole": whole, "seconds": seconds})
                total, began = torch.zeros(3), time.monotonic()
            if self.step % every == 0 or self.step == self.options.steps:
                self.save()
                if measure:
                    self.encoder.eval()  # type: ignore[no-untyped-call]
                    self._log({"step": self.step, **measure()})
                    self.encoder.train()
                began = time.monotonic()

    def _learn(self, groups: Sequence[Sequence[Example]]) -> Tensor:
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate(self.step) * group["factor"]
        examples = [(number, example) for number, group in enumerate(groups) for example in group]
        sentences, passages = passage_vectors(self.encoder, self.tokenizer, [group[0].passage for group in groups])
        asked = question_vectors(self.encoder, self.tokenizer, [example.question for _, example in examples])
        losses: Tensor = self.losses(asked, sentences, passages, examples)
        self.optimiser.zero_grad(set_to_none=True)
        (losses @ torch.tensor([1.0, 1.0, 0.5])).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_([p for p in self.encoder.parameters() if p.requires_grad], 1.0)
        self.optimiser.step()
        self.step += 1
        return losses.detach()

    def _log(self, line: dict[str, float]) -> None:
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
