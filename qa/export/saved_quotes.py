"""The saved list (资料夹): quotes collected over several questions, with the reader's remarks, in one file.

What is kept of a quote is enough to show, cite and check it when its bulletin is gone: text, references, receipt. The file is
itself in the form that `python -m qa verify` reads. It is replaced whole; one that cannot be understood is set aside, not lost.
"""

import hashlib
import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec
from filelock import FileLock

from corpus.messages.errors import OutputError, UnreadableFileError
from corpus.messages.language import Language, plural, tr
from qa.answering.answer import Piece, Quote
from qa.export import Report, ReportQuote, Section, citation_line, footnote, gbt7714, output
from qa.export.records import LocatedRecord, ReceiptRecord, SliceRecord, build_quote_record, read_citation

_FILE, _DAMAGED = "saved.json", "saved-damaged-"
_WAIT = 10.0  # seconds for another process to finish its change


class SavedQuote(LocatedRecord, frozen=True, kw_only=True):
    """A quote that was saved under a question.

    `article` is the number of its article in the bulletin, from 1; `start` and `end` lie in the bulletin's text. `note` is its
    footnote in Chinese, `header` that of its table, its cells parted by |.
    """

    id: str
    question: str
    time: str
    receipt: ReceiptRecord
    label: SliceRecord | None
    article: int
    start: int
    end: int
    gbt7714: str
    note: str
    header: str | None = None
    doubtful: bool = False
    remark: str = ""

    @property
    def headline(self) -> str | None:
        """Return the headline of its point where that stands before the quote."""
        return self.label.text if self.label and self.label.spans < self.spans else None

    def reference(self, language: Language) -> str:
        """Return where it stands, in full (see `citation_line`)."""
        return citation_line(read_citation(self.citation), language)

    def footnote(self, language: Language) -> str:
        """Return where it stands, as a note in an official document (see `references.footnote`)."""
        return self.note if language == "zh" else f"See {self.reference(language)}."


class SavedList(msgspec.Struct, frozen=True):
    """The saved quotes in the reader's order; `before` is the list as it was before the last removal, until the next change."""

    quotes: tuple[SavedQuote, ...] = ()
    before: tuple[SavedQuote, ...] | None = None

    def questions(self) -> Mapping[str, tuple[SavedQuote, ...]]:
        """The quotes under their questions, a question where its first quote stands."""
        grouped: dict[str, list[SavedQuote]] = {}
        for kept in self.quotes:
            grouped.setdefault(kept.question, []).append(kept)
        return {question: tuple(group) for question, group in grouped.items()}

    def added(self, new: SavedQuote) -> "SavedList":
        """With a quote at the end; saved under the same question before, it stays as it is."""
        return self if any(kept.id == new.id for kept in self.quotes) else SavedList((*self.quotes, new))

    def removed(self, identity: str) -> "SavedList":
        """Without a quote."""
        left = tuple(kept for kept in self.quotes if kept.id != identity)
        return self if left == self.quotes else SavedList(left, before=self.quotes)

    def cleared(self) -> "SavedList":
        """Empty."""
        return SavedList((), before=self.quotes) if self.quotes else self

    def restored(self) -> "SavedList":
        """As before the last removal, if nothing else was changed since."""
        return self if self.before is None else SavedList(self.before)

    def remarked(self, identity: str, remark: str) -> "SavedList":
        """With this remark on a quote, in place of the one it has."""
        return SavedList(
            tuple(msgspec.structs.replace(kept, remark=remark) if kept.id == identity else kept for kept in self.quotes)
        )

    def moved(self, identity: str, step: int) -> "SavedList":
        """With a quote one place up (-1) or down (1) among those of its question."""
        quotes = list(self.quotes)
        at = next((at for at, kept in enumerate(quotes) if kept.id == identity), None)
        if at is None:
            return self
        own = [place for place, kept in enumerate(quotes) if kept.question == quotes[at].question]
        target = own.index(at) + step
        if not 0 <= target < len(own):
            return self
        quotes[at], quotes[own[target]] = quotes[own[target]], quotes[at]
        return SavedList(tuple(quotes))


def make_saved_quote(quote: Quote, *, article: int, question: str) -> SavedQuote:
    """Make of a quote what is saved. Args: article: the number of its article in the bulletin, from 1."""
    record = build_quote_record(quote)
    named = f"{record.receipt.sha256} {record.spans} {question}"
    return SavedQuote(
        id=hashlib.sha256(named.encode("utf-8", "surrogatepass")).hexdigest()[:12],
        question=question,
        time=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        text=record.text,
        spans=record.spans,
        document=record.document,
        citation=record.citation,
        receipt=record.receipt,
        label=record.label,
        article=article,
        start=quote.span.start,
        end=quote.span.end,
        gbt7714=gbt7714(quote.passage, span=quote.span),
        note=footnote(quote.passage, "zh", span=quote.span),
        header=quote.table_header,
        doubtful=quote.low_confidence,
    )


def load_saved(place: Path) -> SavedList:
    """The saved list of a library's place; empty where there is none. One that cannot be understood is set aside.

    Raises: UnreadableFileError: the file is there and cannot be opened; OutputError: it cannot be set aside.
    """
    with _locked(place):
        return _read(place)


def change_saved(place: Path, edit: Callable[[SavedList], SavedList]) -> SavedList:
    """Change the saved list, one change at a time whoever makes it.

    Raises: UnreadableFileError, OutputError: the file cannot be read or written; it is then as it was.
    """
    with _locked(place):
        before = _read(place)
        after = edit(before)
        if after != before:
            output.write_output(place / _FILE, msgspec.json.format(msgspec.json.encode(after), indent=1))
        return after


def set_aside(place: Path) -> tuple[Path, ...]:
    """The damaged lists that are kept beside the saved list, the oldest first."""
    return tuple(sorted(place.glob(f"{_DAMAGED}*.json")))


def build_report_of_saved(folder: SavedList, *, language: Language) -> Report:
    """The saved list as it is handed out: quotes under their questions, numbered throughout, one list of references."""
    sources = tuple(dict.fromkeys(kept.gbt7714 for group in folder.questions().values() for kept in group))
    parts: list[Section] = []
    place = 0
    for question, group in folder.questions().items():
        entries = []
        for kept in group:
            place += 1
            entries.append(
                ReportQuote(
                    place=place,
                    reference_number=sources.index(kept.gbt7714) + 1,
                    headline=kept.headline,
                    pieces=(Piece(kept.text, label=False, highlight=False),),
                    region=kept.citation.region,
                    gbt7714=kept.gbt7714,
                    footnote=kept.footnote(language),
                    reference=kept.reference(language),
                    header=kept.header,
                    doubtful=kept.doubtful,
                    remark=kept.remark,
                )
            )
        unasked = tr("（没有提问，直接收藏）", "(saved without a question)", language)
        parts.append(Section(question or unasked, (), None, ((None, tuple(entries)),)))
    bulletins = len({kept.receipt.sha256 for kept in folder.quotes})
    closing = tr(
        f"共 {place} 段引文，出自 {bulletins} 期简报。",
        f"{plural(place, 'quote')} from {plural(bulletins, 'bulletin')}.",
        language,
    )
    return Report(tr("资料夹", "Saved quotes", language), language, tuple(parts), sources, closing)


@contextmanager
def _locked(place: Path) -> Iterator[None]:
    """Be the only one that reads or writes the list: windows, and other programs that serve the same library."""
    lock = FileLock(place / "saved.lock", timeout=_WAIT)
    try:
        lock.acquire()
    except OSError as error:  # filelock's Timeout is one
        raise OutputError(
            tr(f"{place}：资料夹正被占用或无法写入", f"{place}: the saved list is in use or cannot be written")
        ) from error
    try:
        yield
    finally:
        lock.release()


def _read(place: Path) -> SavedList:
    """Call with the lock held."""
    path = place / _FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=SavedList)
    except FileNotFoundError:
        return SavedList()
    except OSError as error:
        cause = error.strerror or error
        raise UnreadableFileError(tr(f"{path}：无法读取（{cause}）", f"{path}: cannot be read ({cause})")) from error
    except (msgspec.MsgspecError, UnicodeDecodeError):
        aside = place / f"{_DAMAGED}{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}.json"
        try:
            os.replace(path, aside)
        except OSError as error:
            raise OutputError(tr(f"{path}：已损坏，也无法移开", f"{path}: damaged, and cannot be set aside")) from error
        return SavedList()
