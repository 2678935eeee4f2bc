"""The comparison of readers of pages counts lines rightly."""

from pathlib import Path

from benchmarks import pages

PAGE = "<h1>锦渚区办夜校，晚上开课</h1><p>锦渚区把夜校开到楼下，已开三百一十二场，居民下楼就到。</p><p>{last}</p>"


def test_lines_are_counted_once_each(tmp_path: Path) -> None:
    lines = "锦渚区办夜校，晚上开课\n锦渚区把夜校开到楼下，已开三百一十二场，居民下楼就到。\n教材免费发放。\n"
    for name, last in (("a", "教材免费发放。"), ("b", "教材收费。")):
        (tmp_path / f"{name}.html").write_text(PAGE.format(last=last), encoding="utf-8")
        (tmp_path / f"{name}.txt").write_text(lines, encoding="utf-8")
    ours = pages.measure(tmp_path)["ours"]
    assert (ours["precision"], ours["recall"], ours["whole"], ours["pages"]) == (5 / 6, 5 / 6, 1, 2)
    assert "| ours | 0.83 | 0.83 | 1 of 2 |" in pages.table({"ours": ours})
