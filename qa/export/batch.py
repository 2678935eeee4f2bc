"""Answer a file of questions."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from corpus.messages.errors import JingyanError, QuestionError
from corpus.messages.language import Language, tr, user_language
from index.store.library import Library
from qa.answering.pipeline import answer_question
from qa.export.output import replacing_file
from qa.export.records import answer_record, build_asked_record, to_json_object
from qa.export.seal import sealed
from qa.question.question import Asked

LINE_OF_ERROR: dict[Language, str] = {"zh": "：第 {line} 行：", "en": ": line {line}: "}  # between the file's name and the error


def answer_file(
    library: Library, source: Path, target: Path, *, progress: Callable[[int, int], None] = lambda done, total: None
) -> int:
    """Answer each line of `source` and write `target`, line for line in the same order, at once when all is done.

    Returns: the number of lines that failed; each such line has `{"id", "error"}` in the target.
    Raises: QuestionError: the source cannot be read; OutputError: the target cannot be written.
    """
    try:  # what is not UTF-8 spoils its own line alone: it becomes half characters
        lines = [line for line in source.read_text(encoding="utf-8-sig", errors="surrogateescape").split("\n") if line.strip()]
    except OSError as error:
        raise QuestionError(tr(f"{source}：无法读取（{error}）", f"{source}: cannot be read ({error})")) from error
    failed = 0
    with replacing_file(target) as staged, staged.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        for done, record in enumerate(_records(library, lines, str(source)), 1):
            failed += "error" in record
            # Half a character, which an id may hold, is written as it came: an escape of JSON.
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
            progress(done, len(lines))
    return failed


def _records(library: Library, lines: list[str], name: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, 1):
        readable: tuple[str, tuple[str, ...]] | None = None
        try:
            identity, question, history = _question(line)
            readable = question, tuple(history)
            started = time.perf_counter()
            record = answer_record(answer_question(library, question, history=history))
            elapsed = round((time.perf_counter() - started) * 1000, 1)
            del record["question"]
            yield sealed({"id": identity, **record, "elapsed_ms": elapsed})
        except JingyanError as error:
            message = name + LINE_OF_ERROR[user_language()].format(line=number) + str(error)
            asked = {"asked": to_json_object(build_asked_record(Asked(*readable)))} if readable else {}
            yield sealed({"id": _identity(line), "error": message, **asked})


def _question(line: str) -> tuple[Any, str, list[str]]:
    """Return id, question and earlier questions of a line.

    Raises: QuestionError: the line is no JSON object with an id and a question.
    """
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise QuestionError(tr(f"不是 JSON（{error}）", f"not JSON ({error})")) from error
    if not isinstance(entry, dict) or "id" not in entry or not isinstance(entry.get("question"), str):
        raise QuestionError(tr("应为含 id 和 question 的 JSON 对象", "expected a JSON object with id and question"))
    history = entry.get("history") or []
    if not isinstance(history, list) or not all(isinstance(earlier, str) for earlier in history):
        raise QuestionError(tr("history 应为字符串数组", "history must be an array of strings"))
    return entry["id"], entry["question"], history


def _identity(line: str) -> Any:
    """Return the id of a line that cannot be answered; None where the line has none that can be read."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry.get("id") if isinstance(entry, dict) else None
