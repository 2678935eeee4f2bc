"""Questions to ask of the sample library."""

import json

from corpus.library import files as corpus_library
from index.store.library import Library


def questions_of(samples: Library) -> list[tuple[str, list[str]]]:
    """The questions of the sample library, and some about each of its articles, made of its titles, headings and regions."""
    lines = (corpus_library.SAMPLES / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [(record["question"], record.get("history") or []) for record in map(json.loads, lines)]
    for article in samples.catalog.articles:
        asked.append((article.title, []))
        asked.append((f"{article.region.label if article.region else '学校'}花了多少钱？", []))
        asked += [(f"{section.heading.split('、')[-1]}，具体怎么做？", []) for section in article.sections if section.heading][:2]
    return asked
