"""Laws that hold for every bulletin, whatever its source."""

import re
from itertools import pairwise

from corpus.chunker import MAX_CHARACTERS, chunk
from corpus.document import Bulletin, Span
from corpus.text.sentences import split_sentences

# What may be taken out of a source: white space, bold marks, the marks of Markdown headings, rules, page numbers.
MARKUP = re.compile(r"[\s*#]*|\s*[-—_=*~－─━\s]+\s*")
PAGE = re.compile(r"[\s*#]*(?:[-—–·~\s]*[\d０-９]{1,3}[-—–·~\s]*|第\s*\d+\s*页)[\s*#]*")


def is_running_header(line: str, source: str) -> bool:
    """A short line that stands in the source thrice, or says only what the masthead says and a page number."""
    if sum(other.strip() == line for other in source.splitlines()) >= 3:
        return len(line) < 45
    rest = line
    for head in sorted((head.strip("# *") for head in source.splitlines()[:20] if len(head.strip()) >= 5), key=len, reverse=True):
        rest = rest.replace(head, "")
    return rest != line and re.fullmatch(r"[\s\d第年期总页（）()—-]*", rest) is not None


def is_signature(line: str) -> bool:
    """A name or a date: a short line that is no sentence."""
    return len(line.strip()) <= 60 and not line.strip().endswith(("。", "；", "！", "？"))


def check_laws(source: str, bulletin: Bulletin, *, headers: bool = True) -> None:
    """Args: headers: whether to check what is deleted as a running header; in shuffled text any line may stand like one."""
    text = bulletin.text
    # Source minus deletions is the text; deletions are sorted, disjoint, non-empty, within the source.
    kept, at = [], 0
    for deletion in bulletin.deletions:
        assert at <= deletion.start < deletion.end <= len(source)
        kept.append(source[at : deletion.start])
        at = deletion.end
    assert "".join([*kept, source[at:]]) == text
    for deletion in bulletin.deletions if headers else ():
        for line in deletion.of(source).splitlines():
            assert MARKUP.fullmatch(line) or PAGE.fullmatch(line) or is_running_header(line.strip(" \t\u3000#*"), source), line
    # Zones tile the text: every character is masthead, contents, body or footer.
    assert [zone.span.start for zone in bulletin.zones] == [0, *(zone.span.end for zone in bulletin.zones[:-1])]
    assert bulletin.zones[-1].span.end == len(text)
    body_zones = [zone.span for zone in bulletin.zones if zone.kind == "body"]
    # Articles stand in order inside body zones; sections tile each body, but for signatures in its midst; points stand in order
    # inside their section.
    for one, other in pairwise(bulletin.articles):
        assert one.span.end <= other.span.start
    for article in bulletin.articles:
        assert any(zone.contains(article.span) for zone in body_zones)
        spans = [section.span for section in article.sections]
        assert spans and article.span.contains(Span(spans[0].start, spans[-1].end))
        for one, other in pairwise(spans):  # between them stands nothing, or a signature with its date
            between = text[one.end : other.start].split("\n") if one.end < other.start else []
            assert one.end <= other.start and all(is_signature(line) for line in between), between
        for section in article.sections:
            assert section.heading in section.span.of(text)
            assert section.span.start < section.span.end
            for point in section.points:
                assert section.span.contains(point.span) and point.span.of(text).startswith(point.label)
            assert all(one.span.end <= other.span.start for one, other in pairwise(section.points))
    # Passages tile the sections; one is longer than allowed only where it is a single sentence.
    passages = chunk(bulletin)
    assert len({passage.passage_id for passage in passages}) == len(passages)
    for article in bulletin.articles:
        for section in article.sections:
            spans = [passage.span for passage in passages if passage.section is section]
            assert spans[0].start == section.span.start and spans[-1].end == section.span.end
            assert all(one.end == other.start for one, other in pairwise(spans))
            for span in spans:
                assert len(span) <= MAX_CHARACTERS or len(split_sentences(text, span)) == 1
    for passage in passages:
        assert "".join(piece.of(source) for piece in bulletin.source_spans(passage.span)) == passage.text
        assert any(zone.contains(passage.span) for zone in body_zones)  # no masthead, contents line or footer in it
