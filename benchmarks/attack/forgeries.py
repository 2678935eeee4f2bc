"""Forge each part that an answer file or a saved list shows, seal it anew, and count what `verify` still believes.

A forger can compute the seal, so each forgery has the right one: only deriving the part again from the library can catch it.
What is the reader's own (the question of a saved quote, his remark, the time; the id and the seconds of a line of a batch) cannot
be derived, is not forged here, and is named as unchecked by every report.
"""

import copy
import json
import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from corpus.library.files import SAMPLES
from index.contextual import load_contextual_encoder
from index.encoder import load_encoder
from index.store.library import Library, open_library
from qa.answering.pipeline import answer_question, compare
from qa.export.batch import answer_file
from qa.export.derivation import Derive, asking_again
from qa.export.records import answer_record
from qa.export.saved_quotes import SavedList, make_saved_quote, quote_at, write_saved
from qa.export.seal import DIGEST, sealed
from qa.export.verification import LibraryFiles, check
from qa.question.places import find_region
from qa.web.addresses import passage_address

Record = dict[str, Any]
Where = tuple[str | int, ...]  # keys and indexes that lead to a value

_EACH = 100  # forgeries of each part of each form
_UNDERIVED = ("asked", DIGEST, "id", "elapsed_ms")
_SUMMED = ("parts", "forgeries", "failed_untouched", "failed_accepted")
_OWN = ("question", "time", "remark")  # of a saved quote


def _answered(question: str, **options: Any) -> Callable[[Library], list[Record]]:
    return lambda library: [answer_record(answer_question(library, question, **options), address_of=passage_address)]


def _compared(library: Library) -> list[Record]:
    regions = [find_region(name, library.catalog) for name in ("锦渚区", "北苑区")]
    return [answer_record(compare(library, "骑手驿站", regions))]


def _batch(library: Library) -> list[Record]:
    lines = [
        {"id": "a", "question": "积分能转给家人吗"},
        {"id": "b", "question": "石潭呢？", "history": ["锦渚的时间银行怎么办"]},
        {"id": "c", "question": ""},
    ]
    with tempfile.TemporaryDirectory() as place:
        source, target = Path(place, "questions.jsonl"), Path(place, "answers.jsonl")
        source.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
        answer_file(library, source, target)
        return [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]


def _saved(library: Library) -> list[Record]:
    kept = []
    for question in ("志愿者积分制度怎么做", "骑手驿站日均进站多少人次"):
        for quote in answer_question(library, question).quotes:
            bulletin = quote.passage.bulletin
            again = quote_at(library.catalog.passages_of(quote.passage.article), quote.span)
            number = bulletin.articles.index(quote.passage.article) + 1
            kept += [make_saved_quote(again, article=number, question=question)] if again else []
    return [json.loads(write_saved(SavedList(tuple(kept), before=tuple(kept[:1]))))]


FORMS: dict[str, Callable[[Library], list[Record]]] = {
    "answer": _answered("志愿者积分制度怎么做"),
    "fact": _answered("骑手驿站日均进站多少人次"),
    "comparison": _compared,
    "comparison asked": _answered("锦渚区和北苑区的骑手驿站有什么不同"),
    "survey": _answered("哪些地区办了骑手驿站"),
    "count": _answered("which counties mention left-behind children"),
    "overview": _answered("锦渚区做了哪些工作"),
    "refusal": _answered("火星上怎样办团课"),
    "batch": _batch,
    "saved list": _saved,
}


def run(*, share: float, seed: int) -> dict[str, Any]:
    """Forge each part of each form. `failed_accepted` counts forgeries that were believed, by parts; `parts` are all of them."""
    with tempfile.TemporaryDirectory() as data:
        library = open_library(SAMPLES, data=Path(data), encoder=load_encoder(), contextual=load_contextual_encoder())
        each = max(1, round(_EACH * share))
        forms = {name: attack_form(make, library, each=each, seed=seed) for name, make in FORMS.items()}
    return {
        "forms": forms,
        **{
            key: sum(form[key] for form in forms.values())
            for key in ("parts", "forgeries", "failed_untouched", "failed_accepted")
        },
    }


def attack_form(make: Callable[[Library], list[Record]], library: Library, *, each: int, seed: int) -> dict[str, Any]:
    """Forge each part of a file `each` times. Asking again costs most, and is done once for each question."""
    records, rng, files = make(library), random.Random(seed), LibraryFiles(library.folder, None)
    derive = _remembering(asking_again(lambda: library, address_of=passage_address))
    parts: dict[str, list[tuple[int, Where]]] = {}
    for line, record in enumerate(records):
        for where in _places(record):
            if where and not _is_underived(record, where):
                parts.setdefault(_part(where), []).append((line, where))
    accepted: dict[str, int] = {}
    done = 0
    for part, places in parts.items():
        for _ in range(each):
            line, where = rng.choice(places)
            forged = copy.deepcopy(records)
            if (changed := _forge(forged[line], where, records[line], rng)) is None:
                continue
            forged[line] = sealed(changed)
            done += 1
            if _holds(forged, files, derive):
                accepted[part] = accepted.get(part, 0) + 1
    for forged in _structural(records):
        done += 1
        if _holds(forged, files, derive):
            accepted["structure"] = accepted.get("structure", 0) + 1
    return {
        "parts": len(parts),
        "forgeries": done,
        "failed_untouched": int(not _holds(records, files, derive)),
        "failed_accepted": sum(accepted.values()),
        "accepted": accepted,
    }


def _holds(records: list[Record], files: LibraryFiles, derive: Derive) -> bool:
    text = "\n".join(json.dumps(record, ensure_ascii=False) for record in records)
    return check(text, files, name="forged.json", derive=derive).holds


def _remembering(derive: Derive) -> Derive:
    known: dict[tuple[Any, bool], Record] = {}

    def remembered(asked: Any, addressed: bool) -> Record:
        if (asked, addressed) not in known:
            known[asked, addressed] = derive(asked, addressed)
        return copy.deepcopy(known[asked, addressed])

    return remembered


def _places(value: Any, where: Where = ()) -> Iterator[Where]:
    """Yield where each value lies, whole objects and arrays among them."""
    yield where
    if isinstance(value, dict):
        for key in value:
            yield from _places(value[key], (*where, key))
    elif isinstance(value, list):
        for i, one in enumerate(value):
            yield from _places(one, (*where, i))


def _is_underived(record: Record, where: Where) -> bool:
    if where[0] in _UNDERIVED or where == ("error",):
        return True
    return "before" in record and (len(where) < 3 or where[2] in _OWN)  # which quotes are saved is the reader's own choice


def _part(where: Where) -> str:
    return ".".join(str(key) for key in where if isinstance(key, str)) + ("[]" if isinstance(where[-1], int) else "")


def _forge(record: Record, where: Where, real: Record, rng: random.Random) -> Record | None:
    """Change the value at a place, or take it away, in a way that a reader would believe; None where it comes out the same."""
    *path, last = where
    holder: Any = record
    for key in path:
        holder = holder[key]
    before = json.dumps(real, sort_keys=True)
    ways = ["change", "change", "change", "drop", "add"]
    way = rng.choice(ways)
    if way == "drop":
        del holder[last]
    elif way == "add" and isinstance(holder, dict):
        holder[f"{last}_"] = holder[last]
    else:
        holder[last] = _other(holder[last], rng)
    return record if json.dumps(record, sort_keys=True) != before else None


def _other(value: Any, rng: random.Random) -> Any:
    """Return another value of the same type, mostly; or of another one."""
    if rng.random() < 0.1:
        return rng.choice([None, True, 1, "1", [], {}])
    if isinstance(value, bool) or value is None:
        return rng.choice([not value, "1", 1])
    if isinstance(value, int):
        return rng.choice([value + 1, value - 1, value + 7, float(value)])
    if isinstance(value, float):
        return round(value + rng.choice([-0.0001, 0.0001, 0.1]), 4)
    if isinstance(value, str):
        return _other_text(value, rng)
    if isinstance(value, list):
        ways = [[*value, *value[:1]], value[1:], value[::-1], [*value, None]]
        return rng.choice(ways)
    return {**value, "more": "1"} if rng.random() < 0.5 else dict(list(value.items())[1:])


def _other_text(text: str, rng: random.Random) -> str:
    at = rng.randrange(len(text)) if text else 0
    digit = str(rng.randrange(10))
    ways = [
        text[:at] + digit + text[at + 1 :],
        text + "。",
        text[:at] + text[at + 1 :],
        text[:at] + "不" + text[at:],
        "",
        text + " ",
    ]
    return rng.choice(ways)


def _structural(records: list[Record]) -> Iterator[list[Record]]:
    """Yield files with an error in the place of an answer, without seal, without what was asked, with a quote of nothing."""
    first, *others = copy.deepcopy(records)
    if "before" in first:
        return
    error = {"error": "questions.jsonl: line 1: the question is empty"}
    yield [sealed({"id": 1, **error}), *others]
    yield [sealed({"id": 1, **error, "asked": first["asked"]}), *others]
    yield [sealed({**first, **error}), *others]
    yield [{key: value for key, value in first.items() if key != DIGEST}, *others]
    yield [sealed({key: value for key, value in first.items() if key != "asked"}), *others]
    yield [sealed({**first, "quotes": [], "table": None}) if first["quotes"] else sealed({**first, "note": "1"}), *others]
