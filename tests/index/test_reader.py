"""The reading model: how a pair is laid out, and how the numbers of its network are read."""

import hashlib
import math
import random
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, models, normalizers

from corpus.messages.errors import EncoderError
from index.reader import BEGIN, END, MAX_PIECES, PassageText, Reader, encode_pair, find_span, interpret

POINTS = (
    "二、建立机制，让志愿服务可持续。",
    "一是建立积分兑换机制，依托小程序，服务时长每1小时记10分，夜间上浮至1.5倍。",
    "二是联合46家商户组成积分联盟，可兑换理发券、图书、体检套餐等7类物品。",
    "团区委书记到场为志愿者颁发证书。",
)
PASSAGE = PassageText("澜坪区 2022-09 让社区青年动起来 二、建立机制", POINTS)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    """One piece a character, after the four special pieces; a piece of its own opens every text."""
    characters = sorted({*"".join(POINTS), *"澜坪区 2022-09 让社区青年动起来，二、建立机制积分怎么兑换多少家商户ab"})
    vocabulary = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *((c, -1.0) for c in characters)]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=3))
    tokenizer.normalizer = normalizers.NFKC()
    return tokenizer


def test_a_pair_is_question_context_and_marked_sentences(tokenizer: Tokenizer) -> None:
    pair = encode_pair(tokenizer, "积分怎么兑换", PASSAGE)
    assert pair.ids[0] == BEGIN and pair.ids[-1] == END
    assert len(pair.markers) == len(POINTS) and all(pair.ids[marker] == END for marker in pair.markers)
    assert len(pair.offsets) == len(pair.ids)
    bounds = [*pair.markers, len(pair.ids) - 1]
    for sentence, marker, stop in zip(POINTS, bounds, bounds[1:], strict=False):
        assert pair.offsets[marker + 1][0] == 0 and pair.offsets[stop - 1][1] == len(sentence)


def test_a_long_pair_is_cut_at_the_end(tokenizer: Tokenizer) -> None:
    chance = random.Random(3)
    for _ in range(50):
        sentences = tuple("".join(chance.choices("志愿服务积分兑换商户1234，a b", k=chance.randrange(1, 300))) for _ in range(12))
        pair = encode_pair(tokenizer, "积分" * chance.randrange(1, 300), PassageText("区" * 200, sentences))
        assert len(pair.ids) == len(pair.offsets) <= MAX_PIECES
        assert list(pair.markers) == sorted(pair.markers)


def test_the_likeliest_span_lies_within_one_sentence(tokenizer: Tokenizer) -> None:
    pair = encode_pair(tokenizer, "多少家商户", PASSAGE)
    start = POINTS[2].index("46")
    pieces = [
        i for i, (a, b) in enumerate(pair.offsets) if i > pair.markers[2] and i < pair.markers[3] and a < start + 3 and b > start
    ]
    ends = np.full((len(pair.ids), 2), -5.0, np.float32)
    ends[pieces[0], 0] = ends[pieces[-1], 1] = 5.0
    found = find_span(pair, ends)
    assert found is not None and found.sentence == 2
    assert POINTS[2][found.start : found.end].startswith("46") and found.probability > 0.9
    # An end in another sentence than the beginning makes no span; the first piece says that there is none.
    ends[pieces[-1], 1], ends[pair.markers[3] + 2, 1], ends[0] = -5.0, 5.0, 4.0
    assert find_span(pair, ends) is None


def test_numbers_of_a_network_are_read_sentence_by_sentence(tokenizer: Tokenizer) -> None:
    pair = encode_pair(tokenizer, "多少家商户", PASSAGE)
    of_piece = np.zeros((len(pair.ids) + 5, 3), np.float32)  # with padding behind
    of_piece[list(pair.markers), 0] = [-2.0, 1.5, 3.0, -1.0]
    of_piece[0, 1:] = 9.0
    longer = PassageText(PASSAGE.context, (*POINTS, "一句没有位置的话。"))
    read = interpret(pair, longer, np.array([0.5, -0.25], np.float32), of_piece)
    assert (read.relevant, read.answered, read.span) == (0.5, -0.25, None)
    assert read.sentences == (-2.0, 1.5, 3.0, -1.0, -math.inf)


@pytest.mark.parametrize("file", ["reader.onnx", "tokenizer.json", "SHA256SUMS"])
def test_a_damaged_or_missing_file_is_named(file: str, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="only the extra for scans brings it")
    for name in ("reader.onnx", "tokenizer.json"):
        (tmp_path / name).write_bytes(b"some bytes")
    digest = hashlib.sha256(b"some bytes").hexdigest()
    (tmp_path / "SHA256SUMS").write_text(f"{digest}  reader.onnx\n{digest}  tokenizer.json\n")
    with pytest.raises(EncoderError, match=tmp_path.name):  # the hashes agree, and it is no network
        Reader(tmp_path)
    (tmp_path / file).write_bytes(b"other bytes")
    with pytest.raises(EncoderError, match=r"reader\.onnx|tokenizer\.json"):
        Reader(tmp_path)
    (tmp_path / file).unlink()
    with pytest.raises(EncoderError, match=file):
        Reader(tmp_path)
