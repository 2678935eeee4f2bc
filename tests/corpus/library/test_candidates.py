"""Many articles of one title: what is compared is little, and what is found the same as by comparing all."""

import random

import pytest

from corpus.library import candidates, duplicates
from corpus.library.duplicates import find_duplicates
from corpus.library.fingerprints import Fingerprint, _of_text

CHARACTERS = [chr(code) for code in range(0x4E00, 0x5E00)]


def document(body: str, *, chance: random.Random, is_correction: bool = False) -> Fingerprint:
    region, date = chance.choice([None, "甲省", "甲省乙市", "丙省"]), chance.choice([None, "2020-01-01", "2020-02-01"])
    article = _of_text("通报", body, region=region, is_correction=is_correction)
    whole = _of_text("", f"{chance.random()}{body}", region="", is_correction=False)
    issue = chance.choice([None, "1", "2"])
    return Fingerprint(whole, (article,), series=chance.choice(["", "刊"]), issue=issue, total_issue=None, year=None, date=date)


@pytest.mark.parametrize("seed", range(4))
def test_the_same_is_found_as_by_comparing_each_with_each(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    sentences = ["".join(chance.choices(CHARACTERS, k=chance.randrange(5, 40))) + "。" for _ in range(30)]
    documents = []
    for _ in range(60):
        start = chance.randrange(8)
        stretch = sentences[start : start + chance.randrange(1, 22)]
        body = "".join(sentence for sentence in stretch if chance.random() < 0.97) + chance.choice(["", "办件3件", "办件5件"])
        documents.append(document(body, chance=chance, is_correction=chance.random() < 0.2))
    monkeypatch.setattr(candidates, "_MANY", 0)
    found = find_duplicates(documents)
    monkeypatch.setattr(candidates, "_MANY", 1_000_000)
    assert found == find_duplicates(documents)
    assert found.documents


def test_many_different_articles_of_one_title_and_beginning_are_not_compared_each_with_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chance = random.Random(1)
    bodies = ["现将有关情况通报如下。" + "".join(chance.choices(CHARACTERS, k=60)) for _ in range(300)]
    documents = [document(body, chance=chance) for body in bodies]
    compared = 0

    def counted(*places: candidates.Place) -> bool:
        nonlocal compared
        compared += 1
        return False

    monkeypatch.setattr(duplicates, "_are_alike", counted)
    find_duplicates(documents)
    assert compared < 20 * len(documents)  # each with each: 45,000
