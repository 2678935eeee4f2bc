"""The bundled encoder: the vectors of sentence-transformers without its imports, and clear errors."""

import hashlib
import shutil
import subprocess
import sys
from collections import Counter
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, pre_tokenizers

from corpus.messages.errors import EncoderError
from corpus.text.normalize import fold
from index.encoder import SentenceTransformerEncoder, StaticEncoder, load_encoder

MODEL = Path(str(resources.files("index") / "model"))
TEXTS = [
    "青年志愿者参加社区服务。",
    "青年志願者參加社區服務。",
    "How many young volunteers took part in community service?",
    "ＡＰＰ上线 2021年3月，注册用户1.2万人",
    "",
    "   \n",
    "♥♥♥",
    "团" * 3000,
    "Kraków café naïve",
]


@pytest.fixture(scope="module")
def encoder() -> StaticEncoder:
    return StaticEncoder(MODEL)


def write_model(folder: Path, tensors: dict[str, np.ndarray]) -> None:
    """Four tokens in two dimensions, to be checked by eye."""
    folder.mkdir()
    vocabulary = [("[UNK]", -9.0), ("a", -1.0), ("b", -1.0), ("c", -1.0)]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=0, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.save(str(folder / "tokenizer.json"))
    save_file(tensors, folder / "model.safetensors")
    (folder / "SHA256SUMS").write_text(
        "".join(
            f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n"
            for name in ("tokenizer.json", "model.safetensors")
        )
    )


def test_the_mean_of_token_vectors_is_scaled_to_length_one(tmp_path: Path) -> None:
    write_model(tmp_path / "m", {"embedding.weight": np.array([[0, 0], [3, 0], [0, 4], [0, 0]], dtype=np.float32)})
    vectors = StaticEncoder(tmp_path / "m").encode_queries(["a", "a b", "a a b", "c", "", "b b b"])
    # a b: mean (1.5, 2), length 2.5 -> (0.6, 0.8). a a b: mean (2, 4/3), length 2.4037 -> (0.83205, 0.5547).
    expected: list[list[float]] = [[1, 0], [0.6, 0.8], [0.83205, 0.5547], [0, 0], [0, 0], [0, 1]]
    np.testing.assert_allclose(vectors, expected, atol=1e-5)


def test_integer_vectors_are_multiplied_by_the_factor_of_their_token(tmp_path: Path) -> None:
    write_model(
        tmp_path / "m",
        {
            "embeddings": np.array([[0, 0], [1, 0], [0, 1], [7, 7]], dtype=np.int8),
            "weights": np.array([1, 3, 4, 1], dtype=np.float32),
        },
    )
    np.testing.assert_allclose(StaticEncoder(tmp_path / "m").encode_passages(["a b"]), [[0.6, 0.8]], atol=1e-6)


def test_vectors_are_those_of_sentence_transformers(encoder: StaticEncoder) -> None:
    sentence_transformers = pytest.importorskip("sentence_transformers")
    model = sentence_transformers.SentenceTransformer(str(MODEL), device="cpu")
    expected = model.encode([fold(text) for text in TEXTS], normalize_embeddings=True)
    np.testing.assert_allclose(encoder.encode_passages(TEXTS), expected, atol=1e-5)


def test_any_sentence_transformers_folder_can_be_used() -> None:
    pytest.importorskip("sentence_transformers")
    other = SentenceTransformerEncoder(str(MODEL))
    simplified = [text for text in TEXTS if fold(text) == text]
    np.testing.assert_allclose(other.encode_queries(simplified), StaticEncoder(MODEL).encode_queries(simplified), atol=1e-5)
    assert other.dimension == StaticEncoder(MODEL).dimension


def test_rows_have_length_one_or_zero(encoder: StaticEncoder) -> None:
    vectors = encoder.encode_queries(TEXTS)
    assert vectors.shape == (len(TEXTS), encoder.dimension)
    assert vectors.dtype == np.float32
    blank = [text.strip() == "" or text == "♥♥♥" for text in TEXTS]
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), np.where(blank, 0.0, 1.0), atol=1e-6)


def test_no_text_gives_no_rows(encoder: StaticEncoder) -> None:
    assert encoder.encode_queries([]).shape == (0, encoder.dimension)


def test_script_width_and_case_do_not_matter(encoder: StaticEncoder) -> None:
    a, b = encoder.encode_queries(["ＡＰＰ 志願者", "app 志愿者"])
    np.testing.assert_array_equal(a, b)


def test_words_outside_the_vocabulary_still_have_a_vector(encoder: StaticEncoder) -> None:
    assert np.linalg.norm(encoder.encode_queries(["xqzvwk"])[0]) == pytest.approx(1.0, abs=1e-6)


def test_a_text_has_the_same_vector_alone_and_among_others(encoder: StaticEncoder) -> None:
    alone = np.concatenate([encoder.encode_passages([text]) for text in TEXTS])
    np.testing.assert_allclose(encoder.encode_passages(TEXTS * 600)[-len(TEXTS) :], alone, atol=1e-6)


def test_a_translation_is_nearer_than_another_sentence(encoder: StaticEncoder) -> None:
    query = encoder.encode_queries(["volunteers teach children to swim in summer"])[0]
    right, wrong = encoder.encode_passages(["志愿者暑期教孩子们游泳", "团委召开换届选举会议"])
    assert query @ right > query @ wrong + 0.2


def test_tokens_by_hand(tmp_path: Path) -> None:
    write_model(
        tmp_path / "m",
        {
            "embeddings": np.array([[0, 0], [1, 0], [0, 2], [0, 0]], dtype=np.int8),
            "weights": np.array([1, 3, 2, 5], dtype=np.float32),
        },
    )
    small = StaticEncoder(tmp_path / "m")
    # a is 1 and b is 2; c has no vector, nor has a word outside the vocabulary
    found = small.token_ids(["b a b c", "c", "", "zzz b", "A"])
    assert [ids.tolist() for ids in found] == [[1, 2], [], [], [2], [1]]
    # each row times its factor: 3 * (1, 0), 2 * (0, 2)
    np.testing.assert_allclose(small.token_vectors(np.array([2, 1, 2])), [[0, 4], [3, 0], [0, 4]], atol=1e-6)
    assert small.token_vectors(found[1]).shape == (0, 2)


def test_token_ids_are_different_ascending_and_have_vectors(encoder: StaticEncoder) -> None:
    texts = [*TEXTS, "志愿者志愿者，志愿者！"]
    for text, ids in zip(texts, encoder.token_ids(texts), strict=True):
        assert ids.dtype == np.int32
        assert np.all(np.diff(ids) > 0), text
        assert np.all(np.linalg.norm(encoder.token_vectors(ids), axis=1) > 0), text
        assert len(ids) > 0 or text.strip() in ("", "♥♥♥")


def test_script_width_and_case_do_not_matter_to_tokens(encoder: StaticEncoder) -> None:
    a, b = encoder.token_ids(["ＡＰＰ 志願者", "app 志愿者"])
    assert a.tolist() == b.tolist() != []


def test_a_text_has_the_same_tokens_alone_and_among_others(encoder: StaticEncoder) -> None:
    alone = [ids.tolist() for text in TEXTS for ids in encoder.token_ids([text])]
    # more texts than are cut at a time
    assert [ids.tolist() for ids in encoder.token_ids(TEXTS * 500)[-len(TEXTS) :]] == alone


@pytest.mark.parametrize("text", ["青年志愿者参加社区服务", "young volunteers swim", TEXTS[3]])
def test_the_sum_of_different_tokens_points_where_the_text_does(encoder: StaticEncoder, text: str) -> None:
    total = encoder.token_vectors(encoder.token_ids([text])[0]).sum(axis=0)
    np.testing.assert_allclose(total / np.linalg.norm(total), encoder.encode_queries([text])[0], atol=1e-5)


@pytest.mark.parametrize("text", ["青年志愿者教青年志愿者，教了又教", "to be or not to be", "团" * 300 + "员"])
def test_tokens_times_their_number_point_where_the_text_does(encoder: StaticEncoder, text: str) -> None:
    counts = Counter(Tokenizer.from_file(str(MODEL / "tokenizer.json")).encode(fold(text), add_special_tokens=False).ids)
    assert max(counts.values()) > 1
    ids = encoder.token_ids([text])[0]
    total = (encoder.token_vectors(ids) * np.array([counts[token] for token in ids.tolist()])[:, None]).sum(axis=0)
    np.testing.assert_allclose(total / np.linalg.norm(total), encoder.encode_queries([text])[0], atol=1e-5)


def test_encoding_needs_neither_torch_nor_its_friends() -> None:
    program = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"torch", "sentence_transformers", "transformers"}:
            raise ImportError(f"blocked: {name}")
sys.meta_path.insert(0, Block())
from corpus.messages.errors import EncoderError
from index.encoder import load_encoder
print(load_encoder().encode_queries(["团员"]).shape[0])
try:
    load_encoder("some/model")
except EncoderError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=MODEL.parent.parent)
    first, second = done.stdout.splitlines()
    assert first == "1"
    assert "'some/model'" in second and second.endswith("run pip install -r requirements-encoders.txt")


@pytest.mark.parametrize("file", ["tokenizer.json", "model.safetensors", "SHA256SUMS"])
def test_a_missing_file_is_named(tmp_path: Path, file: str) -> None:
    shutil.copytree(MODEL, tmp_path / "model")
    (tmp_path / "model" / file).unlink()
    with pytest.raises(EncoderError, match=file):
        StaticEncoder(tmp_path / "model")


@pytest.mark.parametrize("file", ["tokenizer.json", "model.safetensors"])
def test_one_flipped_bit_is_noticed(tmp_path: Path, file: str) -> None:
    shutil.copytree(MODEL, tmp_path / "model")
    damaged = bytearray((tmp_path / "model" / file).read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (tmp_path / "model" / file).write_bytes(damaged)
    with pytest.raises(EncoderError, match=f"{file} is damaged"):
        StaticEncoder(tmp_path / "model")


def test_files_that_hold_something_else_are_refused(tmp_path: Path) -> None:
    write_model(tmp_path / "m", {"something": np.zeros((4, 2), dtype=np.float32)})
    with pytest.raises(EncoderError, match="no static embedding model"):
        StaticEncoder(tmp_path / "m")


def test_weights_that_can_run_code_are_refused(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(EncoderError, match="safetensors"):
        load_encoder(str(tmp_path))


def test_the_fingerprint_follows_the_files(tmp_path: Path, encoder: StaticEncoder) -> None:
    weights = np.eye(4, 2, dtype=np.float32)
    write_model(tmp_path / "a", {"embedding.weight": weights})
    write_model(tmp_path / "b", {"embedding.weight": weights})
    write_model(tmp_path / "c", {"embedding.weight": weights + 1})
    a, b, c = (StaticEncoder(tmp_path / name).fingerprint for name in "abc")
    assert a == b != c
    assert len(encoder.fingerprint) == 64
