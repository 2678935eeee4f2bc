"""Two bulletins pasted into one file: no text of the second may be cited under the masthead of the first.

All ordered pairs of the twelve samples, joined in the ways that people and programs join texts. As a control each sample alone,
as it is and with its own masthead as the running header of its pages, is read as one.
"""

import itertools
import random
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from corpus import readers
from corpus.library import files
from corpus.messages.errors import BulletinParseError
from corpus.parsing.parser import parse_text
from corpus.regions.gazetteer import Gazetteer

_JOINED = ("\n", "\n\n\n", "\n\n---\n\n", "\n\f\n", "\n- 12 -\n\n", "\n　　\n", "\n\n附：\n\n")
_ABOVE = 8  # lines of notes that a masthead may have above its series: 内部刊物
_EVERY = 12  # paragraphs a page

_Form = Callable[[str], str]
# As a bulletin looks when it was copied otherwise: with Windows's line ends, without blank lines, with full-width figures.
_FORMS: tuple[_Form, ...] = (
    str,
    lambda text: text.replace("\n", "\r\n"),
    lambda text: re.sub(r"\n(?:[ \t\u3000]*\n)+", "\n", text),
    lambda text: text.translate({ord("0") + digit: chr(ord("０") + digit) for digit in range(10)}),
)


def run(*, share: float = 1.0, seed: int = 0) -> dict[str, Any]:
    """Parse pairs of bulletins as one file each, and count those whose second would be cited as the first."""
    chance = random.Random(seed)
    gazetteer = files.load_gazetteer(files.SAMPLES)
    texts = {path.name: readers.read_file(path.read_bytes(), name=path.name).text for path in sorted(files.SAMPLES.glob("*.txt"))}
    pairs = list(itertools.permutations(texts, 2))
    chance.shuffle(pairs)
    pairs = pairs[: max(1, round(len(pairs) * share))]
    counted: Counter[str] = Counter()
    wrong: list[str] = []
    for first, second in pairs:
        above, joined = chance.choice(_FORMS)(texts[first].rstrip()), chance.choice(_JOINED)
        below = chance.choice(_FORMS)(texts[second].lstrip("\ufeff \n"))
        refused = _refusal(above + joined + below, gazetteer)
        begins = len(above.splitlines()) + len(joined.splitlines())
        if refused is None:
            wrong.append(f"{first} + {second}: read as one")
        elif not begins - 1 <= refused <= begins + _ABOVE:
            wrong.append(f"{first} + {second}: the second begins at line {begins}, not {refused}")
        counted["refused"] += refused is not None
        counted["located"] += refused is not None and begins - 1 <= refused <= begins + _ABOVE
    alone = [
        name for name, text in texts.items() if _refusal(text, gazetteer) or _refusal(_with_headers(text, gazetteer), gazetteer)
    ]
    return {
        "pairs": len(pairs),
        "refused": counted["refused"],
        "failed_citations": len(pairs) - counted["refused"],
        "failed_lines": counted["refused"] - counted["located"],
        "alone": 2 * len(texts),
        "failed_alone": len(alone),
        "wrong": [*wrong, *alone],
    }


def _refusal(text: str, gazetteer: Gazetteer) -> int | None:
    """Return the line at which a file is said to go on with another document; None if it is read as one."""
    try:
        parse_text(text, gazetteer=gazetteer, document="both.txt")
    except BulletinParseError as error:
        second = dict(error.message.args).get("second")
        return second if isinstance(second, int) else None
    return None


def _with_headers(text: str, gazetteer: Gazetteer) -> str:
    """Return a bulletin with its series and number on one line at the top of every page."""
    head = parse_text(text, gazetteer=gazetteer, document="alone.txt").masthead
    number = f"第{head.issue}期" if head.issue and head.issue.isdigit() else head.issue
    paragraphs = text.split("\n\n")
    pages = ["\n\n".join(paragraphs[at : at + _EVERY]) for at in range(0, len(paragraphs), _EVERY)]
    return f"\n\n{head.series}　　{number}\n\n".join(pages)
