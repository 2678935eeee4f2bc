"""Slides: order, titles, tables, notes."""

from benchmarks.small_files import pptx
from corpus import readers


def test_slides_are_pages_in_the_order_of_the_presentation() -> None:
    slides = [("锦渚区“灯下课堂”经验", ["已开课312场。", "结业4180人。"]), ("下一步", ["向全市推开。"])]
    rows = [["县区", "学员"], ["锦渚区", "4180"]]
    reading = readers.read_file(pptx(slides, notes="讲五分钟。", rows=rows), name="it.pptx")
    assert reading.text == (
        "## 锦渚区“灯下课堂”经验\n\n已开课312场。\n\n结业4180人。\n\n县区\t学员\n锦渚区\t4180\n\n备注：\n\n讲五分钟。\n\n"
        "## 下一步\n\n向全市推开。\n"
    )
    assert [reading.text[at : at + 5] for at in reading.pages] == ["## 锦渚", "## 下一"]


def test_the_title_of_a_title_slide_stands_above_those_of_the_other_slides() -> None:
    data = pptx([("锦渚区夜校工作汇报", ["锦渚区教育局"]), ("一、做法", ["开课312场"])], title_slide=True)
    text = readers.read_file(data, name="it.pptx").text
    assert text == "# 锦渚区夜校工作汇报\n\n锦渚区教育局\n\n## 一、做法\n\n开课312场\n"
