"""Checks of the domain thesaurus table (index/query/thesaurus.tsv)."""

import re
from collections import Counter
from importlib import resources

HEADER = ["everyday", "official", "english", "area"]
AREAS = {
    "organisation",
    "volunteering",
    "employment",
    "housing",
    "family",
    "media",
    "digital",
    "rural",
    "education",
    "mental-health",
    "law",
    "safety",
    "ecology",
    "culture",
    "finance",
    "personnel",
    "meetings",
    "care",
    "health",
    "youth",
    "governance",
}
GENERAL = {"工作", "活动", "开展", "建设", "服务", "组织", "青年", "社会", "管理", "问题", "方案", "经验"}


def _lines():
    text = (resources.files("index.query") / "thesaurus.tsv").read_text(encoding="utf-8")
    assert text.endswith("\n")
    return text.split("\n")[:-1]


def _entries():
    return [line.split("\t") for line in _lines()[1:]]


def _terms(column):
    return column.split(";") if column else []


def test_header_and_four_columns():
    assert _lines()[0].split("\t") == HEADER
    assert [entry for entry in _entries() if len(entry) != 4] == []


def test_at_least_1600_entries():
    assert len(_entries()) >= 1600


def test_no_duplicate_lines():
    assert [line for line, count in Counter(_lines()).items() if count > 1] == []
    pairs = Counter((everyday, official) for everyday, official, _, _ in _entries())
    assert [pair for pair, count in pairs.items() if count > 1] == []


def test_no_empty_official_or_area_column():
    for everyday, official, english, area in _entries():
        assert official and area in AREAS, (everyday, official, area)
        assert everyday or english, official


def test_no_stray_spaces_or_empty_terms():
    for entry in _entries():
        for column in entry[:3]:
            for term in _terms(column):
                assert term and term == term.strip(), entry
        for column in entry[:2]:
            assert not re.search(r"[\s；，、,/|\ufeff]", column), entry


def test_every_area_well_covered():
    counts = Counter(area for *_, area in _entries())
    assert set(counts) == AREAS
    assert {area: count for area, count in counts.items() if count < 40} == {}


def test_term_lengths():
    for everyday, official, _, _ in _entries():
        assert all(2 <= len(term) <= 10 for term in _terms(everyday)), everyday
        assert all(2 <= len(term) <= 12 for term in _terms(official)), official


def test_no_term_twice_in_one_column():
    for entry in _entries():
        for column in entry[:3]:
            assert len(_terms(column)) == len(set(_terms(column))), entry


def test_every_entry_links_two_terms():
    for everyday, official, _, _ in _entries():
        assert len(set(_terms(everyday)) | set(_terms(official))) >= 2, (everyday, official)


def test_no_overly_general_terms():
    for everyday, official, _, _ in _entries():
        assert not GENERAL & (set(_terms(everyday)) | set(_terms(official))), (everyday, official)


def test_known_correspondences():
    officials = {term: _terms(official) for everyday, official, _, _ in _entries() for term in _terms(everyday)}
    assert "务工人员" in officials["打工的"]
    assert "青年马克思主义者培养工程" in officials["青马工程"]
    assert "虚报时长" in officials["骗人的时长"]
    assert "志愿驿站" in officials["歇脚"]
