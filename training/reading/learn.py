"""The whole way from the sets to index/reader_model: sources, vocabulary, neighbours, training, export, calibration."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer

from training.data import WRITTEN, read_lines
from training.reading.calibration import calibrate
from training.reading.examples import Example, Source, find_neighbours, read_questions, read_squad, read_voices, windowed
from training.reading.export import export
from training.reading.measure import measure, read_all
from training.reading.network import ReaderNetwork
from training.reading.trainer import Mixer, Options, Training
from training.reading.weights import Pretrained, cut, find_weights, read_weights, used_pieces

__all__ = ["Options", "learn"]

PASSAGES = Path(__file__).parents[1] / "passages"
# The voice that no model learns from; figures and calibration come from it.
HELD_OUT_VOICE = "mixed"
LAYERS = 6
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
_FIRST_OF_OWN = 3  # ranks of a search before this may answer a question of our own, too
_MEASURED, _EVERY = 200, 9  # examples of a public set that are measured on the way; one of so many of the held-out voice


def voice_files(*, held_out: bool) -> list[Path]:
    """Return the files of our own passages: of the held-out voice, or of all others."""
    return [path for path in sorted(PASSAGES.glob("*.jsonl")) if (path.stem == HELD_OUT_VOICE) == held_out]


def learn(
    data: Path, checkpoints: Path, output: Path, options: Options, *, development: Sequence[tuple[Path, Path]] = ()
) -> dict[str, float]:
    """Train the reading model and write it.

    Args: data: folder of the public sets; checkpoints: where vocabulary, neighbours, checkpoint and log are kept; development:
        further libraries, each with its questions, of which those with an odd id are calibrated on.
    Returns: figures of the calibration, on passages that it was not fitted on.
    Raises: DataError: a set or the weights to start from are absent.
    """
    checkpoints.mkdir(parents=True, exist_ok=True)
    sources = [
        read_squad(data / "cmrc2018" / "train.jsonl.xz", name="cmrc"),
        read_questions(held_out=False),
        read_voices(voice_files(held_out=False)),
    ]
    pretrained = read_weights(find_weights())
    tokenizer, encoder = cut(pretrained, kept_pieces(pretrained, data, checkpoints), layers=LAYERS)
    torch.manual_seed(options.seed)
    network = ReaderNetwork(encoder)
    training = Training(network, tokenizer, Mixer(sources, neighbours(sources, checkpoints), options), options, checkpoints)
    training.resume()
    measured = measured_sets(data)
    training.run(measure=lambda network: measure_all(network, tokenizer, measured))
    export(network, tokenizer, output)
    return calibrate(output, voice_files(held_out=True), voice_files(held_out=False), development)


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


def neighbours(sources: Sequence[Source], checkpoints: Path) -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Return of each source the passages near a question that do not answer it, searched for once."""
    path = checkpoints / "neighbours.json"
    if not path.exists():
        found = {source.name: find_neighbours(source, first=0 if source.facts_only else _FIRST_OF_OWN) for source in sources}
        path.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    kept: Mapping[str, Mapping[str, Sequence[str]]] = json.loads(path.read_text(encoding="utf-8"))
    return kept


def measured_sets(data: Path) -> dict[str, list[Example]]:
    """Return the sets that nothing is learned from and that are measured on the way."""
    sets = {
        "cmrc": read_squad(data / "cmrc2018" / "dev.jsonl.xz", name="cmrc").examples[:_MEASURED],
        "drcd": read_squad(data / "drcd" / "dev.jsonl.xz", name="drcd").examples[:_MEASURED],
        "held-out": read_voices(voice_files(held_out=True)).examples[::_EVERY],
    }
    return {name: [windowed(example) for example in examples] for name, examples in sets.items()}


def measure_all(network: ReaderNetwork, tokenizer: Tokenizer, sets: Mapping[str, Sequence[Example]]) -> dict[str, float]:
    """Return the figures of the measured sets, under `set.figure`."""
    return {
        f"{name}.{figure}": round(value, 3)
        for name, examples in sets.items()
        for figure, value in measure(examples, read_all(network, tokenizer, examples)).items()
    }
