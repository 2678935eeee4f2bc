"""The conversion of public sets, of questions and passages or of sentence pairs, into folders in BEIR form."""

import json
import lzma
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from corpus.messages.errors import QuestionError
from corpus.messages.language import tr

# Folder to write -> the file of the questions and that of the passages, in SQuAD form.
_QUESTIONS = {
    "xquad-zh": ("xquad/zh", "xquad/zh"),
    "xquad-en-zh": ("xquad/en", "xquad/zh"),
    "cmrc2018-dev": ("cmrc2018/dev", "cmrc2018/dev"),
    "drcd-dev": ("drcd/dev", "drcd/dev"),
}
# Folder to write -> the file, the field of the query and that of its translation.
_PAIRS = {
    "ntrex-en-zh": ("ntrex/en-zh", "en", "zh_cn"),
    "laser-en-zh": ("laser-tatoeba-test/cmn-eng", "en", "zh"),
    "laser-zh-en": ("laser-tatoeba-test/cmn-eng", "zh", "en"),
}


def write_collections(data: Path, output: Path) -> list[Path]:
    """Write every set that `data` has (training/README.md names them) as a folder of `output`.

    Returns: the folders written. Raises: QuestionError: a set cannot be read, or there is none.
    """
    try:
        return _write_all(data, output)
    except (KeyError, TypeError) as error:
        raise QuestionError(tr(f"{data}：有一条记录缺 {error}", f"{data}: a record lacks {error}")) from error


def _write_all(data: Path, output: Path) -> list[Path]:
    written = []
    for name, (asked, answered) in _QUESTIONS.items():
        if all(_file(data, part).exists() for part in (asked, answered)):
            texts = {f"p{number}": paragraph["context"] for number, paragraph in enumerate(read_paragraphs(data, answered))}
            questions = {
                question["id"]: (question["question"], f"p{number}")
                for number, paragraph in enumerate(read_paragraphs(data, asked))
                for question in paragraph["qas"]
            }
            written.append(_write(output / name, texts, questions))
    for name, (part, query, translation) in _PAIRS.items():
        if _file(data, part).exists():
            pairs = list(_records(_file(data, part)))
            texts = {f"p{number}": pair[translation] for number, pair in enumerate(pairs)}
            written.append(
                _write(output / name, texts, {f"q{number}": (pair[query], f"p{number}") for number, pair in enumerate(pairs)})
            )
    if not written:
        raise QuestionError(tr(f"{data}：没有可用的数据集", f"{data}: none of the sets is here"))
    return written


def read_paragraphs(data: Path, part: str) -> Iterable[dict[str, Any]]:
    """Return the paragraphs of a set in SQuAD form, each with its questions. Raises: QuestionError: the set cannot be read."""
    return (paragraph for record in _records(_file(data, part)) for paragraph in record["paragraphs"])


def _file(data: Path, part: str) -> Path:
    return data / f"{part}.jsonl.xz"


def _records(path: Path) -> Iterable[dict[str, Any]]:
    try:
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)
    except (OSError, EOFError, lzma.LZMAError, ValueError) as error:
        raise QuestionError(tr(f"{path}：无法读取（{error}）", f"{path}: cannot be read ({error})")) from error


def _write(folder: Path, texts: Mapping[str, str], questions: Mapping[str, tuple[str, str]]) -> Path:
    """Write a folder. Args: questions: id -> text and the id of its only relevant text."""
    folder.mkdir(parents=True, exist_ok=True)

    def lines(records: Mapping[str, str]) -> str:
        return "".join(
            json.dumps({"_id": name, "title": "", "text": text}, ensure_ascii=False) + "\n" for name, text in records.items()
        )

    (folder / "corpus.jsonl").write_text(lines(texts), encoding="utf-8")
    (folder / "queries.jsonl").write_text(lines({name: text for name, (text, _) in questions.items()}), encoding="utf-8")
    rows = "".join(f"{name}\t{relevant}\t1\n" for name, (_, relevant) in questions.items())
    (folder / "qrels.tsv").write_text(f"query-id\tcorpus-id\tscore\n{rows}", encoding="utf-8")
    return folder
