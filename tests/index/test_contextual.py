"""The contextual encoder: what of a passage is read, how it is laid out in windows, what is made of the states of a network."""

import hashlib
import itertools
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer, models

from benchmarks.retrieval import lone_passage
from corpus.document import Passage, Span
from corpus.messages.errors import EncoderError
from index.contextual import (
    MAX_CONTEXT,
    MAX_PIECES,
    MAX_QUESTION,
    OnnxContextualEncoder,
    load_contextual_encoder,
    question_ids,
    windows_of,
)
from index.pieces import BEGIN, BLOCK, END, PassageText, PieceVectors
from index.reader import encode_pair, interpret
from tests.index.lettered import LETTERS, PASSAGE, POINTS, TOKENIZER, drawn_passages, ids_of
from tests.index.small import RIDERS_AND_POINTS, SWIMMING
from tests.qa.invented import passages_of

# The text of a passage.


def test_a_passage_is_read_with_place_month_title_and_heading() -> None:
    evening, _, _, county, *_ = passages_of(RIDERS_AND_POINTS, SWIMMING)
    assert PassageText.of(evening) == PassageText(
        "宁波市镇海区 2021-05 团宁波市镇海区委开设骑手夜校 一、办夜校", ("一、办夜校。", "下班以后学剪纸，学费由团委补贴。")
    )
    # It tells of a county of the city whose article it is.
    assert PassageText.of(county).context == "淳安县 2021-05 团杭州市委推广志愿积分 二、看县里"


def test_a_passage_is_read_in_simplified_script() -> None:
    text = PassageText.of(lone_passage("p", "濱瀾區辦夜學", "學員自選課程。騎手優先。"))
    assert text == PassageText("滨澜区办夜学", ("学员自选课程。", "骑手优先。"))


@pytest.mark.parametrize(
    ("year", "issued", "above"), [(2021, None, "2021 夜学"), (2021, date(2022, 1, 3), "2022-01 夜学"), (None, None, "夜学")]
)
def test_the_date_goes_before_the_year_and_what_is_unknown_is_left_out(year: int | None, issued: date | None, above: str) -> None:
    passage = lone_passage("p", "夜学", "开课。")
    masthead = replace(passage.bulletin.masthead, year=year, issue_date=issued)
    dated = replace(passage, bulletin=replace(passage.bulletin, masthead=masthead))
    assert PassageText.of(dated).context == above


def test_a_row_of_a_table_is_one_sentence_below_its_header() -> None:
    text = "地点\t沙袋\t负责人\n石坳村\t三百只。备用\t王一\n"
    passage = lone_passage("p", "防汛", text)
    start = text.index("石")
    row = replace(passage, span=Span(start, len(text)), table_header=Span(0, start))
    assert PassageText.of(row) == PassageText("防汛 地点 沙袋 负责人", ("石坳村|三百只。备用|王一",))


def test_sentences_are_those_that_are_quoted_without_white_space_around_them() -> None:
    passage: Passage = lone_passage("p", "", "首期开课。\n\n 满十五人开班！\n不满的\n并入下期\n")
    assert PassageText.of(passage).sentences == ("首期开课。", "满十五人开班！", "不满的", "并入下期")


# Windows.


def test_a_question_is_told_to_be_one() -> None:
    assert question_ids(TOKENIZER, "积分怎么兑换") == (BEGIN, *ids_of("query: 积分怎么兑换"), END)


def test_a_long_question_is_cut_at_its_end() -> None:
    ids = question_ids(TOKENIZER, "积分" * 300)
    assert ids == (BEGIN, *ids_of("query: " + "积分" * 300)[:MAX_QUESTION], END)


def test_a_passage_is_one_window_of_context_and_sentences() -> None:
    (window,) = windows_of(TOKENIZER, PASSAGE)
    assert list(window.ids) == [BEGIN, *ids_of("passage: " + PASSAGE.context), *ids_of("".join(POINTS)), END]
    assert [list(window.ids[start:end]) for start, end in window.sentences] == list(map(ids_of, POINTS))


def test_no_window_is_too_long_and_each_sentence_is_read_once() -> None:
    several = 0
    for passage in drawn_passages(40):
        windows = list(windows_of(TOKENIZER, passage))
        head = [BEGIN, *ids_of("passage: " + passage.context)[:MAX_CONTEXT]]
        room = MAX_PIECES - len(head) - 1
        wanted = [(ids_of(sentence) or [END])[:room] for sentence in passage.sentences]
        assert [list(w.ids[start:end]) for w in windows for start, end in w.sentences] == wanted
        for window in windows:
            assert len(window.ids) <= MAX_PIECES and window.sentences
            assert list(window.ids[: len(head)]) == head and window.ids[-1] == END
            assert [start for start, _ in window.sentences] == [len(head), *(end for _, end in window.sentences[:-1])]
            assert window.sentences[-1][1] == len(window.ids) - 1
        several += len(windows) > 1
    assert several > 10


def test_a_window_is_closed_only_when_the_next_sentence_has_no_room() -> None:
    for passage in drawn_passages(40):
        windows = list(windows_of(TOKENIZER, passage))
        for window, following in itertools.pairwise(windows):
            start, end = following.sentences[0]
            assert len(window.ids) + end - start > MAX_PIECES


# A network in whose place stands nothing: the state of a piece is its own vector, whatever stands around it.

VECTORS = PieceVectors.quantize(np.random.default_rng(5).integers(-8, 8, size=(4 + len(LETTERS), BLOCK)).astype(np.float32))
TABLE = VECTORS.of(range(4 + len(LETTERS)))


class Session:
    """As onnxruntime has it; keeps how long and how many the texts were that it was given at once.

    As a reader it says of a pair the sum of its first vectors' first two numbers, of sentences the first number of their means,
    and of pieces the next two numbers of each.
    """

    given: list[tuple[int, ...]] = []  # noqa: RUF012
    opened: list[bytes] = []  # noqa: RUF012

    def __init__(self, path: str, options: object, providers: Sequence[str]) -> None:
        content = Path(path).read_bytes()
        if content not in (b"a network", b"a reader"):
            raise RuntimeError("no network")
        self.content = content
        self.opened.append(content)

    def get_outputs(self) -> list[Any]:
        output: Any = ModuleType("output")
        output.shape = ["texts", "pieces", BLOCK]
        return [output]

    def run(self, names: object, inputs: dict[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        vectors = inputs["vectors"]
        self.given.append(vectors.shape[:2])
        if self.content != b"a reader":
            return [vectors]
        assert (inputs["marks"][0] > 0).all()
        return [vectors[:, :2].sum(1)[:, :2], (inputs["means"] @ vectors)[:, 1:, 0], vectors[..., 2:4]]


class Options:
    """The options of a session."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a model, read by a stand-in for onnxruntime."""
    runtime: Any = ModuleType("onnxruntime")
    runtime.InferenceSession, runtime.SessionOptions = Session, Options
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    monkeypatch.setattr(Session, "given", [])
    monkeypatch.setattr(Session, "opened", [])
    (tmp_path / "encoder.onnx").write_bytes(b"a network")
    (tmp_path / "reader.onnx").write_bytes(b"a reader")
    (tmp_path / "pieces.safetensors").write_bytes(VECTORS.to_bytes())
    TOKENIZER.save(str(tmp_path / "tokenizer.json"))
    sign(tmp_path)
    return tmp_path


FILES = ("encoder.onnx", "pieces.safetensors", "reader.onnx", "tokenizer.json")


def sign(folder: Path) -> None:
    """Write the hashes of what lies in a folder."""
    sums = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in FILES]
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")


def mean_of(ids: Sequence[int]) -> NDArray[np.float32]:
    """The mean of the states of pieces, of length 1."""
    mean = TABLE[list(ids)].mean(0)
    return np.asarray(mean / np.linalg.norm(mean), np.float32)


def test_a_vector_is_the_mean_of_the_states_of_its_pieces(folder: Path) -> None:
    encoder = OnnxContextualEncoder(folder)
    assert encoder.dimension == BLOCK
    np.testing.assert_allclose(
        encoder.encode_question("積分怎麼兌換"), mean_of(question_ids(TOKENIZER, "积分怎么兑换")), atol=1e-6
    )
    (vectors,) = encoder.encode_passages([PASSAGE])
    np.testing.assert_allclose(vectors, [mean_of(ids_of(point)) for point in POINTS], atol=1e-6)


def test_each_passage_has_the_vectors_of_its_own_sentences_in_their_order(folder: Path) -> None:
    passages = list(drawn_passages(25))
    found = OnnxContextualEncoder(folder).encode_passages(passages)
    assert [len(vectors) for vectors in found] == [len(passage.sentences) for passage in passages]
    for passage, vectors in zip(passages, found, strict=True):
        room = MAX_PIECES - 2 - min(MAX_CONTEXT, len(ids_of("passage: " + passage.context)))
        for sentence, vector in zip(passage.sentences, vectors, strict=True):
            np.testing.assert_allclose(vector, mean_of((ids_of(sentence) or [END])[:room]), atol=1e-5)


def test_nothing_to_read_has_no_vectors(folder: Path) -> None:
    encoder = OnnxContextualEncoder(folder)
    assert encoder.encode_passages([]) == []
    assert [vectors.shape for vectors in encoder.encode_passages([PassageText("区", ()), PassageText("", ())])] == [
        (0, BLOCK),
        (0, BLOCK),
    ]


def test_what_is_read_at_once_never_takes_more_room_than_a_whole_window(folder: Path) -> None:
    OnnxContextualEncoder(folder).encode_passages(list(drawn_passages(60)))
    assert all(texts == 1 or texts * pieces <= 512 for texts, pieces in Session.given)


def test_a_question_asked_again_is_not_read_again(folder: Path) -> None:
    encoder = OnnxContextualEncoder(folder)
    first = encoder.encode_question("积分")
    assert encoder.encode_question("积分") is first and len(Session.given) == 1


def test_the_fingerprint_is_that_of_the_files_that_make_vectors(folder: Path) -> None:
    before = OnnxContextualEncoder(folder).fingerprint
    assert OnnxContextualEncoder(folder, threads=1).fingerprint == before and len(before) == 64
    (folder / "reader.onnx").write_bytes(b"another reader")
    sign(folder)
    assert OnnxContextualEncoder(folder).fingerprint == before
    vocabulary = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    Tokenizer(models.Unigram(vocabulary, unk_id=3)).save(str(folder / "tokenizer.json"))
    sign(folder)
    assert OnnxContextualEncoder(folder).fingerprint != before


@pytest.mark.parametrize("file", [*FILES, "SHA256SUMS"])
def test_a_damaged_or_missing_file_is_named(file: str, folder: Path) -> None:
    (folder / file).write_bytes(b"other bytes")
    with pytest.raises(EncoderError, match="|".join(FILES)):
        OnnxContextualEncoder(folder)
    (folder / file).unlink()
    with pytest.raises(EncoderError, match=file):
        OnnxContextualEncoder(folder)


@pytest.mark.parametrize("file", ["encoder.onnx", "pieces.safetensors", "tokenizer.json"])
def test_a_file_that_is_none_of_a_model_is_named_though_its_hash_is_right(file: str, folder: Path) -> None:
    (folder / file).write_bytes(b"other bytes")
    sign(folder)
    with pytest.raises(EncoderError, match=folder.name):
        OnnxContextualEncoder(folder)


def test_a_question_is_read_with_each_passage_by_itself(folder: Path) -> None:
    encoder = OnnxContextualEncoder(folder)
    assert Session.opened == [b"a network"]  # an index is made without the reader
    passages = [PASSAGE, *(passage for passage in drawn_passages(9) if passage.sentences)]
    found = encoder.read_together("積分怎麼兌換", passages)
    assert Session.opened == [b"a network", b"a reader"]
    pairs = [encode_pair(TOKENIZER, "积分怎么兑换", passage) for passage in passages]
    assert Session.given == [(1, len(pair.ids)) for pair in pairs]
    for pair, passage, reading in zip(pairs, passages, found, strict=True):
        vectors = TABLE[list(pair.ids)]
        of_sentences = (pair.means() @ vectors)[1:, 0]
        assert reading == interpret(pair, passage, vectors[:2].sum(0)[:2], of_sentences, vectors[:, 2:4])
        assert len(reading.sentences) == len(reading.facts) == len(passage.sentences)
    assert encoder.read_together("积分", []) == []
    (nothing,) = encoder.read_together("积分", [PassageText("区", ())])
    assert nothing.sentences == nothing.facts == () and nothing.answered < -10 and len(Session.given) == len(pairs)
    assert encoder.read_together("积分怎么兑换", passages) == found and len(Session.given) == len(pairs)  # not read again


def test_a_reader_that_is_gone_when_first_asked_for_is_named(folder: Path) -> None:
    encoder = OnnxContextualEncoder(folder)
    (folder / "reader.onnx").unlink()
    with pytest.raises(EncoderError, match=re.escape(str(folder))):
        encoder.read_together("积分", [PASSAGE])


def test_without_onnxruntime_there_is_no_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)  # an import then fails as if it were not installed
    load_contextual_encoder.cache_clear()
    try:
        assert load_contextual_encoder() is None
    finally:
        load_contextual_encoder.cache_clear()
