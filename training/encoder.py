"""Train the static encoder: one vector a token, contrastive loss.

A text is the mean of its tokens' vectors; the last steps also train the tokens to find each other one by one, as the
dense channel compares a question with a passage (index/channels/late_interaction.py). Every batch is drawn from (seed, step)
alone, so a run that is stopped and resumed ends with the same weights.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save
from tokenizers import Tokenizer
from torch.nn import functional

from training.data import Pair, Texts
from training.glosses import Glosser

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Options:
    """The settings of a training run; together with its texts and tokenizer they decide the result."""

    dimension: int = 256
    steps: int = 5000
    # Number of steps, at the end, that also train the late interaction.
    late_steps: int = 1200
    batch: int = 2048
    rate: float = 0.02
    warmup: int = 100
    scale: float = 20.0
    # Share of the tokens that are left out on each side of a pair, drawn again in each step.
    dropout: float = 0.3
    glosses: int = 4
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Side:
    """Token ids of many texts end to end; text i is ids[starts[i]:starts[i] + lengths[i]]."""

    ids: Ids
    starts: Ids
    lengths: Ids
    same: Ids  # equal for equal texts

    def draw(self, rows: Ids, *, keep: float, generator: np.random.Generator) -> tuple[Ids, Ids]:
        """Draw a share `keep` of the tokens of the chosen texts, at least one of each; return them and the start of each text."""
        lengths = self.lengths[rows]
        first = np.cumsum(lengths) - lengths
        ids = self.ids[np.arange(lengths.sum()) + np.repeat(self.starts[rows] - first, lengths)]
        kept = generator.random(len(ids)) < keep
        kept[first] |= np.add.reduceat(kept, first) == 0
        return ids[kept], np.cumsum(np.add.reduceat(kept, first)) - np.add.reduceat(kept, first)


@dataclass(frozen=True, slots=True)
class Task:
    """Pairs of one kind; a batch comes from one task, so that its negatives are of the same kind."""

    name: str
    weight: float
    left: Side
    right: Side
    mutual: bool = False  # both sides mean the same, so each token of one side should find a token of the other


# Share of the steps for each task, before normalisation; training/README.md shows the effect of other shares.
WEIGHTS: Mapping[str, float] = {
    "dictionary": 12.0,
    "synonyms": 1.0,
    "thesaurus": 0.5,
    "tatoeba-cmn": 1.5,
    "3am-captions-en-zh": 1.0,
    "python-docs-en-zh": 0.5,
    "cmrc-question": 1.5,
    "cmrc-answer": 1.0,
    "cmrc-sentence": 1.0,
    "news-title": 1.0,
    "news-sentence": 1.0,
    "csl-title": 0.3,
    "csl-keywords": 0.3,
    "law-sentence": 0.5,
    "law-title": 0.2,
    "service-name": 0.1,
    "written-zh": 0.4,
    "written-zh-answer": 0.2,
    "written-en": 0.4,
    "written-en-answer": 0.2,
    "gloss cmrc-question": 2.0,
    "gloss cmrc-answer": 1.0,
    "gloss cmrc-sentence": 2.0,
    "gloss news-title": 1.5,
    "gloss news-sentence": 1.0,
    "gloss csl-title": 0.5,
    "gloss csl-keywords": 0.3,
    "gloss law-sentence": 0.5,
    "gloss written-zh": 0.3,
}


def encode_side(tokenizer: Tokenizer, texts: Sequence[str]) -> Side:
    """Tokenise one side of the pairs into a flat array of token ids."""
    lengths: list[int] = []
    chunks: list[Ids] = []
    for start in range(0, len(texts), 10_000):
        for encoding in tokenizer.encode_batch_fast(list(texts[start : start + 10_000]), add_special_tokens=False):
            ids = encoding.ids
            lengths.append(len(ids))
            chunks.append(np.array(ids, dtype=np.int64))
    numbers: dict[str, int] = {}
    same = np.array([numbers.setdefault(text, len(numbers)) for text in texts], dtype=np.int64)
    sizes = np.array(lengths, dtype=np.int64)
    return Side(ids=np.concatenate(chunks), starts=np.cumsum(sizes) - sizes, lengths=sizes, same=same)


def build_task(name: str, weight: float, pairs: Sequence[Pair], tokenizer: Tokenizer, *, mutual: bool = False) -> Task:
    """Tokenise the pairs of a task; those with an empty side are left out."""
    left = encode_side(tokenizer, [a for a, _ in pairs])
    right = encode_side(tokenizer, [b for _, b in pairs])
    filled = (left.lengths > 0) & (right.lengths > 0)

    def chosen(side: Side) -> Side:
        return Side(ids=side.ids, starts=side.starts[filled], lengths=side.lengths[filled], same=side.same[filled])

    return Task(name=name, weight=weight, left=chosen(left), right=chosen(right), mutual=mutual)


def build_tasks(texts: Texts, tokenizer: Tokenizer, segmenter: Tokenizer, options: Options) -> list[Task]:
    """Return all pairs of all tasks, as token ids."""
    pairs: dict[str, Sequence[Pair]] = {"dictionary": [(s.definition, s.word) for s in texts.senses]}
    for listed in (texts.words, texts.translations, texts.retrieval):
        pairs |= listed
    glosser = Glosser(segmenter, texts.senses)
    draw = random.Random(options.seed)
    for name, chinese in texts.retrieval.items():
        if f"gloss {name}" in WEIGHTS:
            queries = [query for query, _ in chinese]
            pairs[f"gloss {name}"] = [
                (gloss, passage)
                for _ in range(options.glosses)
                for gloss, (_, passage) in zip(glosser.gloss(queries, draw), chinese, strict=True)
            ]
    mutual = {*texts.words, *texts.translations}
    return [
        build_task(name, WEIGHTS[name], listed, tokenizer, mutual=name == "dictionary" or name in mutual)
        for name, listed in pairs.items()
        if listed and WEIGHTS.get(name, 0.0) > 0.0
    ]


def contrastive_loss(left: torch.Tensor, right: torch.Tensor, same: torch.Tensor, *, scale: float) -> torch.Tensor:
    """Return the cross-entropy of each text choosing its partner in the batch, in both directions.

    Args: left, right: shape (b, d), any norm; same: (b, b) bool, true off the diagonal where a pair is no negative.
    Source: Henderson et al. 2017 (arXiv 1705.00652), symmetric as in CLIP.
    """
    scores = functional.normalize(left) @ functional.normalize(right).T * scale
    scores = scores.masked_fill(same, -torch.inf)
    wanted = torch.arange(len(left))
    return (functional.cross_entropy(scores, wanted) + functional.cross_entropy(scores.T, wanted)) / 2


# Number of texts of a batch that are compared token by token, in groups of similar texts: the wrong partners are then hard.
LATE_TEXTS, LATE_GROUPS = 256, 16
LATE_HARDEST = 16  # best passages of each query that enter the loss; they make nearly all of it
LATE_TOKENS = 160  # different tokens of a text, the rarest: a higher token number means a rarer token


def late_loss(
    weight: torch.Tensor, queries: torch.Tensor, passages: torch.Tensor, same: torch.Tensor, *, scale: float
) -> torch.Tensor:
    """Return the cross-entropy of each query choosing its passage by late interaction.

    The score of a passage is the mean, over the tokens of the query, of the cosine with the nearest token of the passage; each
    token is weighted by the length of its vector.

    Args: weight: shape (n_tokens, d); queries, passages: shape (b, max tokens), token ids, 0 for none; same: (b, b) bool, true
        off the diagonal where a pair is no negative.
    Source: Khattab & Zaharia 2020 (ColBERT), here over static vectors. The nearest tokens are found without gradients, for all
        pairs, in half precision; the loss is taken over the LATE_HARDEST best passages of each query.
    """
    size, longest = queries.shape
    with torch.no_grad():
        units = [functional.normalize(weight[ids.flatten()]).bfloat16() for ids in (queries, passages)]
        cosines = (units[0] @ units[1].T).view(len(units[0]), size, -1)
        best, met = cosines.masked_fill_(passages == 0, -torch.inf).max(2)
        lengths = weight[queries].norm(dim=2) * (queries != 0)
        shares = lengths / lengths.sum(1, keepdim=True).clamp_min(1e-9)
        scores = (best.float().view(size, longest, size) * shares[:, :, None]).sum(1).masked_fill(same, -torch.inf)
        hardest = scores.fill_diagonal_(torch.inf).topk(min(LATE_HARDEST, size)).indices  # the query's own passage comes first
        columns = hardest[:, None, :].expand(-1, longest, -1)
        tokens = passages[columns, met.view(size, longest, size).gather(2, columns)].flatten(0, 1)
    positions = queries.flatten().nonzero()[:, 0]
    vectors = weight.index_select(0, queries.flatten()[positions])
    lengths = vectors.norm(dim=1)
    partners = functional.normalize(
        weight.index_select(0, tokens[positions].flatten()).view(len(positions), -1, weight.shape[1]), dim=2
    )
    cosines = (partners @ functional.normalize(vectors)[:, :, None])[:, :, 0]
    text = torch.arange(size).repeat_interleave(longest)[positions]
    total = torch.zeros(size, cosines.shape[1]).index_add(0, text, cosines * lengths[:, None])
    mean = total / torch.zeros(size).index_add(0, text, lengths)[:, None].clamp_min(1e-9)
    wrong = same.gather(1, hardest)
    return functional.cross_entropy((mean * scale).masked_fill(wrong, -torch.inf), torch.zeros(size, dtype=torch.long))


def padded(ids: Ids, starts: Ids, rows: Ids) -> torch.Tensor:
    """Return the different tokens of some texts of a batch, shape (len(rows), max tokens), padded with 0."""
    ends = np.append(starts[1:], len(ids))
    texts = [np.unique(ids[starts[row] : ends[row]])[-LATE_TOKENS:] for row in rows]
    result = np.zeros((len(rows), max(map(len, texts))), np.int64)
    for row, text in zip(result, texts, strict=True):
        row[: len(text)] = text
    return torch.from_numpy(result)


class Training:
    """A run: weights, optimiser and step, with its checkpoint and its log in one folder."""

    def __init__(self, tasks: Sequence[Task], n_tokens: int, options: Options, folder: Path) -> None:
        self.tasks = tasks
        self.options = options
        self.folder = folder
        self.step = 0
        torch.manual_seed(options.seed)
        weight = torch.randn(n_tokens, options.dimension) * 0.1
        weight[0] = 0.0  # the unknown token has no meaning
        self.embedding = torch.nn.EmbeddingBag.from_pretrained(weight, freeze=False, mode="mean", padding_idx=None)
        self.optimiser = torch.optim.Adam(self.embedding.parameters(), lr=options.rate, betas=(0.9, 0.99), fused=True)
        self._chances = np.array([task.weight for task in tasks]) / sum(task.weight for task in tasks)

    @property
    def weights(self) -> NDArray[np.float32]:
        return np.asarray(self.embedding.weight.detach().numpy(), dtype=np.float32)

    def advance(self) -> tuple[str, float]:
        """Train one step; return the name of its task and the loss before the update."""
        options = self.options
        generator = np.random.default_rng([options.seed, self.step])
        task = self.tasks[generator.choice(len(self.tasks), p=self._chances)]
        size = min(options.batch, len(task.left.starts))
        rows = generator.choice(len(task.left.starts), size=size, replace=False)
        drawn = [side.draw(rows, keep=1.0 - options.dropout, generator=generator) for side in (task.left, task.right)]
        sides = [self.embedding(*map(torch.from_numpy, tokens)) for tokens in drawn]
        left, right = task.left.same[rows], task.right.same[rows]
        equal = (left[:, None] == left) | (right[:, None] == right)
        np.fill_diagonal(equal, False)
        same = torch.from_numpy(equal)
        for group in self.optimiser.param_groups:
            rising = min(1.0, (self.step + 1) / options.warmup)
            group["lr"] = options.rate * rising * (1.0 - self.step / options.steps)
        loss = contrastive_loss(sides[0], sides[1], same, scale=options.scale)
        if self.step >= options.steps - options.late_steps:
            loss = loss + self._late(task, drawn, sides[1], same, generator)
        self.optimiser.zero_grad(set_to_none=False)
        loss.backward()  # type: ignore[no-untyped-call]
        if self.embedding.weight.grad is not None:
            self.embedding.weight.grad[0] = 0.0
        self.optimiser.step()
        self.step += 1
        return task.name, loss.item()

    def _late(
        self,
        task: Task,
        drawn: Sequence[tuple[Ids, Ids]],
        right: torch.Tensor,
        same: torch.Tensor,
        generator: np.random.Generator,
    ) -> torch.Tensor:
        """Return the late interaction loss of a part of the batch: texts drawn at random, with the nearest neighbours of each."""
        with torch.no_grad():
            units = functional.normalize(right)
            groups = min(LATE_GROUPS, len(units))
            first = torch.from_numpy(generator.choice(len(units), groups, replace=False))
            near = (units[first] @ units.T).topk(min(LATE_TEXTS // LATE_GROUPS, len(units))).indices.unique()  # type: ignore[no-untyped-call]
        queries, passages = (padded(*tokens, near.numpy()) for tokens in drawn)
        some = same[near][:, near]
        scale = self.options.scale
        loss = late_loss(self.embedding.weight, queries, passages, some, scale=scale)
        if task.mutual:
            loss = (loss + late_loss(self.embedding.weight, passages, queries, some.T, scale=scale)) / 2
        return loss

    def save(self) -> None:
        """Write the checkpoint; a crash while writing leaves the former one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        state = {
            "step": self.step,
            "options": asdict(self.options),
            "embedding": self.embedding.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }
        partial = self.folder / "checkpoint.partial"
        torch.save(state, partial)
        os.replace(partial, self.folder / "checkpoint.pt")

    def resume(self) -> bool:
        """Go on from the checkpoint, if there is one of the same options."""
        path = self.folder / "checkpoint.pt"
        if not path.exists():
            return False
        state = torch.load(path, weights_only=True)
        if state["options"] != asdict(self.options):
            return False
        self.embedding.load_state_dict(state["embedding"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = state["step"]
        return True

    def run(
        self,
        *,
        until: int | None = None,
        every: int = 500,
        measure: Callable[[NDArray[np.float32]], Mapping[str, float]] | None = None,
    ) -> None:
        """Train to the last step, or to `until`; log, measure and save at fixed intervals of steps."""
        last = self.options.steps if until is None else min(until, self.options.steps)
        losses: dict[str, list[float]] = {}
        began = time.monotonic()
        while self.step < last:
            name, loss = self.advance()
            losses.setdefault(name, []).append(loss)
            if self.step % every == 0 or self.step == last:
                entry: dict[str, object] = {
                    "step": self.step,
                    "seconds": round(time.monotonic() - began, 1),
                    "loss": {n: round(float(np.mean(v)), 4) for n, v in sorted(losses.items())},
                }
                if measure is not None:
                    entry["held out"] = {n: round(v, 4) for n, v in measure(self.weights).items()}
                self.log(entry)
                self.save()
                losses = {}

    def log(self, entry: Mapping[str, object]) -> None:
        """Add a line to log.jsonl and print it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        line = json.dumps(entry, ensure_ascii=False)
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(line + "\n")
        print(line, flush=True)


def embedder(tokenizer: Tokenizer, weights: NDArray[np.float32]) -> Callable[[Sequence[str]], NDArray[np.float32]]:
    """Return a function that encodes texts as unit vectors with the weights of a run that still trains."""

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        side = encode_side(tokenizer, texts)
        with torch.no_grad():
            mean = functional.embedding_bag(
                torch.from_numpy(side.ids),
                torch.from_numpy(weights),
                torch.from_numpy(side.starts),
                mode="mean",
            )
            return np.asarray(functional.normalize(mean).numpy(), dtype=np.float32)

    return embed


def quantise(weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Round vectors, shape (n, d), to 8-bit integers of the same shape, with one factor a row, shape (n,).

    Row i is approximately integers[i] * factors[i]; the error is at most half a factor.
    """
    factors = np.abs(weights).max(axis=1) / 127.0
    factors[factors == 0.0] = 1.0
    return np.round(weights / factors[:, None]).astype(np.int8), factors.astype(np.float32)


def export(tokenizer: Tokenizer, weights: NDArray[np.float32], folder: Path) -> None:
    """Write the model in the layout of sentence-transformers; model card and licence are written by hand.

    The tensors have the names of model2vec. sentence-transformers turns them into float32 when it loads them: the file has a
    quarter of the size of float32 weights, and every program gets the same vectors.
    """
    folder.mkdir(parents=True, exist_ok=True)
    integers, factors = quantise(weights)
    (folder / "model.safetensors").write_bytes(save({"embeddings": integers, "weights": factors}))
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    settings = {
        "modules.json": [
            {
                "idx": 0,
                "name": "0",
                "path": "",
                "type": "sentence_transformers.sentence_transformer.modules.static_embedding.StaticEmbedding",
            }
        ],
        "config_sentence_transformers.json": {
            "model_type": "SentenceTransformer",
            "prompts": {},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    }
    for name, content in settings.items():
        (folder / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    sums = [
        f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n"
        for name in ("model.safetensors", "tokenizer.json")
    ]
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")
