"""Cuts by hand: where articles begin, one article, lines left out. The laws hold for every cut of every sample."""

import dataclasses
import random

import pytest

from corpus import readers
from corpus.document import Bulletin
from corpus.library import files
from corpus.messages.errors import EditError
from corpus.parsing.lines import split_lines
from corpus.parsing.parser import parse_text, structure
from corpus.parsing.recut import Cuts, Place, Stretch, article_lines, place_of
from corpus.regions.gazetteer import Gazetteer
from tests.corpus.parsing.laws import check_laws

SOURCE = """\
望海青年工作简报
第 7 期
共青团云栖市委
2024年3月4日

团锦渚区委办“灯塔夜校”

今年以来，团锦渚区委办起“灯塔夜校”，开出配音、烘焙、急救三门课，每门课十二学时。
夜校设在街道文化站，每周二、四晚上开课。

欢迎关注望海青年公众号，扫码领取精美礼品，先到先得哦。

北苑区的流动书车
流动书车每周到三个村，村里的孩子把想看的书写在纸条上，下一趟就能借到。

石潭县老祠堂变课堂
一、修祠堂。石潭县把十一座老祠堂修成课堂。
二、请先生。退休教师轮流来讲课。

报：团省委
"""


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return files.load_gazetteer(files.SAMPLES)


def place(opening: str, source: str = SOURCE) -> Place:
    return next(place_of(line) for line in split_lines(source) if line.raw.strip().startswith(opening))


def read(cuts: Cuts, gazetteer: Gazetteer, source: str = SOURCE) -> Bulletin:
    bulletin = parse_text(source, gazetteer=gazetteer, document="甲.txt", cuts=cuts)
    check_laws(source, bulletin, headers=False)
    return bulletin


def texts(bulletin: Bulletin) -> list[tuple[str, str]]:
    return [
        (article.title, "".join(section.span.of(bulletin.text) for section in article.sections)) for article in bulletin.articles
    ]


def test_articles_begin_where_a_person_says_and_nowhere_else(gazetteer: Gazetteer) -> None:
    starts = tuple(place(opening) for opening in ("团锦渚区委办", "北苑区的", "石潭县老祠堂"))
    bulletin = read(Cuts(starts=starts), gazetteer)
    assert [title for title, _ in texts(bulletin)] == ["团锦渚区委办“灯塔夜校”", "北苑区的流动书车", "石潭县老祠堂变课堂"]
    assert [article.region and article.region.name for article in bulletin.articles] == ["锦渚区", "北苑区", "石潭县"]
    assert [section.heading for section in bulletin.articles[2].sections] == ["一、修祠堂", "二、请先生"]
    two = read(Cuts(starts=(starts[0], starts[2])), gazetteer)
    assert [title for title, _ in texts(two)] == ["团锦渚区委办“灯塔夜校”", "石潭县老祠堂变课堂"]
    assert "北苑区的流动书车\n流动书车每周" in texts(two)[0][1]


def test_an_article_may_begin_with_running_text_and_has_no_title_then(gazetteer: Gazetteer) -> None:
    bulletin = read(Cuts(starts=(place("今年以来"), place("流动书车每周"))), gazetteer)
    assert [title for title, _ in texts(bulletin)] == ["", ""]
    assert texts(bulletin)[1][1].startswith("流动书车每周到三个村")
    above = bulletin.text[: bulletin.articles[0].span.start]
    assert "团锦渚区委办" in above  # what stands above the first start is kept, and in no article


def test_one_article_takes_in_all_that_were_found(gazetteer: Gazetteer) -> None:
    whole = read(Cuts(one_article=True), gazetteer)
    assert [title for title, _ in texts(whole)] == ["团锦渚区委办“灯塔夜校”"]
    for opening in ("今年以来", "北苑区的流动书车", "石潭县老祠堂变课堂", "二、请先生"):
        assert opening in texts(whole)[0][1]
    later = read(Cuts(starts=(place("石潭县老祠堂"), place("二、请先生")), one_article=True), gazetteer)
    assert [title for title, _ in texts(later)] == ["石潭县老祠堂变课堂"]


def test_what_is_left_out_is_in_no_quote_and_the_article_goes_on_across_it(gazetteer: Gazetteer) -> None:
    notice = place("欢迎关注")
    bulletin = read(Cuts(left_out=(Stretch(notice, notice),), one_article=True), gazetteer)
    assert "欢迎关注" not in bulletin.text and "开课。\n北苑区的" in bulletin.text
    pieces = [piece.of(SOURCE) for piece in bulletin.source_spans(bulletin.articles[0].span)]
    assert any(piece.endswith("开课。\n") for piece in pieces) and any(piece.startswith("北苑区的") for piece in pieces)


def test_an_article_whose_title_is_left_out_begins_at_the_next_line(gazetteer: Gazetteer) -> None:
    title = place("北苑区的")
    bulletin = read(Cuts(starts=(place("团锦渚区委办"), title), left_out=(Stretch(title, title),)), gazetteer)
    assert texts(bulletin)[1][1].startswith("流动书车每周")


def test_a_title_that_was_taken_for_masthead_and_text_taken_for_footer_are_given_back(gazetteer: Gazetteer) -> None:
    bulletin = read(Cuts(starts=(place("共青团云栖市委"), place("报：团省委"))), gazetteer)
    assert [zone.kind for zone in bulletin.zones] == ["masthead", "body"]
    assert bulletin.articles[0].title == "共青团云栖市委"
    assert texts(bulletin)[1] == ("", "报：团省委\n")


def test_a_line_is_found_again_where_lines_were_counted_otherwise(gazetteer: Gazetteer) -> None:
    cuts = Cuts(starts=(place("团锦渚区委办"), place("石潭县老祠堂")))
    moved = read(cuts, gazetteer, "\n\n\n" + SOURCE)
    assert texts(moved) == texts(read(cuts, gazetteer))
    # Of several lines that begin so, the nearest is meant.
    twice = SOURCE.replace("报：团省委", "石潭县老祠堂变课堂\n三、办起来。开了一百二十堂课，来了三千人。")
    assert len(read(cuts, gazetteer, "\n" + twice).articles) == 2


@pytest.mark.parametrize("lost", [Place(6, "从来没有的一行"), Place(9_999_999_999, ""), Place(-1, ""), Place(7, "团锦渚")])
def test_a_line_that_is_not_there_is_named(gazetteer: Gazetteer, lost: Place) -> None:
    for cuts in (Cuts(starts=(lost,)), Cuts(left_out=(Stretch(place("今年以来"), lost),))):
        with pytest.raises(EditError, match=rf"甲.txt: line {lost.line}, “{lost.opening}”, is not there"):
            parse_text(SOURCE, gazetteer=gazetteer, document="甲.txt", cuts=cuts)


def test_a_table_cut_in_two_has_its_rows_in_both_articles(gazetteer: Gazetteer) -> None:
    table = "地区\t场次\n锦渚区\t12\n北苑区\t8\n石潭县\t5\n柳汀县\t3\n"
    source = SOURCE.replace("欢迎关注", f"{table}欢迎关注")
    bulletin = read(Cuts(starts=(place("团锦渚区委办", source), place("石潭县\t5", source))), gazetteer, source)
    assert len(bulletin.tables) == 2 and texts(bulletin)[1][1].startswith("石潭县\t5\n柳汀县\t3\n")


def test_no_text_is_left_where_all_of_it_is_left_out(gazetteer: Gazetteer) -> None:
    lines = split_lines(SOURCE)
    cuts = Cuts(left_out=(Stretch(place_of(lines[5]), place_of(lines[-1])),))
    data = SOURCE.encode()
    file = files.read_bulletin(data, "甲.txt", gazetteer=gazetteer)
    with pytest.raises(EditError, match=r"甲.txt: with this correction no text would be left"):
        files.correct(file, files.Correction(left_out=cuts.left_out), gazetteer)


@pytest.mark.parametrize("document", [file.document for file in files.bulletin_files(files.scan(files.SAMPLES))])
def test_the_laws_hold_for_any_cut_and_the_parser_s_own_changes_nothing(gazetteer: Gazetteer, document: str) -> None:
    source = readers.read_plain(files.SAMPLES / document)
    lines = split_lines(source)
    parsed = parse_text(source, gazetteer=gazetteer, document=document)
    own = article_lines(parsed, source)
    again = read(Cuts(starts=tuple(place_of(lines[number - 1]) for number in own)), gazetteer, source)
    assert structure(again) == structure(parsed)
    assert [dataclasses.asdict(article) for article in again.articles] == [dataclasses.asdict(a) for a in parsed.articles]
    chosen = random.Random(document)
    for _ in range(6):
        starts = tuple(map(place_of, chosen.sample(lines, 4)))
        first = chosen.randrange(len(lines))
        last = min(len(lines) - 1, first + chosen.randrange(6))
        cuts = Cuts(starts, (Stretch(place_of(lines[first]), place_of(lines[last])),), one_article=chosen.random() < 0.3)
        bulletin = read(cuts, gazetteer, source)
        assert len(bulletin.articles) <= (1 if cuts.one_article else len(starts))
        left_out = source[lines[first].start : lines[last].end].strip()
        assert not left_out or all(left_out not in text for _, text in texts(bulletin)) or source.count(left_out) > 1
