"""The saved list (资料夹): quotes collected over several questions, with the reader's remarks, in one file.

What is saved of a quote is enough to show, cite and check it when its bulletin is gone: text, references, receipt. The file is
itself in the form that `python -m qa verify` reads. It is sealed and replaced whole, and kept as it was before the last change.
One that is damaged is set aside, not lost; the one before serves in its place, and in that of one that is gone.
"""

import contextlib
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from corpus.document import Passage, Span
from corpus.messages.errors import OutputError, UnreadableFileError
from corpus.messages.language import Language, plural, tr
from index.evidence import ScoredPassage
from index.store.disk import hold_lock, make_private_dir, set_aside
from qa.answering.answer import Piece, Quote
from qa.answering.scoring import candidate_sentences
from qa.export import Report, ReportQuote, Section, citation_line, footnote, gbt7714, output
from qa.export.records import LocatedRecord, ReceiptRecord, SliceRecord, build_quote_record, read_citation, to_json_object
from qa.export.seal import DIGEST, digest_of, read_json, sealed

_FILE, _PREVIOUS, _DAMAGED = "saved.json", "saved.json.previous", "saved-damaged-"
_LOCK_SECONDS = 10.0  # seconds for another process to finish its change


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
    def digest(self) -> str:
        """Return what tells the quote and its remark from any other."""
        return digest_of(to_json_object(self))

    @property
    def headline(self) -> str | None:
        """Return the headline of its point where that stands before the quote."""
        return self.label.text if self.label and self.label.spans < self.spans else None

    def reference(self, language: Language) -> str:
        """Return where it stands, in full (see `citation_line`)."""
        return citation_line(read_citation(self.citation, document=self.document), language)

    def footnote(self, language: Language) -> str:
        """Return where it stands, as a note in an official document (see `references.footnote`)."""
        return self.note if language == "zh" else f"See {self.reference(language)}."


class SavedList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The saved quotes in the reader's order; `before` is the list as it was before the last removal, until the next change."""

    quotes: tuple[SavedQuote, ...] = ()
    before: tuple[SavedQuote, ...] | None = None

    @property
    def digest(self) -> str:
        """Return what tells the list, and what can be had back, from any other."""
        return digest_of(to_json_object(self))

    def questions(self) -> Mapping[str, tuple[SavedQuote, ...]]:
        """Return the quotes under their questions, a question where its first quote stands."""
        grouped: dict[str, list[SavedQuote]] = {}
        for quote in self.quotes:
            grouped.setdefault(quote.question, []).append(quote)
        return {question: tuple(group) for question, group in grouped.items()}

    def added(self, new: SavedQuote) -> "SavedList":
        """Return the list with a quote at its end; the same list where the quote is saved under the same question already."""
        return self if any(quote.id == new.id for quote in self.quotes) else SavedList((*self.quotes, new))

    def removed(self, identity: str) -> "SavedList":
        """Return the list without a quote. Args: identity: its id."""
        left = tuple(quote for quote in self.quotes if quote.id != identity)
        return self if left == self.quotes else SavedList(left, before=self.quotes)

    def cleared(self) -> "SavedList":
        """Return an empty list that remembers this one."""
        return SavedList((), before=self.quotes) if self.quotes else self

    def restored(self) -> "SavedList":
        """Return the list as before the last removal; the same list where something else was changed since."""
        return self if self.before is None else SavedList(self.before)

    def remarked(self, identity: str, remark: str) -> "SavedList":
        """Return the list with this remark on a quote, in place of the one that it has; the same list where nothing changes."""
        remarked = tuple(
            msgspec.structs.replace(quote, remark=remark) if quote.id == identity else quote for quote in self.quotes
        )
        return self if remarked == self.quotes else SavedList(remarked)

    def moved(self, identity: str, step: int) -> "SavedList":
        """Return the list with a quote moved up (step -1) or down (step 1) by one among those of its question."""
        quotes = list(self.quotes)
        index = next((i for i, quote in enumerate(quotes) if quote.id == identity), None)
        if index is None:
            return self
        same_question = [i for i, quote in enumerate(quotes) if quote.question == quotes[index].question]
        target = same_question.index(index) + step
        if not 0 <= target < len(same_question):
            return self
        other = same_question[target]
        quotes[index], quotes[other] = quotes[other], quotes[index]
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


def quote_at(passages: Iterable[Passage], span: Span) -> Quote | None:
    """Return a stretch of a passage as a quote, under the headline of its point; None where no passage holds text there.

    Args: span: in the text of the bulletin.
    """
    for passage in passages:
        if passage.span.contains(span) and span.of(passage.bulletin.text).strip():
            sentences = candidate_sentences(ScoredPassage(passage, 0.0, 0.0, 0.0))
            label = next((sentence.label for sentence in sentences if sentence.span.start == span.start), None)
            return Quote(passage, span, 0.0, label)
    return None


def load_saved(folder: Path) -> SavedList:
    """Read the saved list; an empty one where there is no file. A file that cannot be understood is set aside.

    Raises: UnreadableFileError: the file is there and cannot be opened; OutputError: it cannot be set aside.
    """
    with _locked(folder):
        return _read(folder)


def change_saved(folder: Path, edit: Callable[[SavedList], SavedList]) -> SavedList:
    """Change the saved list, one change at a time whoever makes it.

    Raises: UnreadableFileError, OutputError: the file cannot be read or written; it is then as it was.
    """
    with _locked(folder):
        before = _read(folder)
        after = edit(before)
        if after != before or is_lost(folder):
            with contextlib.suppress(FileNotFoundError):
                output.write_output(folder / _PREVIOUS, (folder / _FILE).read_bytes())
            output.write_output(folder / _FILE, write_saved(after))
        return after


def write_saved(saved: SavedList) -> bytes:
    """Return the list as the content of a file, sealed."""
    return json.dumps(sealed(to_json_object(saved)), ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass")


def read_saved(content: bytes) -> SavedList:
    """Read a list that `write_saved` wrote, or an earlier version without a seal.

    Raises: ValueError, RecursionError: it is no such list, or a part of it has changed.
    """
    record = read_json(content.decode("utf-8", "surrogatepass"))
    if isinstance(record, dict) and DIGEST in record and record.pop(DIGEST) != digest_of(record):
        raise ValueError(DIGEST)
    return msgspec.convert(record, SavedList)


def is_lost(folder: Path) -> bool:
    """Return whether the list is gone, and the one before its last change serves in its place."""
    return not (folder / _FILE).exists() and (folder / _PREVIOUS).exists()


def damaged_files(folder: Path) -> tuple[Path, ...]:
    """Return the damaged files that lie beside the saved list, the oldest first."""
    return tuple(sorted(folder.glob(f"{_DAMAGED}*.json")))


def build_report_of_saved(saved: SavedList, *, language: Language) -> Report:
    """Arrange the saved list as it is shown: quotes under their questions, numbered throughout, one list of references."""
    sources = tuple(dict.fromkeys(quote.gbt7714 for group in saved.questions().values() for quote in group))
    sections: list[Section] = []
    number = 0
    for question, group in saved.questions().items():
        quotes = []
        for quote in group:
            number += 1
            quotes.append(
                ReportQuote(
                    quote_number=number,
                    reference_number=sources.index(quote.gbt7714) + 1,
                    headline=quote.headline,
                    pieces=(Piece(quote.text, label=False, highlight=False),),
                    region=quote.citation.region,
                    gbt7714=quote.gbt7714,
                    footnote=quote.footnote(language),
                    reference=quote.reference(language),
                    header=quote.header,
                    doubtful=quote.doubtful,
                    remark=quote.remark,
                )
            )
        unasked = tr("（没有提问，直接收藏）", "(saved without a question)", language)
        sections.append(Section(question or unasked, (), None, ((None, tuple(quotes)),)))
    bulletins = len({quote.receipt.sha256 for quote in saved.quotes})
    closing = tr(
        f"共 {number} 段引文，出自 {bulletins} 份文件。",
        f"{plural(number, 'quote')} from {plural(bulletins, 'document')}.",
        language,
    )
    return Report(tr("资料夹", "Saved quotes", language), language, tuple(sections), sources, closing)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of the list: other windows, and other programs that serve the same library, wait."""
    make_private_dir(folder)  # the lock would make it for all to enter
    refused = OutputError(tr(f"{folder}：资料夹正被占用或无法写入", f"{folder}: the saved list is in use or cannot be written"))
    with hold_lock(folder / "saved.lock", seconds=_LOCK_SECONDS, refused=refused):
        yield


def _read(folder: Path) -> SavedList:
    """Read the saved list or, where that is damaged or gone, the one before the last change. The caller holds the lock."""
    for path in (folder / _FILE, folder / _PREVIOUS):
        try:
            return read_saved(path.read_bytes())
        except FileNotFoundError:
            continue
        except OSError as error:
            cause = error.strerror or error
            raise UnreadableFileError(tr(f"{path}：无法读取（{cause}）", f"{path}: cannot be read ({cause})")) from error
        except (ValueError, RecursionError):
            try:
                set_aside(path)
            except OSError as error:
                raise OutputError(tr(f"{path}：已损坏，也无法移开", f"{path}: damaged, and cannot be set aside")) from error
    return SavedList()
