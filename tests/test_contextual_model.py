"""The contextual model that ships with the program: what it understands, and that a library is the same however it is read."""

import hashlib
import shutil
import threading
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from corpus.messages.errors import EncoderError
from index.contextual import ContextualEncoder, OnnxContextualEncoder, load_contextual_encoder
from index.encoder import load_encoder
from index.pieces import PassageText
from index.store import generations
from index.store.context import BuildContext
from index.store.library import Library, open_index
from index.store.paths import LibraryPaths
from index.store.worker import Worker, WorkerSetup
from qa.answering.answerability import FEATURES
from qa.answering.reading import ContextualReader, QuickReader, evidence_reader, load_calibration
from tests.index.small import RIDERS_AND_POINTS, STORIES, SWIMMING

MODEL = resources.files("index") / "contextual_model"
STATION = PassageText(
    "锦渚区 2021-05 团锦渚区委建起骑手驿站 二、建驿站",
    ("二、建驿站。", "骑手进站喝水充电，渴了有热水，累了有躺椅。", "学费由街道补贴四成。", "站长由骑手推选。"),
)
SCHOOL = PassageText("澜坪区 2022-09 夜学开课", ("夜学每周三开课。", "每门收四十元，退课不扣钱。", "老师每周答疑两次。"))
LONG = PassageText("望澜市", tuple(f"第{number}个村的志愿者服务一小时记十分，可以换{number}斤鸡蛋。" for number in range(60)))


@pytest.fixture(scope="module")
def encoder() -> ContextualEncoder:
    loaded = load_contextual_encoder()
    assert loaded is not None
    return loaded


def test_everyday_words_find_the_sentence_that_says_it_otherwise(encoder: ContextualEncoder) -> None:
    station, school = encoder.encode_passages([STATION, SCHOOL])
    for question, passage, expected in (
        ("骑手累了怎么办", station, 1),
        ("谁来当头儿", station, 3),
        ("上课要花多少钱", school, 1),
        ("when are the evening classes", school, 0),
    ):
        assert int((passage @ encoder.encode_question(question)).argmax()) == expected, question
    for question, near, far in (("送外卖的渴了去哪儿", station, school), ("上课要花多少钱", school, station)):
        asked = encoder.encode_question(question)
        assert (near @ asked).max() > (far @ asked).max(), question


def test_the_files_tell_nothing_of_the_machine_that_made_them() -> None:
    for file in ("encoder.onnx", "reader.onnx", "pieces.safetensors", "tokenizer.json"):
        assert b"site-packages" not in MODEL.joinpath(file).read_bytes()


def test_a_question_and_a_passage_are_read_together(encoder: ContextualEncoder) -> None:
    for question, passage, sentence, fact in (
        ("夜学一门课多少钱", SCHOOL, 1, "四十元"),
        ("站长由谁推选", STATION, 3, "骑手"),
        ("夜学哪天开课", SCHOOL, 0, "每周三"),
    ):
        own, other = encoder.read_together(question, [passage, SCHOOL if passage is STATION else STATION])
        assert own.answered > other.answered, question
        assert max(range(len(own.sentences)), key=own.sentences.__getitem__) == sentence, question
        found = own.facts[sentence]
        assert found is not None and fact in passage.sentences[sentence][found.start : found.end], question
    # The right topic, and what is asked is not there.
    asked, missing = (encoder.read_together(text, [SCHOOL])[0] for text in ("夜学每门课收多少钱", "夜学的老师一共有多少位"))
    assert asked.answered > missing.answered


def test_vectors_have_length_one_and_the_dimension_that_is_told(encoder: ContextualEncoder) -> None:
    found = [*encoder.encode_passages([STATION, SCHOOL, LONG]), encoder.encode_question("骑手")[None]]
    assert [vectors.shape for vectors in found] == [(n, encoder.dimension) for n in (4, 3, 60, 1)]
    for vectors in found:
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_sentence_is_read_with_what_stands_around_it(encoder: ContextualEncoder) -> None:
    alone, other = PassageText("", ("老师每周答疑两次。",)), PassageText("", ("河道每天清淤。", "老师每周答疑两次。"))
    vectors = [encoder.encode_passages([passage])[0][-1] for passage in (alone, other, SCHOOL)]
    asked = encoder.encode_question("澜坪区的夜学怎么答疑")
    near = [float(vector @ asked) for vector in vectors]
    assert near[2] == max(near) and len({round(cosine, 3) for cosine in near}) == 3


def test_both_scripts_ask_the_same(encoder: ContextualEncoder) -> None:
    np.testing.assert_array_equal(encoder.encode_question("騎手驛站怎麼建"), encoder.encode_question("骑手驿站怎么建"))


def test_a_passage_has_the_same_vectors_in_any_company(encoder: ContextualEncoder) -> None:
    passages = [STATION, SCHOOL, LONG, PassageText("区", ("好。",)), PassageText("", ("Riders charge their phones.", ""))]
    alone = [encoder.encode_passages([passage])[0] for passage in passages]
    for company in (passages, passages[::-1], [SCHOOL, SCHOOL, STATION]):
        for passage, vectors in zip(company, encoder.encode_passages(company), strict=True):
            np.testing.assert_allclose(vectors, alone[passages.index(passage)], atol=1e-3)


def test_threads_change_nothing(encoder: ContextualEncoder) -> None:
    single = load_contextual_encoder(threads=1)
    assert single is not None and single.fingerprint == encoder.fingerprint
    for one, other in zip(single.encode_passages([STATION, LONG]), encoder.encode_passages([STATION, LONG]), strict=True):
        np.testing.assert_array_equal(one, other)


def test_several_may_read_at_once(encoder: ContextualEncoder) -> None:
    """As the page answers several people."""
    expected = encoder.encode_passages([STATION])[0]
    found: list[np.ndarray] = []
    readers = [threading.Thread(target=lambda: found.append(encoder.encode_passages([STATION])[0])) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert len(found) == 4
    for vectors in found:
        np.testing.assert_array_equal(vectors, expected)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "简报"
    folder.mkdir()
    for name, text in (("甲", RIDERS_AND_POINTS), ("乙", SWIMMING), ("丙", STORIES)):
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


def contents(library: Library) -> dict[str, bytes]:
    segment = generations.load(generations.current(library.root))  # type: ignore[arg-type]
    assert segment is not None and segment.contextual is not None
    return segment.contents()


def test_other_processes_read_what_this_one_does(folder: Path, tmp_path: Path, encoder: ContextualEncoder) -> None:
    started = []

    def start(setup: WorkerSetup) -> Worker:
        started.append(Worker(setup))
        return started[-1]

    def library(name: str, batch_files: int, max_workers: int) -> Library:
        return open_index(
            BuildContext(
                LibraryPaths(folder, tmp_path / name),
                load_encoder(),
                encoder,
                batch_files=batch_files,
                max_workers=max_workers,
                start_worker=start,
            )
        )

    one, several = library("one", 64, 1), library("several", 1, 1)
    assert not started
    many = library("many", 1, 2)
    assert len(started) == 2
    assert contents(one) == contents(several) == contents(many)


def test_where_sentences_are_read_the_contextual_reader_reads(folder: Path, tmp_path: Path, encoder: ContextualEncoder) -> None:
    context = BuildContext(LibraryPaths(folder, tmp_path / "data"), load_encoder(), encoder)
    library = open_index(context)
    assert isinstance(evidence_reader(library.retriever), ContextualReader)
    assert library.retriever.search("送外卖的去哪里歇脚", k=1)[0].passage.text.startswith("二、建驿站")
    plain = open_index(BuildContext(context.paths, context.encoder))
    assert plain.manifest.created == library.manifest.created
    assert isinstance(evidence_reader(plain.retriever), QuickReader)


def test_the_calibration_is_fit_for_what_is_known() -> None:
    learned = load_calibration()
    for models, counts in ((learned.glanced, (4, 4, 3, 2 + len(FEATURES))), (learned.read, (8, 8, 5, 3 + len(FEATURES)))):
        assert tuple(len(m.weights) for m in (models.fact, models.measure, models.passage, models.answer)) == counts
        levels = [models.thresholds[name] for name in ("lenient", "normal", "strict")]
        assert levels == sorted(set(levels)) and levels[0] > 0 and levels[-1] < 1


def test_what_is_no_network_is_named_though_its_hash_is_right(tmp_path: Path) -> None:
    with resources.as_file(MODEL) as packaged:
        shutil.copytree(packaged, tmp_path / "model")
    network = tmp_path / "model" / "encoder.onnx"
    network.write_bytes(network.read_bytes()[:5000])
    sums = (tmp_path / "model" / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert [line.partition("  ")[2] for line in sums] == ["encoder.onnx", "reader.onnx", "pieces.safetensors", "tokenizer.json"]
    digest = hashlib.sha256(network.read_bytes()).hexdigest()
    signed = "\n".join((f"{digest}  encoder.onnx", *sums[1:], ""))
    (tmp_path / "model" / "SHA256SUMS").write_text(signed, encoding="utf-8")
    with pytest.raises(EncoderError, match="no reading model"):
        OnnxContextualEncoder(tmp_path / "model")
