"""Automatic lists: the numbers that Word prints. (ECMA-376 part 1, 17.9)"""

import pytest

from corpus.readers.wordprocessing.number_formats import format_number
from tests.corpus.readers.word_files import lines, list_of, numbered, paragraph, part

CHINESE = ("chineseCountingThousand", "%1、")
DECIMAL = ("decimal", "%2.")


def instance(number: int, inside: str = "") -> str:
    return f'<w:num w:numId="{number}"><w:abstractNumId w:val="1"/>{inside}</w:num>'


def starting(level: int, start: int) -> str:
    return f'<w:lvlOverride w:ilvl="{level}"><w:startOverride w:val="{start}"/></w:lvlOverride>'


def items(*places: tuple[int, int]) -> str:
    """Paragraphs of a list and level each."""
    return "".join(paragraph("项", properties=numbered(number, level)) for number, level in places)


@pytest.mark.parametrize(
    ("form", "numbers", "written"),
    [
        ("decimal", (0, 1, 12), ["0", "1", "12"]),
        ("decimalZero", (1, 10), ["01", "10"]),
        ("decimalFullWidth", (3, 12), ["３", "１２"]),
        ("decimalEnclosedCircle", (1, 20, 21, 50, 51), ["①", "⑳", "㉑", "㊿", "51"]),
        ("decimalEnclosedCircleChinese", (2,), ["②"]),
        ("decimalEnclosedParen", (1, 20, 21), ["⑴", "⒇", "(21)"]),
        ("decimalEnclosedFullstop", (1, 20, 21), ["⒈", "⒛", "21."]),
        ("numberInDash", (3,), ["- 3 -"]),
        ("upperRoman", (1, 4, 9, 14, 40, 1999, 5000), ["I", "IV", "IX", "XIV", "XL", "MCMXCIX", "5000"]),
        ("lowerRoman", (3,), ["iii"]),
        ("upperLetter", (1, 26, 27, 53), ["A", "Z", "AA", "AAA"]),
        ("lowerLetter", (2, 28, 1_000_000), ["b", "bb", "1000000"]),
        ("ordinal", (1, 2, 3, 4, 11, 12, 13, 21, 112), ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th"]),
        ("chicago", (1, 4, 5), ["*", "§", "**"]),
        ("chineseCounting", (9, 10, 11, 20, 21, 99, 103), ["九", "十", "十一", "二十", "二十一", "九十九", "一〇三"]),
        (
            "chineseCountingThousand",
            (10, 12, 103, 110, 111, 1010),
            ["十", "十二", "一百零三", "一百一十", "一百一十一", "一千零一十"],
        ),
        ("taiwaneseCountingThousand", (21,), ["二十一"]),
        ("japaneseCounting", (11,), ["十一"]),
        ("ideographDigital", (9, 10, 103), ["九", "一〇", "一〇三"]),
        ("chineseLegalSimplified", (1, 3, 10, 12, 103), ["壹", "叁", "壹拾", "壹拾贰", "壹佰零叁"]),
        ("ideographLegalTraditional", (2, 12), ["貳", "壹拾貳"]),
        ("ideographTraditional", (1, 10, 11), ["甲", "癸", "11"]),
        ("ideographZodiac", (1, 12, 13), ["子", "亥", "13"]),
        ("ideographZodiacTraditional", (1, 11, 60, 61), ["甲子", "甲戌", "癸亥", "甲子"]),
        ("ideographEnclosedCircle", (1, 10, 11), ["㊀", "㊉", "11"]),
        ("hex", (255,), ["FF"]),
        ("001, 002, 003", (7, 1234), ["007", "1234"]),
        ("none", (7,), [""]),
        ("thaiLetters", (7,), ["7"]),  # unknown to us
    ],
)
def test_numbers_are_written_in_the_format(form: str, numbers: tuple[int, ...], written: list[str]) -> None:
    assert [format_number(number, form) for number in numbers] == written


def test_lists_share_the_counter_of_their_abstract_one() -> None:
    lists = instance(1) + instance(2) + instance(3, starting(0, 3)) + instance(4, starting(0, 1))
    body = items((1, 0), (2, 0), (3, 0), (3, 0), (2, 0), (4, 0), (4, 0), (1, 0))
    numbers = [line[0] for line in lines(body, numbering=list_of(CHINESE, instances=lists))]
    assert numbers == ["一", "二", "三", "四", "五", "一", "二", "三"]


def test_a_lower_level_begins_anew_below_each_higher_one() -> None:
    body = items((1, 0), (1, 1), (1, 1), (1, 0), (1, 1), (2, 1), (2, 1))
    numbering = list_of(CHINESE, DECIMAL, instances=instance(1) + instance(2, starting(1, 4)))
    assert [line[:-1] for line in lines(body, numbering=numbering)] == ["一、", "1.", "2.", "二、", "1.", "4.", "5."]


def test_an_override_also_begins_again_below_a_higher_level() -> None:
    body = items((2, 0), (2, 1), (2, 1), (2, 0), (2, 1))
    numbering = list_of(CHINESE, DECIMAL, instances=instance(2, starting(1, 4)))
    assert [line[:-1] for line in lines(body, numbering=numbering)] == ["一、", "4.", "5.", "二、", "4."]


@pytest.mark.parametrize(
    ("restart", "last"), [("", "1."), ('<w:lvlRestart w:val="0"/>', "3."), ('<w:lvlRestart w:val="1"/>', "1.")]
)
def test_a_level_may_count_on(restart: str, last: str) -> None:
    numbering = list_of(CHINESE, DECIMAL).replace('<w:numFmt w:val="decimal"/>', f'<w:numFmt w:val="decimal"/>{restart}')
    assert lines(items((1, 0), (1, 1), (1, 1), (1, 0), (1, 1)), numbering=numbering)[-1] == f"{last}项"


def test_a_deep_level_may_begin_anew_below_the_first_only() -> None:
    numbering = list_of(CHINESE, ("decimal", "%2)"), ("lowerLetter", "%3)")).replace(
        '<w:numFmt w:val="lowerLetter"/>', '<w:numFmt w:val="lowerLetter"/><w:lvlRestart w:val="1"/>'
    )
    body = items((1, 0), (1, 1), (1, 2), (1, 1), (1, 2), (1, 0), (1, 1), (1, 2))
    assert [line[:-1] for line in lines(body, numbering=numbering)] == ["一、", "1)", "a)", "2)", "b)", "二、", "1)", "a)"]


def test_labels_name_the_levels_above() -> None:
    numbering = list_of(CHINESE, ("decimal", "%1.%2")).replace(
        '<w:numFmt w:val="decimal"/>', '<w:numFmt w:val="decimal"/><w:isLgl/>'
    )
    assert lines(items((1, 0), (1, 1), (1, 1)), numbering=numbering) == ["一、项", "1.1 项", "1.2 项"]
    assert lines(items((1, 1), (1, 0)), numbering=list_of(CHINESE, ("decimal", "%1-%2、"))) == ["一-1、项", "一、项"]


def test_a_label_does_not_run_into_the_text() -> None:
    """1 2023年 and not 12023年; 一、, 第一条 and ① need no blank, or have one."""
    for label, written in (("%1", "1 项"), ("第%1条", "第1条 项"), ("%1.", "1.项"), ("（%1）", "（1）项")):
        assert lines(items((1, 0)), numbering=list_of(("decimal", label))) == [written]
    close = list_of(("decimal", "%1")).replace("<w:lvlText", '<w:suff w:val="nothing"/><w:lvlText')
    assert lines(items((1, 0)), numbering=close) == ["1项"]


def test_a_list_may_replace_a_level() -> None:
    level = '<w:lvl w:ilvl="0"><w:start w:val="5"/><w:numFmt w:val="upperRoman"/><w:lvlText w:val="%1."/></w:lvl>'
    lists = instance(1, f'<w:lvlOverride w:ilvl="0">{level}</w:lvlOverride>')
    assert lines(items((1, 0), (1, 0)), numbering=list_of(CHINESE, instances=lists)) == ["V.项", "VI.项"]


LINK = (
    '<w:abstractNum w:abstractNumId="7"><w:numStyleLink w:val="公文"/></w:abstractNum>'
    '<w:num w:numId="7"><w:abstractNumId w:val="7"/></w:num>'
)
LIST_STYLE = '<w:style w:type="numbering" w:styleId="公文"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'


@pytest.mark.parametrize(
    ("linked", "styles"), [('<w:styleLink w:val="公文"/>', ""), ("", LIST_STYLE), ('<w:styleLink w:val="公文"/>', LIST_STYLE)]
)
def test_a_list_style_leads_to_the_levels(linked: str, styles: str) -> None:
    numbering = list_of(CHINESE, instances=instance(1) + LINK).replace('w:abstractNumId="1">', f'w:abstractNumId="1">{linked}', 1)
    body = items((7, 0), (1, 0))
    assert lines(body, numbering=numbering, styles=part("styles", styles)) == ["一、项", "二、项"]


def test_list_styles_may_lead_in_a_circle() -> None:
    assert lines(items((7, 0)), numbering=part("numbering", LINK)) == ["项"]


def test_styles_number_paragraphs_at_the_level_that_names_them() -> None:
    levels = list_of(CHINESE, DECIMAL)
    for depth, style in enumerate(("H1", "H2")):
        levels = levels.replace(f'<w:lvl w:ilvl="{depth}">', f'<w:lvl w:ilvl="{depth}"><w:pStyle w:val="{style}"/>')
    style = '<w:style w:type="paragraph" w:styleId="{}">{}<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'.format
    based = '<w:style w:type="paragraph" w:styleId="H3"><w:basedOn w:val="H2"/></w:style>'
    styles = part("styles", style("H1", "") + style("H2", "") + based)
    none = '<w:numPr><w:numId w:val="0"/></w:numPr>'
    body = "".join(
        paragraph("项", properties=f'<w:pStyle w:val="{name}"/>{own}')
        for name, own in (("H1", ""), ("H2", ""), ("H3", ""), ("H1", none), ("H1", ""))
    )
    assert lines(body, numbering=levels, styles=styles) == ["一、项", "1.项", "2.项", "项", "二、项"]


def test_an_empty_paragraph_takes_a_number_and_a_missing_list_none() -> None:
    body = items((1, 0)) + paragraph("", properties=numbered()) + items((1, 0), (9, 0), (1, 8), (1, 99), (1, -1))
    assert lines(body, numbering=list_of(CHINESE)) == ["一、项", "三、项", "项", "项", "项", "项"]
    assert lines(items((1, 0))) == ["项"]


def test_a_label_stands_after_the_page_break_that_opens_its_paragraph() -> None:
    broken = paragraph("项", properties=numbered()).replace("<w:r>", '<w:r><w:br w:type="page"/></w:r><w:r>')
    assert lines(broken, numbering=list_of(CHINESE)) == ["一、项"]


def test_values_that_are_no_numbers_harm_nothing() -> None:
    numbering = list_of(("decimal", "%1.")).replace('w:start w:val="1"', 'w:start w:val="x"').replace('w:ilvl="0"', 'w:ilvl="?"')
    assert lines(items((1, 0)), numbering=numbering) == ["0.项"]
