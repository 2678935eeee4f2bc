"""Answer -> plain text for the terminal. Words of ours (numbers, references, counts) stand outside the quotes."""

from corpus.language import Language, tr
from qa.answer import Answer, Citation


def reference(citation: Citation, language: Language) -> str:
    """One line that says where a quote stands: 《series》2021年第14期（总第148期），2021-12-23，region：《title》heading."""
    year = citation.issue_date[:4] if citation.issue_date else None
    if language == "zh":
        number = citation.issue and (f"第{citation.issue}期" if citation.issue[0].isdigit() else citation.issue)
        issue = "".join(
            part
            for part in (
                f"{year}年" if year and number else "",
                number,
                citation.total_issue and f"（总第{citation.total_issue}期）",
            )
            if part
        )
        head = "，".join(part for part in (f"《{citation.series}》{issue}", citation.issue_date) if part)
        where = "：".join(part for part in (citation.region, citation.title and f"《{citation.title}》") if part)
        return "，".join(part for part in (head, where) if part) + (f"“{citation.heading}”" if citation.heading else "")
    number = citation.issue and (f"no. {citation.issue}" if citation.issue[0].isdigit() else citation.issue)
    issue = " ".join(part for part in (number, citation.total_issue and f"(total no. {citation.total_issue})") if part)
    parts = (citation.series, issue, citation.issue_date, citation.region, citation.title, citation.heading)
    return ", ".join(part for part in parts if part)


def to_text(answer: Answer) -> str:
    """The answer for a terminal: numbered quotes with references, then the passages behind them."""
    language = answer.language
    lines: list[str] = []
    if answer.abstained:
        lines.append(answer.reason or "")
    for number, quote in enumerate(answer.quotes, 1):
        lines.append(f"[{number}] “{_on_one_line(quote.text)}”" if language == "en" else f"[{number}] {_quoted(quote.text)}")
        lines.append(f"    —— {reference(quote.citation, language)}")
    if answer.passages:
        searched = tr(
            f"检索了 {answer.searched_bulletins} 期简报的 {answer.searched_passages} 段。",
            f"Searched {answer.searched_passages} passages in {answer.searched_bulletins} bulletins. ",
            language,
        )
        behind = (
            tr("最接近的段落（不是答案）：", "The closest passages (not an answer):", language)
            if answer.abstained
            else tr("依据的段落：", "The passages behind the quotes:", language)
        )
        lines += ["", searched + behind]
        shown = list(dict.fromkeys(quote.passage for quote in answer.quotes)) or [
            scored.passage for scored in answer.passages[:3]
        ]
        for passage in shown:
            lines.append(f"  · {passage.passage_id}  {passage.bulletin.document}")
            lines.append(f"    {_on_one_line(passage.text)}")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return f"“{_on_one_line(text)}”"


def _on_one_line(text: str) -> str:
    return " ".join(text.split("\n")).strip()
