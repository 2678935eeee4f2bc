"""Answer or saved list -> plain text. Words of ours (numbers, regions in 【】, references, counts) stand outside the quotes."""

import re

from corpus.document import Passage
from corpus.messages.language import Language, tr
from qa.answering.answer import Answer, Refused
from qa.export.references import Style, ocr_notice
from qa.export.report import RELATED, Report, ReportQuote, build_report, related, remark, searched

_SHOWN_OF_HASH = 4  # hexadecimal digits
# What ends a line for str.splitlines, and so wherever a text is shown.
LINE_END = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# What XML 1.0 cannot hold, which a text file may. U+FFFD shows that a character is missing. What XML only advises against
# (U+007F) stays, for a quote is shown as it is; `corpus.readers.marks`, which replaces that as well, is for texts that are read.
_ILLEGAL = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_text(shown: Answer | Report, *, style: Style | None = None) -> str:
    """Write plain text for a terminal, a mail or a clipboard.

    Args: style: how sources are given; None: in full under each quote, and the passages behind an answer at the end.
    """
    report = build_report(shown)
    language = report.language
    colon = tr("：", ": ", language)
    lines: list[str] = []
    for section in report.sections:
        if section.question is not None:
            lines += [*([""] if lines else []), _on_one_line(section.question)]
        lines += [f"【{text}】" if section.quotes else text for text in section.remarks]
        for label, quotes in section.table.rows if section.table else ():
            lines.append(f"【{label}】")
            for column, quote in zip(section.table.columns if section.table else (), quotes, strict=True):
                lines += [f"{column}{colon}—"] if quote is None else [f"{column}{colon}", *_quote(quote, style, language)]
        for heading, quotes in section.blocks:
            lines += [f"【{heading}】"] if heading else []
            lines += [line for quote in quotes for line in _quote(quote, style, language)]
    if style == "gbt7714" and report.sources:
        listed = [f"[{number}] {source}" for number, source in enumerate(report.sources, 1)]
        lines += ["", tr("参考文献", "References", language), *listed]
    if style is not None:
        lines += ["", report.closing]
    elif isinstance(shown, Answer) and shown.evidence.passages:
        lines += ["", *_behind(shown)]
    return "\n".join(lines)


def to_line(headline: str | None, text: str, language: Language) -> str:
    """Return a quote on a line, in quotation marks, its headline before it."""
    label = f"{_on_one_line(headline)}{tr('：', ': ', language)}" if headline else ""
    return f"{label}“{_on_one_line(text)}”"


def to_xml_text(text: str) -> str:
    """Return the text with each line end as \\n, and what no XML file can hold as U+FFFD: for Word and Excel."""
    return _ILLEGAL.sub("\ufffd", LINE_END.sub("\n", text))


def _quote(quote: ReportQuote, style: Style | None, language: Language) -> list[str]:
    header = f"【{_on_one_line(quote.header)}】" if quote.header else ""
    said = header + to_line(quote.headline, quote.text, language)
    number = f"[{quote.number(style)}]"
    doubted = f"【{ocr_notice(language)}】" if quote.doubtful else ""
    where = quote.reference if style is None else quote.footnote
    lines = [f"{said}{number}{doubted}"] if style == "gbt7714" else [f"{number} {said}{doubted}", f"    —— {where}"]
    return [*lines, _on_one_line(remark(quote, language))] if quote.remark else lines


def _short_id(passage: Passage) -> str:
    """Return the id of a passage with few digits of its document's hash, whose name stands beside it."""
    bulletin_id, _, place = passage.passage_id.partition("/")
    name, dash, digits = bulletin_id.rpartition("-")
    return f"{name}{dash}{digits[:_SHOWN_OF_HASH]}/{place}"


def _behind(answer: Answer) -> list[str]:
    """Return lines for the passages behind the quotes or, where there are none, for the closest ones."""
    behind = tr("依据的段落：", "The passages behind the quotes:", answer.question.language)
    heading = related(answer.question.language) if isinstance(answer, Refused) else behind
    lines = [searched(answer) + tr("", " ", answer.question.language) + heading]
    closest = dict.fromkeys(scored.passage for scored in answer.evidence.passages[:RELATED])
    shown = dict.fromkeys(quote.passage for quote in answer.quotes) or closest
    for passage in shown:
        lines.append(f"  · {_short_id(passage)}  {passage.bulletin.source.document}")
        lines.append(f"    {_on_one_line(passage.text)}")
    return lines


def _on_one_line(text: str) -> str:
    return LINE_END.sub(" ", text).strip()
