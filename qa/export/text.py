"""Answer or saved list -> plain text. Words of ours (numbers, regions in 【】, references, counts) stand outside the quotes."""

import re

from corpus.messages.language import Language, tr
from qa.answering.answer import Answer, Refused
from qa.export.references import Style, ocr_notice
from qa.export.report import RELATED, Report, ReportQuote, build_report, related, remark, searched

# What ends a line for str.splitlines, and so wherever a text is shown.
LINE_END = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# What XML 1.0 cannot hold, which a text file may. A character that is shown as missing is not lost without a word.
_ILLEGAL = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_text(shown: Answer | Report, *, style: Style | None = None) -> str:
    """For a terminal, a mail or a clipboard.

    Args: style: how sources are given; None: in full under each quote, and the passages behind an answer at the end.
    """
    arranged = build_report(shown)
    language = arranged.language
    colon = tr("：", ": ", language)
    lines: list[str] = []
    for part in arranged.parts:
        if part.question is not None:
            lines += [*([""] if lines else []), _on_one_line(part.question)]
        lines += [f"【{text}】" if part.entries else text for text in part.remarks]
        for label, entries in part.grid.rows if part.grid else ():
            lines.append(f"【{label}】")
            for column, entry in zip(part.grid.columns if part.grid else (), entries, strict=True):
                lines += [f"{column}{colon}—"] if entry is None else [f"{column}{colon}", *_quote(entry, style, language)]
        for heading, entries in part.blocks:
            lines += [f"【{heading}】"] if heading else []
            lines += [line for entry in entries for line in _quote(entry, style, language)]
    if style == "gbt7714" and arranged.sources:
        listed = [f"[{number}] {source}" for number, source in enumerate(arranged.sources, 1)]
        lines += ["", tr("参考文献", "References", language), *listed]
    if style is not None:
        lines += ["", arranged.closing]
    elif isinstance(shown, Answer) and shown.evidence.passages:
        lines += ["", *_behind(shown)]
    return "\n".join(lines)


def to_line(headline: str | None, text: str, language: Language) -> str:
    """A quote on a line, in quotation marks, its headline before it."""
    label = f"{_on_one_line(headline)}{tr('：', ': ', language)}" if headline else ""
    return f"{label}“{_on_one_line(text)}”"


def remove_illegal(text: str) -> str:
    """The text with each line end as \\n, and what no XML file can hold as U+FFFD: for Word and Excel."""
    return _ILLEGAL.sub("\ufffd", LINE_END.sub("\n", text))


def _quote(entry: ReportQuote, style: Style | None, language: Language) -> list[str]:
    header = f"【{_on_one_line(entry.header)}】" if entry.header else ""
    said = header + to_line(entry.headline, entry.text, language)
    number = f"[{entry.number(style)}]"
    doubted = f"【{ocr_notice(language)}】" if entry.doubtful else ""
    where = entry.reference if style is None else entry.footnote
    lines = [f"{said}{number}{doubted}"] if style == "gbt7714" else [f"{number} {said}{doubted}", f"    —— {where}"]
    return [*lines, _on_one_line(remark(entry, language))] if entry.remark else lines


def _behind(answer: Answer) -> list[str]:
    """The passages behind the quotes or, where there are none, the closest ones."""
    behind = tr("依据的段落：", "The passages behind the quotes:", answer.question.language)
    heading = related(answer.question.language) if isinstance(answer, Refused) else behind
    lines = [searched(answer) + tr("", " ", answer.question.language) + heading]
    closest = dict.fromkeys(scored.passage for scored in answer.evidence.passages[:RELATED])
    shown = dict.fromkeys(quote.passage for quote in answer.quotes) or closest
    for passage in shown:
        lines.append(f"  · {passage.passage_id}  {passage.bulletin.source.document}")
        lines.append(f"    {_on_one_line(passage.text)}")
    return lines


def _on_one_line(text: str) -> str:
    return LINE_END.sub(" ", text).strip()
