"""Texts made of random structures of lines, read by the same code that users run: none may take long."""

import random
import time
from collections.abc import Callable
from typing import Any

from corpus.library import files
from corpus.messages.errors import BulletinParseError, UnreadableFileError
from corpus.parsing.parser import MANY_LINES, parse_extracted
from corpus.readers.text import read_encoded
from corpus.regions.gazetteer import Gazetteer

_TEXTS = 2000
_SIZE = 1_000_000  # bytes of a text
_MAX_SECONDS = 2.0  # of the processor
_MAX_PIECES = 5  # kinds of lines in a text

_MASTHEAD = "岚川青年工作信息\n2021年第14期\n共青团岚川省委办公室 2021年12月10日\n\n"
# Lines as bulletins have them, and what stops parsers: each is written as often as the text takes it. `{n}` is a number.
_LINES = (
    *("岚川青年工作信息\n", "2021年第{n}期（总第{n}期）\n", "共青团岚川省委办公室 2021年12月{n}日\n", "编者按：\n"),
    *("目录\n", "目录" + " " * 40, "本期目录：\n", "1.标题文字……{n}\n", "{n}．云栖市探索青年夜校 ......... {n}\n"),
    *("一、做好工作\n", "一是做好工作。", "一是做好\n", "（一）抓住关键\n", "{n}.抓住\n", "第{n}条 各地\n", "首先，", "① 好\n"),
    *(
        "团云栖市锦渚区委建好骑手驿站\n",
        "锦渚区\n",
        "云栖市锦渚区",
        "【锦渚区】\n",
        "（团锦渚区委）\n",
        "团北苑区委\n",
        "供稿：团北苑区委\n",
    ),
    *("甲\t乙\t{n}\n", "\t", "\t\t\n", "| a | b |\n", "|---|---|\n", "县区，举措，{n}\n"),
    *(
        "好",
        "好\n",
        "好\n\n",
        "好。",
        "好。\n",
        "“好\n",
        "”",
        "《好",
        "》",
        "（",
        "）\n",
        "【",
        "】",
        "((((",
        "[[[[\n",
        "〔2021〕",
    ),
    *(" ", "   \n", "\u3000", "\u3000\u3000好\n", "\n", "\r", "\r\n", "\f", "\u2028", "\x0b"),
    *(
        "......",
        "……\n",
        "----\n",
        "=====\n",
        "***",
        "**课堂设在哪{n}**\n",
        "# 标题\n",
        "###### \n",
        "- 好\n",
        "● ",
        "- {n} -\n",
        "第{n}页 共{n}页\n",
    ),
    *(
        "2021",
        "2021年",
        "2021年12月10日\n",
        "12345678",
        "年月日",
        "抄送：各单位\n",
        "附件：{n}.报名表\n",
        "来源：石潭网 时间：2021-12-10\n",
    ),
    *(
        "首页 > 要闻\n",
        "浏览次数：{n}\n",
        "锦渚区有注册外卖骑手{n}余人，平均年龄27岁。",
        "The quick brown fox, ",
        "a",
        "\ufeff",
        "\u200b",
    ),
)


def run(*, share: float, seed: int) -> dict[str, Any]:
    """Parse texts of random structures; sizes and numbers are those of the full campaign, times `share` for the number.

    Returns: the number of texts; how many were refused, as a rule for their many short lines: of these as many lines as a
        document may have are parsed besides; the processor seconds of the slowest, and how it is made; and `failed_slow`, the
        number that take more than _MAX_SECONDS.
    """
    return parse_texts(max(1, round(_TEXTS * share)), size=_SIZE, seed=seed)


def parse_texts(number: int, *, size: int, seed: int) -> dict[str, Any]:
    """Parse `number` texts of about `size` bytes each, and return the figures of `run`."""
    chance, gazetteer = random.Random(seed), files.load_gazetteer(files.SAMPLES)
    slowest, made_of, failed, refused = 0.0, "", 0, 0
    for _ in range(number):
        structure, text = make_text(chance, size)
        seconds, is_refused = _parse(text, gazetteer)
        if is_refused:
            refused += 1
            seconds = max(seconds, _parse("".join(text.splitlines(keepends=True)[:MANY_LINES]), gazetteer)[0])
        failed += seconds > _MAX_SECONDS
        if seconds > slowest:
            slowest, made_of = seconds, structure
    return {
        "texts": number,
        "refused": refused,
        "slowest_seconds": round(slowest, 2),
        "slowest_structure": made_of,
        "failed_slow": failed,
    }


def _parse(text: str, gazetteer: Gazetteer) -> tuple[float, bool]:
    """Return the seconds of the processor that parsing a text takes, and whether it is refused."""
    data, is_refused = text.encode(), False
    began = time.process_time()
    try:
        parse_extracted(read_encoded(data, name="it.txt"), gazetteer=gazetteer, document="it.txt")
    except (BulletinParseError, UnreadableFileError):
        is_refused = True
    return time.process_time() - began, is_refused


def make_text(chance: random.Random, size: int) -> tuple[str, str]:
    """Return how a text of about `size` bytes is made, and the text: a masthead or none, then pieces in one of three orders."""
    pieces = chance.choices(_LINES, k=chance.randint(1, _MAX_PIECES))
    opening = chance.choice(("", _MASTHEAD))
    name, write = chance.choice(_ORDERS)
    body = write(chance, pieces, max(len(pieces), size // max(1, sum(len(piece.encode()) for piece in pieces))))
    return f"{'masthead, ' if opening else ''}{name} {pieces!r}", opening + body


def _written(piece: str, number: int) -> str:
    return piece.replace("{n}", str(number))


def _in_turn(_: random.Random, pieces: list[str], rounds: int) -> str:
    return "".join(_written(piece, number) for number in range(rounds) for piece in pieces)


def _one_after_the_other(_: random.Random, pieces: list[str], rounds: int) -> str:
    return "".join(_written(piece, number) for piece in pieces for number in range(rounds))


def _mixed(chance: random.Random, pieces: list[str], rounds: int) -> str:
    return "".join(_written(chance.choice(pieces), number) for number in range(rounds * len(pieces)))


_ORDERS: tuple[tuple[str, Callable[[random.Random, list[str], int], str]], ...] = (
    ("in turn", _in_turn),
    ("one after the other", _one_after_the_other),
    ("mixed", _mixed),
)
