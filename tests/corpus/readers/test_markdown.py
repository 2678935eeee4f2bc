"""Markdown: what of it is text, and when a file is text as it stands."""

import datetime

import pytest

from corpus import readers
from corpus.document import ExtractedText, Metadata
from corpus.library import files
from corpus.readers import markdown
from corpus.readers.formulas import formula_text


def read(source: str) -> ExtractedText:
    return readers.read_file(source.encode(), name="it.md")


@pytest.mark.parametrize("path", sorted(files.SAMPLES.glob("*.txt")), ids=lambda path: path.stem)
def test_a_file_with_headings_and_bold_runs_is_text_itself(path: object) -> None:
    source = readers.read_plain(path)  # type: ignore[arg-type]
    extracted = readers.read_file(source.encode(), name="it.md")
    assert (extracted.text, extracted.is_source) == (source, True)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        # Tables: GitHub's, of converters, and cells that hold marks themselves.
        ("|县区|成效|\n|:--|--:|\n|锦渚区|**结业**4180人|\n|北苑区||\n", "县区\t成效\n锦渚区\t结业4180人\n北苑区\t\n"),
        ("县区 | 成效\n---|---\n锦渚区 | 用\\|隔开\n", "县区\t成效\n锦渚区\t用|隔开\n"),
        ("<table><tr><td rowspan=2>锦渚区</td><td>甲</td></tr><tr><td>乙</td></tr></table>\n", "锦渚区\t甲\n\t乙\n"),
        # Headings keep their level, whatever way they are written.
        ("工作简报\n====\n\n### 课表谁来定？ `问`\n", "# 工作简报\n\n### 课表谁来定？ 问\n"),
        ("## **一、定好课程**\n\n<u>学员</u>选课。\n", "## 一、定好课程\n\n学员选课。\n"),
        # Marks inside a line.
        ('见[课程目录](附件/目录.pdf "题")和<https://a.example/x>。\n', "见课程目录和https://a.example/x。\n"),
        ("每次\\*两课时\\*，~~周六~~周日上课，*风雨*不停。\n", "每次*两课时*，周日上课，风雨不停。\n"),
        ("**一、定好课程。**居民选课，共`12`门。\n", "**一、定好课程。**居民选课，共12门。\n"),
        ("人才&amp;技能&ge;80&nbsp;分<br>换行<!-- 注 -->\n", "人才&技能≥80 分\n换行\n"),
        ("甲![图](a.png)乙\n\n<img src='b.png'>\n", "甲乙\n"),
        ("三期[^1]结业。\n\n[^1]: 由人社局核定。\n", "三期结业。\n\n由人社局核定。\n"),
        # Lines: kept as they are typed, also where they are set in.
        ("> 编者按：第一行\n> 第二行\n", "编者按：第一行\n第二行\n"),
        ("    锦渚区开课。\n    北苑区开课。`完`\n", "锦渚区开课。\n\n北苑区开课。完\n"),
        ("```\n第7期\n  总第88期\n```\n", "第7期\n总第88期\n"),
        ("3) 丙\n4) 丁\n\n`注`\n\n- 自带水杯\n", "3) 丙\n\n4) 丁\n\n注\n\n- 自带水杯\n"),
        ("第一段`一`\n\n---\n\n第二段\n", "第一段一\n\n第二段\n"),
        ("[1]：张三负责`报名`\n\n[2]: 李四\n", "[1]：张三负责报名\n\n[2]: 李四\n"),
        ("面积$80\\mathrm{m}^{2}$，占$97\\%$，补贴$5到$6。\n", "面积80m²，占97%，补贴$5到$6。\n"),
    ],
)
def test_markup_is_no_text(source: str, text: str) -> None:
    extracted = read(source)
    assert (extracted.text, extracted.is_source, extracted.reader) == (text, False, markdown.READER)


@pytest.mark.parametrize(
    ("front", "metadata"),
    [
        (
            '---\ntitle: "锦渚区办夜校"\ndate: 2023-05-18 09:00\nsource: 团锦渚区委\n'
            "url: https://a.example/1\ntags: [简报]\n---\n",
            Metadata("锦渚区办夜校", "团锦渚区委", datetime.date(2023, 5, 18), "https://a.example/1"),
        ),
        ("+++\ntitle = '夜校'\ndate = 2023-13-40\n+++\n", Metadata("夜校")),
    ],
)
def test_front_matter_is_metadata(front: str, metadata: Metadata) -> None:
    extracted = read(f"{front}\n# 简报\n\n正文。\n")
    assert (extracted.text, extracted.metadata) == ("# 简报\n\n正文。\n", metadata)


def test_a_rule_at_the_beginning_is_no_front_matter() -> None:
    assert read("---\n\n工作简报\n").text == "---\n\n工作简报\n"


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("\\frac{1}{2}", "1/2"),
        ("\\frac{a+b}{2}", "(a+b)/2"),
        ("36.5^{\\circ}\\mathrm{C}", "36.5°C"),
        ("x_{1}\\leq 10^{-3}", "x₁≤10⁻³"),
        ("\\alpha \\times \\Omega", "α×Ω"),
        ("\\text{覆盖率}=97\\%", "覆盖率=97%"),
        ("{" * 400 + "x", "x"),
    ],
)
def test_formulas_are_what_they_show(formula: str, text: str) -> None:
    assert formula_text(formula) == text
