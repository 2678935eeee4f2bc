"""Check the quotes of a file of answers, or of a saved list, against the library's files as they are now.

Every quote of an answer in JSON carries a receipt: document, SHA-256 of the file, offsets, text. Three things are told apart:

- exists: the text occurs, verbatim, in the cleaned text of some bulletin of the library;
- in place: the file is the very same, the text that a reader makes of it, too, and the characters at the offsets, joined, are the
  text; so are label, highlights and a table's header;
- cited: kind, series, issue, number, publisher, date, address, region, title, heading and page are what is read for that place.

The whole is derived again besides, and must be the very same: an answer by asking again, a saved quote by quoting again
(`qa/export/derivation.py`). Only then does the file hold: what is shown beside quotes is to be believed no more than they are.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec

from corpus import readers
from corpus.chunker import chunk
from corpus.document import Article, Bulletin, Passage, Span
from corpus.library import files as library
from corpus.library.edits import UserEdits
from corpus.library.files import ParsedFile
from corpus.messages.errors import JingyanError
from corpus.messages.language import tr, use_language
from index.store.edits_file import read_edits
from index.store.paths import LibraryPaths
from qa.answering.answer import cite
from qa.export.batch import LINE_OF_ERROR
from qa.export.derivation import OWN, Derive, difference, saved_difference, unknown_fields
from qa.export.records import (
    AskedRecord,
    CitationRecord,
    QuoteRecord,
    ReceiptRecord,
    SliceRecord,
    Spans,
    build_citation_record,
    to_json_object,
)
from qa.export.saved_quotes import SavedList, SavedQuote
from qa.export.seal import DIGEST, digest_of, read_json

_SHOWN = 24  # characters of a text in a message
_BEFORE_DIFFERENCE = 6  # characters that a message shows before the first one that differs
_SHOWN_OF_HASH = 12  # hexadecimal digits
_SAVED_LIST = "before"  # the key that a saved list always has, and an answer never
_OF_A_LINE = ("id", "elapsed_ms")  # keys that `batch` adds to an answer, which are not of the library
_FILE_NAME = re.compile(r"(?:[A-Za-z]:)?[^\n:：。，；！？“”]{1,255}")  # no statement in its place


class _Answer(msgspec.Struct, frozen=True):
    """What is read of an answer to check its quotes; `record` is all of it."""

    quotes: tuple[QuoteRecord, ...]
    record: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class _Saved:
    """A saved list; one of an earlier version has no seal."""

    saved: SavedList
    is_sealed: bool

    @property
    def quotes(self) -> tuple[SavedQuote, ...]:
        return (*self.saved.quotes, *(self.saved.before or ()))


@dataclass(frozen=True, slots=True)
class Check:
    """What came of one quote. `line` is its line in the file of answers; `message` says what is wrong, if anything is."""

    line: int
    number: int
    document: str
    text: str
    exists: bool
    in_place: bool
    cited: bool
    message: str | None

    @property
    def holds(self) -> bool:
        return self.exists and self.in_place and self.cited


@dataclass(frozen=True, slots=True)
class Whole:
    """What came of an answer, or a saved list, as a whole. `message` says where it is not what the library gives now.

    `unchecked` are its fields that nothing can be derived from.
    """

    line: int
    derived: bool
    message: str | None
    unchecked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """What came of a file of answers. `problems` are lines that could not be understood: (line, message)."""

    file: str
    checks: tuple[Check, ...]
    wholes: tuple[Whole, ...]
    problems: tuple[tuple[int, str], ...]

    @property
    def holds(self) -> bool:
        """Return whether all that the file shows is what the library gives."""
        return not self.problems and all(check.holds for check in self.checks) and all(whole.derived for whole in self.wholes)

    def record(self) -> dict[str, Any]:
        """Return the report as a JSON object."""
        return {
            "file": self.file,
            "holds": self.holds,
            "quotes": [asdict(check) for check in self.checks],
            "answers": [asdict(whole) for whole in self.wholes],
            "problems": [{"line": line, "message": message} for line, message in self.problems],
        }

    def text(self) -> str:
        """Return a line for each quote, the message of one that does not hold below it, and a summary."""
        lines = []
        for check in self.checks:
            verdicts = (
                (tr("原文存在", "exists"), check.exists),
                (tr("位置相符", "in place"), check.in_place),
                (tr("出处相符", "cited"), check.cited),
            )
            verdict = tr("，", ", ").join(
                f"{name}{tr('：', ': ')}{tr('是', 'yes') if holds else tr('否', 'NO')}" for name, holds in verdicts
            )
            lines.append(f"[{check.number}] {verdict}  {check.document} “{_short(check.text)}”")
            if check.message:
                lines.append(f"    {self._at(check.line)}{check.message}")
        lines += [self._at(whole.line) + whole.message for whole in self.wholes if whole.message]
        lines += [self._at(line) + message for line, message in self.problems]
        unchecked = dict.fromkeys(name for whole in self.wholes for name in whole.unchecked)
        if unchecked:
            names = ", ".join(unchecked)
            lines.append(tr(f"不能由库推出、未作核验的：{names}", f"not checked, since no library can tell: {names}"))
        total = len(self.checks)
        exist, placed, cited = (sum(getattr(check, name) for check in self.checks) for name in ("exists", "in_place", "cited"))
        summary = tr(
            f"共 {total} 段引文：原文存在 {exist}，位置相符 {placed}，出处相符 {cited}",
            f"{total} quotes: {exist} exist, {placed} in place, {cited} rightly cited",
        )
        if self.problems:
            summary += tr(f"；另有 {len(self.problems)} 处读不懂", f"; {len(self.problems)} lines not understood")
        return "\n".join([*lines, summary])

    def _at(self, line: int) -> str:
        return tr(f"{self.file}：第 {line} 行：", f"{self.file}: line {line}: ")


def verify(file: Path, folder: Path, *, data: Path | None = None, derive: Derive | None = None) -> VerificationReport:
    """Check a file of answers, JSON (`ask --json`) or JSON lines (`batch`), or a saved list, against a library.

    Args: folder: of the library; data: the per-user data folder, where files that were added, and corrections, are kept; without
        it only what the folder holds is known; derive: asks the library again (`asking_again`); without it no answer holds as a
        whole.
    Raises: UnreadableFileError: the file cannot be read; LibraryError: the library's folder cannot;
        RegionTableError: its regions.csv has a malformed row.
    """
    return check(readers.read_plain(file), LibraryFiles(folder, data), name=str(file), derive=derive)


def check(text: str, library_files: "LibraryFiles", *, name: str, derive: Derive | None = None) -> VerificationReport:
    """Check the text of a file as `verify`. Args: name: of the file."""
    checks: list[Check] = []
    wholes: list[Whole] = []
    problems: list[tuple[int, str]] = []
    for line, found in _answers(text):
        if isinstance(found, str):
            problems.append((line, found))
            continue
        receipt_lines, answer = found
        quotes: tuple[QuoteRecord | SavedQuote, ...] = answer.quotes
        if isinstance(answer, _Saved):
            wholes.append(_whole_list(answer, library_files, line))
        else:
            wholes.append(_whole_answer(answer.record, line, derive))
        for index, quote in enumerate(quotes):
            checks.append(
                _check(
                    quote,
                    library_files,
                    line=receipt_lines[index] if index < len(receipt_lines) else line,
                    number=len(checks) + 1,
                )
            )
    return VerificationReport(name, tuple(checks), tuple(wholes), tuple(problems))


class LibraryFiles:
    """The library's files, each read and parsed when it is first asked for."""

    def __init__(self, folder: Path, data: Path | None) -> None:
        gazetteer = library.load_gazetteer(folder)
        if data is None:
            edits, self._context = UserEdits(), library.FileContext(folder, gazetteer)
        else:
            paths = LibraryPaths(folder, data)
            edits = read_edits(paths)
            self._context = paths.file_context(gazetteer, edits.corrections)
        files = library.scan(folder, added=self._context.added, edits=edits)
        self.documents = tuple(file.document for file in files)
        self._opened: dict[str, ParsedFile | str] = {}

    def read(self, document: str, *, opened: library.OpenArchive | None = None) -> ParsedFile | str:
        """Return what was read of a document and its bulletin, or why there is none. Only files of the library are read.

        Args: opened: what keeps an archive open for further documents.
        """
        if document not in self.documents:
            return tr(f"{document}：库里没有这个文件", f"{document}: no such file in the library")
        if document not in self._opened:
            try:
                self._opened[document] = library.read_bulletin_file(document, self._context, opened=opened)
            except JingyanError as error:
                self._opened[document] = str(error)
        return self._opened[document]

    def find_text(self, text: str, *, first: str) -> Bulletin | None:
        """Return a bulletin in whose cleaned text `text` occurs; the document `first` is looked through before all others."""
        with library.OpenArchive() as opened:
            for document in (first, *self.documents):
                found = self.read(document, opened=opened)
                if not isinstance(found, str) and text in found.bulletin.text:
                    return found.bulletin
        return None


def _answers(text: str) -> Iterator[tuple[int, tuple[list[int], _Answer | _Saved] | str]]:
    """Yield each answer with its line and the lines of all receipts, or what is wrong with that line."""
    lines = text.split("\n")  # not splitlines: U+2028 and its like are no line ends in JSON, but characters of its strings
    try:
        records = [(1, read_json(text))]
    except (ValueError, RecursionError) as error:
        if not _is_object(next((line for line in lines if line.strip()), "")):
            yield getattr(error, "lineno", 1), tr(f"不是 JSON（{error}）", f"not JSON ({error})")
            return
        records = []
        for number, line in enumerate(lines, 1):
            try:
                records += [(number, read_json(line))] if line.strip() else []
            except (ValueError, RecursionError) as bad:
                yield number, tr(f"不是 JSON（{bad}）", f"not JSON ({bad})")
    # `ask --json` sets every key on a line of its own, and no string of JSON holds a line end.
    receipt_lines = [number for number, line in enumerate(lines, 1) if line.lstrip().startswith('"receipt":')]
    for number, record in records:
        try:
            yield number, (receipt_lines, _understand(record))
        except (ValueError, msgspec.ValidationError) as error:
            yield number, tr(f"应为带收据的答案（{error}）", f"expected an answer with receipts ({error})")


def _understand(record: Any) -> _Answer | _Saved:
    """Return the answer or the saved list that a record is. Raises: ValueError: it is neither, or its seal is broken."""
    if isinstance(record, dict) and DIGEST in record and record[DIGEST] != digest_of(record):
        raise ValueError(tr("与其摘要 digest 不符：内容被改动过", "it is not what its digest was made of: something was changed"))
    if isinstance(record, dict) and _SAVED_LIST in record:
        content = {key: value for key, value in record.items() if key != DIGEST}
        saved = msgspec.convert(content, SavedList)
        if DIGEST in record and (found := difference(content, to_json_object(saved))):
            raise ValueError(found)
        return _Saved(saved, DIGEST in record)
    if isinstance(record, dict) and "error" in record and "quotes" not in record:
        return _Answer((), record)
    return _Answer(msgspec.convert(record, _Answer).quotes, record)


def _whole_answer(record: dict[str, Any], line: int, derive: Derive | None) -> Whole:
    """Ask again, and compare all of the answer, or the error in its place, with what the library gives now."""
    unchecked = ("asked", *(name for name in _OF_A_LINE if name in record))
    return Whole(line, (message := _answer_difference(record, line, derive)) is None, message, unchecked)


def _answer_difference(record: dict[str, Any], line: int, derive: Derive | None) -> str | None:
    try:
        asked = msgspec.convert(record.get("asked"), AskedRecord)
    except msgspec.ValidationError:
        return tr("没有记下问的是什么，整个答案无法重新推出", "what was asked is not told: the whole cannot be derived again")
    if DIGEST not in record:
        return tr("没有摘要 digest", "it has no digest")
    if derive is None:
        return tr("没有重新提问，整个答案未作核验", "not asked again: the answer as a whole was not checked")
    if not isinstance(record.get("elapsed_ms", 0.0), float | int):
        return tr("elapsed_ms 不是数", "elapsed_ms is no number")
    listed = (record.get(name) for name in ("quotes", "passages"))
    parts = [part for found in listed if isinstance(found, list) for part in found]
    addressed = any(isinstance(part, dict) and "address" in part for part in parts)
    given = {key: value for key, value in record.items() if key not in (*_OF_A_LINE, DIGEST)}
    try:
        derived = derive(asked, addressed)
    except JingyanError as error:
        if given.keys() == {"asked", "error"} and given["error"] in _errors(asked, line, derive, str(given["error"])):
            return None
        return tr(f"库现在不能回答：{error}", f"the library gives no answer now: {error}")
    del derived[DIGEST]
    if "id" in record:
        del derived["question"]
    found = difference(given, derived)
    return tr(f"与库现在的答案不同：{found}", f"not what the library answers now: {found}") if found else None


def _errors(asked: AskedRecord, line: int, derive: Derive, given: str) -> Iterator[str]:
    """Yield the errors that `batch` writes for a question, in each language. The name of its file is taken from the given one."""
    for language, before in LINE_OF_ERROR.items():
        with use_language(language):
            try:
                derive(asked, False)
            except JingyanError as error:
                place = before.format(line=line)
                name = given.partition(place)[0]
                yield f"{name if _FILE_NAME.fullmatch(name) else ''}{place}{error}"


def _whole_list(found: _Saved, library_files: "LibraryFiles", line: int) -> Whole:
    """Quote again what is saved, and compare all of it with what is kept."""
    message = None
    for quotes in (found.saved.quotes, found.saved.before or ()):
        if len({quote.id for quote in quotes}) < len(quotes):
            message = tr("同一段引文出现了两次", "a quote stands twice")
        for quote in quotes:
            opened = library_files.read(quote.receipt.document)
            if message is None and not isinstance(opened, str):
                differs = saved_difference(quote, opened.bulletin, exact=found.is_sealed)
                message = f"{quote.receipt.document}{tr('：', ': ')}{differs}" if differs else None
    return Whole(line, message is None, message, OWN)


def _is_object(line: str) -> bool:
    try:
        return isinstance(read_json(line), dict)
    except (ValueError, RecursionError):
        return False


def _check(quote: QuoteRecord | SavedQuote, library_files: LibraryFiles, *, line: int, number: int) -> Check:
    receipt = quote.receipt
    home = library_files.find_text(quote.text, first=receipt.document) if quote.text else None
    opened = library_files.read(receipt.document)
    problem = opened if isinstance(opened, str) else _misplacement(quote, opened.extracted.text, opened.bulletin)
    if problem and home is None:
        problem += tr("；这段文字不在库里的任何文件里", "; the text stands in no document of the library")
    elif problem and home is not None and home.source.document != receipt.document:
        problem += tr(f"；这段文字在 {home.source.document} 里", f"; the text stands in {home.source.document}")
    cited, miscited = False, None
    if home is not None:
        spans = receipt.spans if home.source.document == receipt.document and not problem else ()
        cited, miscited = _cited(quote, home, spans)
    return Check(
        line=line,
        number=number,
        document=receipt.document,
        text=quote.text,
        exists=home is not None,
        in_place=problem is None,
        cited=cited,
        message=problem or miscited,
    )


def _misplacement(quote: QuoteRecord | SavedQuote, source: str, bulletin: Bulletin) -> str | None:
    """Return what is wrong with the quote's place in the file, or None. Args: source: the text of the file, as it is read now."""
    return _contradiction(quote) or _change(quote.receipt, bulletin) or _wrong_offsets(quote, source)


def _contradiction(quote: QuoteRecord | SavedQuote) -> str | None:
    """Return in what the quote and its receipt differ, or None."""
    receipt, name = quote.receipt, quote.receipt.document
    for field, quoted, received in (
        (tr("文字", "text"), quote.text, receipt.text),
        (tr("文件", "document"), quote.document, receipt.document),
        (tr("位置", "offsets"), quote.spans, receipt.spans),
    ):
        if quoted != received:
            return tr(f"{name}：引文与收据的{field}不一致", f"{name}: the quote and its receipt differ in {field}")
    return None


def _change(receipt: ReceiptRecord, bulletin: Bulletin) -> str | None:
    """Return how the file, or the text that is read from it, differs from that of the receipt, or None."""
    name, now = receipt.document, bulletin.source
    if now.sha256 != receipt.sha256:
        before, after = receipt.sha256[:_SHOWN_OF_HASH], now.sha256[:_SHOWN_OF_HASH]
        return tr(
            f"{name}：文件已改动（SHA-256 原为 {before}…，现为 {after}…）",
            f"{name}: the file has changed (SHA-256 then {before}…, now {after}…)",
        )
    if receipt.text_sha256 and receipt.text_sha256 != now.text_sha256:
        return tr(
            f"{name}：文件未改动，但现在读出的文字不同（读取程序的版本不同？），位置不再有效",
            f"{name}: the file is the same, but another text is read from it now (by another version?): offsets no longer hold",
        )
    return None


def _wrong_offsets(quote: QuoteRecord | SavedQuote, source: str) -> str | None:
    """Return which part of the quote does not stand at its offsets, or None."""
    whole = Span(quote.spans[0][0], quote.spans[-1][1]) if quote.spans else Span(0, 0)
    marks = quote.highlight if isinstance(quote, QuoteRecord) else ()
    for part in (SliceRecord(text=quote.text, spans=quote.spans), *marks):
        inside = all(whole.contains(Span(start, end)) for start, end in part.spans)
        if not inside or not _holds(part, source):
            return _difference(quote.receipt.document, part, source)
    # A label may also stand before its quote, and the header of a table does. A saved quote has its header as words, no slice.
    before = [part for part in (quote.label, quote.header) if isinstance(part, SliceRecord)]
    wrong = next((part for part in before if not _holds(part, source)), None)
    return _difference(quote.receipt.document, wrong, source) if wrong else None


def _holds(part: SliceRecord, source: str) -> bool:
    """Return whether the characters at the offsets, joined, are the text."""
    return bool(part.spans) and _text_at(part.spans, source) == part.text


def _text_at(spans: Spans, source: str) -> str:
    return "".join(source[start:end] for start, end in spans if 0 <= start <= end)


def _difference(name: str, part: SliceRecord, source: str) -> str:
    """Return what stands at the offsets and what should, from a little before the first difference: it may lie far inside."""
    found = _text_at(part.spans, source)
    row = source.count("\n", 0, max(0, part.spans[0][0] if part.spans else 0)) + 1
    alike = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(found, part.text, strict=False)))
    stands, expected = (_short(text[max(0, alike - _BEFORE_DIFFERENCE) :]) for text in (found, part.text))
    return tr(
        f"{name}：第 {row} 行：给出的位置上是“{stands}”，不是“{expected}”",
        f"{name}: line {row}: the offsets hold “{stands}”, not “{expected}”",
    )


def _cited(quote: QuoteRecord | SavedQuote, bulletin: Bulletin, spans: Spans) -> tuple[bool, str | None]:
    """Return whether the citation is right for the place at `spans` or, without them, where the text stands; and why not."""
    cited = _citation_fields(quote.citation)
    unknown = unknown_fields(cited)  # what an earlier version did not know is not held against it
    cited = {name: value for name, value in cited.items() if name not in unknown}
    read = (
        _citation_fields(build_citation_record(cite(passage, span))) for passage, span in _places(quote.text, bulletin, spans)
    )
    possible = [{name: fields[name] for name in cited} for fields in read]
    if cited in possible:
        return True, None
    if not possible:
        return False, tr(
            f"{bulletin.source.document}：引文不在任何一篇文章的正文里",
            f"{bulletin.source.document}: the quote stands in the body of no article",
        )
    wrong = "; ".join(f"{name} “{cited[name]}” ≠ “{value}”" for name, value in possible[0].items() if cited[name] != value)
    return False, tr(
        f"{bulletin.source.document}：出处与文件不符：{wrong}",
        f"{bulletin.source.document}: the citation is not the file's: {wrong}",
    )


def _citation_fields(record: CitationRecord) -> dict[str, str | None]:
    return {name: None if value is msgspec.UNSET else value for name, value in msgspec.structs.asdict(record).items()}


def _places(text: str, bulletin: Bulletin, spans: Spans) -> Iterator[tuple[Passage, Span]]:
    """Yield where the text stands in passages: at `spans` of the source or, without them, anywhere.

    The title of an article, which an overview quotes, is cited by its first passage.
    """
    begun: set[Article] = set()
    for passage in chunk(bulletin):
        first = passage.span.start if passage.article in begun else passage.article.span.start
        begun.add(passage.article)
        start = bulletin.text.find(text, first, passage.span.end)
        while start >= 0:
            span = Span(start, start + len(text))
            if not spans or [(piece.start, piece.end) for piece in bulletin.source_spans(span)] == list(spans):
                yield passage, span
            start = bulletin.text.find(text, start + 1, passage.span.end)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[:_SHOWN] + "…"
