"""The whole way from the sets to index/contextual_model: sources, vocabulary, training, export, calibration."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from functools import partial
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertModel

from training.contextual.calibration import calibrate
from training.contextual.examples import Example, Source, read_questions, read_squad, read_voices, windowed
from training.contextual.export import export, export_reader
from training.contextual.measure import measure, measure_reader
from training.contextual.network import ReaderNetwork
from training.contextual.readback import read_back
from training.contextual.reader_trainer import LEGS, ReaderMixer, ReaderTraining
from training.contextual.trainer import Mixer, Options, Training
from training.contextual.weights import Pretrained, cut, find_weights, read_weights, used_pieces
from training.data import WRITTEN, read_lines

__all__ = ["Options", "learn", "learn_reader"]

PASSAGES = Path(__file__).parents[1] / "passages"
# The voice that no model learns from; figures and calibration come from it.
HELD_OUT_VOICE = "mixed"
LAYERS = 12
# Of the batches that show our passages, our questions on others, and CMRC.
_VOICES, _QUESTIONS, _PUBLIC = 0.62, 0.13, 0.25
# Ranks of a search before which a passage may answer a question, too: of CMRC, of our questions, and of our passages.
_FIRST_RANKS = (0, 3, 3)
# A piece of the vocabulary is kept if the texts below have it so often.
_LEAST = 3
_VOCABULARY = (
    "cmrc2018/train",
    "cmrc2018/trial",
    "csl/dev",
    "csl/test",
    "xinwen-lianbo/news",
    "cn-laws/laws",
    "gd-gov-service-guide/matters",
    "cail2019-cjrc/dev",
    "speeches-2020/speeches",
    "python-docs-en-zh/pairs",
    "tatoeba-cmn/pairs",
    "3am-captions-en-zh/train",
    "cc-cedict/cedict",
)
_MARKS = re.compile(r'[{}"\[\]]')  # of JSON
_LONGEST_LINE = 4000
_SAMPLED = 40  # one of so many of our passages shows how large the numbers of states are
_MEASURED, _EVERY = 200, 3  # examples of a public set that are measured on the way; one of so many of the held-out voice


def voice_files(*, held_out: bool) -> list[Path]:
    """Return the files of our own passages: of the held-out voice, or of all others."""
    return [path for path in sorted(PASSAGES.glob("*.jsonl")) if (path.stem == HELD_OUT_VOICE) == held_out]


def learn(
    data: Path,
    checkpoints: Path,
    output: Path,
    options: Options,
    *,
    development: Sequence[tuple[Path, Path]] = (),
) -> dict[str, float]:
    """Train the contextual encoder, then the reader, and write both.

    Args: data: folder of the public sets; checkpoints: where vocabulary, checkpoints and logs are kept; development: further
        libraries, each with its questions, of which those with an odd id are calibrated on.
    Returns: figures of the calibration, on passages that it was not fitted on.
    Raises: DataError: a set or the weights to start from are absent.
    """
    checkpoints.mkdir(parents=True, exist_ok=True)
    pretrained = read_weights(find_weights())
    kept = kept_pieces(pretrained, data, checkpoints)
    tokenizer, encoder = cut(pretrained, kept, layers=LAYERS)
    shown, measured = sources(data), measured_sets(data)
    torch.manual_seed(options.seed)
    training = Training(encoder, tokenizer, Mixer(shown, options), options, checkpoints)
    training.resume()
    training.run(measure=lambda: of_all(measured, partial(measure, encoder, tokenizer)))
    reader = _trained_reader(deepcopy(encoder), tokenizer, shown, measured, checkpoints / "reader")
    export(encoder, reader, tokenizer, output, samples())
    return calibrate(output, voice_files(held_out=True), voice_files(held_out=False), development)


def learn_reader(
    data: Path, checkpoints: Path, folder: Path, *, development: Sequence[tuple[Path, Path]] = ()
) -> dict[str, float]:
    """Train the reader of a model folder, beginning as its encoder, write it there, and return figures as `learn` does.

    Args: checkpoints: where checkpoints and logs of the reader are kept.
    Raises: DataError: a set is absent.
    """
    tokenizer, encoder = read_back(folder)
    reader = _trained_reader(encoder, tokenizer, sources(data), measured_sets(data), checkpoints)
    export_reader(reader, tokenizer, folder, samples())
    return calibrate(folder, voice_files(held_out=True), voice_files(held_out=False), development)


def _trained_reader(
    encoder: BertModel,
    tokenizer: Tokenizer,
    shown: Sequence[tuple[Source, float]],
    measured: dict[str, Source],
    checkpoints: Path,
) -> ReaderNetwork:
    """Return a reader that began as an encoder, which it changes, and was trained from its last checkpoints, if there are any.

    Its weights are the mean of those at the end of each leg. Source: Wortsman et al. 2022, Robust fine-tuning.

    Args: shown, measured: what `sources` and `measured_sets` return.
    """
    checkpoints.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(LEGS[0].seed)
    reader = ReaderNetwork(encoder)
    read = to_read(shown, checkpoints / "neighbours.json")
    legs: list[list[Tensor]] = []
    for number, options in enumerate(LEGS, 1):
        training = ReaderTraining(reader, tokenizer, ReaderMixer(*read, options), options, checkpoints / f"leg-{number}")
        training.resume()
        training.run(measure=lambda: of_all(measured, partial(measure_reader, reader, tokenizer)), every=500)
        legs.append([weights.detach().clone() for weights in reader.parameters()])
    take_mean(reader, legs)
    return reader


def take_mean(network: nn.Module, weights: Sequence[Sequence[Tensor]]) -> None:
    """Set the parameters of a network to the mean of several lists of them."""
    with torch.no_grad():
        for parameter, *each in zip(network.parameters(), *weights, strict=True):
            parameter.copy_(torch.stack(each).mean(0))


def samples() -> list[Example]:
    """Return a question on each of some of our passages, such as the networks will read."""
    return [of_passage[0] for of_passage in read_voices(voice_files(held_out=False)).by_passage()[::_SAMPLED]]


def sources(data: Path) -> list[tuple[Source, float]]:
    """Return what is learned from, and the share of the encoder's batches that each source has."""
    return [
        (read_voices(voice_files(held_out=False)), _VOICES),
        (read_questions(held_out=False), _QUESTIONS),
        (read_squad(data / "cmrc2018" / "train.jsonl.xz"), _PUBLIC),
    ]


def to_read(shown: Sequence[tuple[Source, float]], path: Path) -> tuple[list[Source], list[dict[str, list[str]]]]:
    """Return the sources in the order in which the reader learns from them, CMRC first, and the neighbours of their questions.

    Args: path: of the file that keeps the neighbours.
    """
    ordered = [source for source, _ in shown[::-1]]
    if not path.exists():
        found = [source.neighbours(first=first) for source, first in zip(ordered, _FIRST_RANKS, strict=False)]
        path.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    return ordered, json.loads(path.read_text(encoding="utf-8"))


def kept_pieces(pretrained: Pretrained, data: Path, checkpoints: Path) -> list[int]:
    """Return the ids of the pieces that the vocabulary keeps, counted once."""
    path = checkpoints / "pieces.json"
    if not path.exists():
        path.write_text(json.dumps(used_pieces(pretrained, _vocabulary_texts(data), least=_LEAST)), encoding="utf-8")
    return list(json.loads(path.read_text(encoding="utf-8")))


def _vocabulary_texts(data: Path) -> Iterator[str]:
    own = [*sorted(WRITTEN.glob("*.jsonl")), *sorted((WRITTEN.parents[1] / "index" / "query").glob("*.tsv"))]
    for name in _VOCABULARY:
        for line in read_lines(data / f"{name}.jsonl.xz"):
            yield _MARKS.sub(" ", line[:_LONGEST_LINE])
    for path in own:
        yield from (_MARKS.sub(" ", line) for line in path.read_text(encoding="utf-8").splitlines())


def measured_sets(data: Path) -> dict[str, Source]:
    """Return the sets that nothing is learned from and that are measured on the way."""
    held_out = read_voices(voice_files(held_out=True))
    sets = {name: read_squad(data / name / "dev.jsonl.xz") for name in ("cmrc2018", "drcd")}
    short = {name: Source(source.passages, source.examples[:_MEASURED]) for name, source in sets.items()}
    examples = [windowed(example) for example in held_out.examples[::_EVERY]]
    return {**short, "held-out": Source(held_out.passages, examples)}


def of_all(sets: dict[str, Source], figures: Callable[[Sequence[Example]], dict[str, float]]) -> dict[str, float]:
    """Return the figures of the measured sets, under `set.figure`."""
    return {
        f"{name}.{figure}": round(value, 3) for name, source in sets.items() for figure, value in figures(source.examples).items()
    }
