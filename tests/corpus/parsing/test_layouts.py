"""The structure of bulletins in as many layouts as publishers set them in."""

import pytest

from corpus.document import Article, Bulletin, Span
from corpus.messages.language import Language, use_language
from corpus.messages.message import Message
from corpus.parsing.parser import parse_text, with_masthead
from corpus.regions.gazetteer import Gazetteer
from tests.corpus.layouts import LAYOUTS


def outline(bulletin: Bulletin) -> str:
    """What was understood, as layouts/README.md says it."""
    masthead = bulletin.masthead
    lines = [
        f"series: {masthead.series or '-'}",
        f"subtitle: {masthead.subtitle or '-'}",
        f"issue: {masthead.issue or '-'}",
        f"year: {masthead.year or '-'}",
        f"total issue: {masthead.total_issue or '-'}",
        f"publisher: {masthead.publisher or '-'}",
        f"issue date: {masthead.issue_date or '-'}",
        f"print date: {bulletin.print_date or '-'}",
        f"contents entries: {len(bulletin.contents)}",
    ]
    for article in bulletin.articles:
        text = body(bulletin, article)
        lines += [
            "",
            f"article: {article.title}",
            f"  region: {article.region.label if article.region else '-'}",
            f"  signature: {article.signature or '-'}",
            f"  paragraphs: {len(text.splitlines())}",
            f"  body: {text[:4]}…{text[-4:]}",
        ]
        for section in article.sections:
            if section.heading or section.points:
                lines.append(f"  section: {section.heading}" if section.heading else "  lead")
                lines += [f"    point: {point.label}" for point in section.points]
    footer = "".join(zone.span.of(bulletin.text) for zone in bulletin.zones if zone.kind == "footer")
    return "\n".join([*lines, "", f"footer: {footer.split(maxsplit=1)[0][:8] if footer else '-'}", ""])


def body(bulletin: Bulletin, article: Article) -> str:
    return Span(article.sections[0].span.start, article.sections[-1].span.end).of(bulletin.text).strip()


@pytest.mark.parametrize("name", LAYOUTS)
def test_outline(name: str) -> None:
    layout = LAYOUTS[name]
    assert outline(parse_text(layout.source, gazetteer=Gazetteer.load(), document=name)) == layout.outline


HEAD = "德阳防汛简报\n第4期\n德阳市应急管理局\n2021年7月2日\n\n"


LISTED = (
    "目录\n1.什邡市备足沙袋\n2.绵竹市加固河堤\n\n什邡市备足沙袋\n\n什邡市备沙袋九万条，分放在四十个点。\n",
    Message.of("corpus.parsing.entry_without_title", entry="绵竹市加固河堤"),
    "什邡市备沙袋九万条，分放在四十个点。",
)
UNTITLED = (
    "今年入汛早，德阳市六月即进入主汛期，雨量比常年多两成。\n",
    Message.of("corpus.parsing.text_without_title", line=6),
    "今年入汛早",
)


@pytest.mark.parametrize(("below", "warning", "kept"), [LISTED, UNTITLED])
def test_what_is_not_understood_is_kept_with_a_warning(below: str, warning: Message, kept: str) -> None:
    bulletin = parse_text(HEAD + below, gazetteer=Gazetteer.load(), document="it.txt")
    assert bulletin.warnings == (warning,)
    assert body(bulletin, bulletin.articles[-1]).startswith(kept)


@pytest.mark.parametrize(
    ("parsed_in", "shown_in", "shown"),
    [
        ("en", "zh", ["目录有“绵竹市加固河堤”，正文中没有找到相近的标题", "刊头没有编发单位"]),
        ("zh", "en", ["the contents list “绵竹市加固河堤”, but no title like it was found", "no publisher in the masthead"]),
    ],
)
def test_warnings_are_shown_in_the_language_of_the_reader(parsed_in: Language, shown_in: Language, shown: list[str]) -> None:
    source = HEAD.replace("德阳市应急管理局\n", "") + LISTED[0]
    with use_language(parsed_in):
        bulletin = parse_text(source, gazetteer=Gazetteer.load(), document="it.txt")
    with use_language(shown_in):
        assert [str(warning) for warning in bulletin.warnings] == shown
        corrected = with_masthead(bulletin, Gazetteer.load(), {"publisher": "德阳市应急管理局"})
        assert [str(warning) for warning in corrected.warnings] == shown[:1]
