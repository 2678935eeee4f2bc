"""Hostile questions: what questions are made of, in any order and any number, up to the longest that is taken.

Each is answered by the same code that users run, while another thread watches how long the interpreter is held.
"""

import random
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from corpus.library import files
from corpus.messages.errors import QuestionError
from index.encoder import load_encoder
from index.store.library import Library, open_library
from qa.answering.pipeline import answer_question
from qa.question.analyzer import MAX_CHARACTERS

_QUESTIONS = 2000
_MAX_SECONDS = 2.0  # for an answer
_MAX_HOLD = 0.5  # seconds for which nothing else can run
_TICK = 0.005  # seconds
_MAX_TURNS, _MAX_KINDS = 8, 6

_PIECES = (
    *(
        " ",
        "\u3000",
        "\t",
        "，",
        "。",
        "？",
        "！",
        "、",
        "·",
        "“",
        "”",
        "《",
        "》",
        "（",
        "）",
        "(",
        ")",
        "[",
        "]",
        "-",
        "/",
        "%",
    ),
    *("2021", "二〇二一", "21", "年", "月", "日", "上半年", "季度", "以来", "以前", "近三年", "去年", "今年", "到", "至", "之间"),
    *("第", "期", "总第", "号", "简报", "岚川青年", "最新一期", "这期", "第二点", "第三篇", "最后一", "the second one "),
    *("锦渚区", "北苑", "云栖市", "望澜", "锦", "区", "省", "市", "县", "jinzhu ", "Beiyuan District ", "朝阳区", "西藏"),
    *("怎么", "怎样", "如何", "哪些", "多少", "几", "谁", "什么", "为什么", "有没有", "是不是", "吗", "呢", "咋", "啥"),
    *(
        "骑手驿站",
        "志愿积分",
        "夜校",
        "团课",
        "做法",
        "经验",
        "总结",
        "区别",
        "不同",
        "对比",
        "分别",
        "每",
        "所有",
        "只看",
        "不要",
    ),
    *(
        "除了",
        "以外",
        "还有",
        "别的地方",
        "其他",
        "那",
        "他们",
        "这些",
        "该",
        "不是这个区",
        "不限地区",
        "和",
        "与",
        "跟",
        "或",
        "的",
    ),
    *(
        "how ",
        "to ",
        "what ",
        "which ",
        "regions ",
        "other than ",
        "compare ",
        "and ",
        "since ",
        "volunteers ",
        "'s ",
        "isn't ",
        "a",
    ),
    *(
        "1",
        "12345",
        "0.5",
        "3000万",
        "x",
        "X",
        "+",
        "*",
        "\\",
        "^",
        "$",
        "{",
        "}",
        "\u200b",
        "\ufeff",
        "é",
        "𠮷",
        "😀",
        "\ud83d",
        "\x00",
    ),
)


def run(*, share: float = 1.0, seed: int = 0) -> dict[str, Any]:
    """Ask hostile questions of the sample library.

    Returns: the number of questions, of those refused for what they are, the seconds of the slowest answer, its question's
        beginning, the longest time for which the interpreter was held; `failed_slow`, `failed_holds` and `failed_errors`: answers
        that took too long, held the interpreter too long, or ended in an error that is not meant for people.
    """
    with tempfile.TemporaryDirectory() as data:
        library = open_library(files.SAMPLES, data=Path(data), encoder=load_encoder())
        return ask(library, max(1, round(_QUESTIONS * share)), seed=seed)


def ask(library: Library, number: int, *, seed: int) -> dict[str, Any]:
    """Ask a library `number` questions, and return the figures of `run`."""
    chance = random.Random(seed)
    watch = _Watch()
    slowest, slowest_question, longest_hold = 0.0, "", 0.0
    refused = failed_slow = failed_holds = failed_errors = 0
    with watch:
        for _ in range(number):
            question = make_question(chance)
            history = [make_question(chance) for _ in range(chance.choice((0, 0, 1, _MAX_TURNS)))]
            watch.restart()
            began = time.perf_counter()
            try:
                answer_question(library, question, history=history)
            except QuestionError:
                refused += 1
            except Exception:
                failed_errors += 1
                slowest_question = repr(question[:80])
            seconds, held = time.perf_counter() - began, watch.longest
            if seconds > slowest and not failed_errors:
                slowest, slowest_question = seconds, repr(question[:80])
            longest_hold = max(longest_hold, held)
            failed_slow += seconds > _MAX_SECONDS
            failed_holds += held > _MAX_HOLD
    return {
        "questions": number,
        "refused": refused,
        "slowest_s": round(slowest, 2),
        "slowest_question": slowest_question,
        "longest_hold_s": round(longest_hold, 2),
        "failed_slow": failed_slow,
        "failed_holds": failed_holds,
        "failed_errors": failed_errors,
    }


def make_question(chance: random.Random) -> str:
    """Return a question of some kinds of pieces, each once or many times over, at most as long as the program takes."""
    kinds = chance.choices(_PIECES, k=chance.randint(1, _MAX_KINDS))
    length = chance.choice((20, 100, 500, MAX_CHARACTERS))
    if chance.random() < 0.5:
        each = max(1, length // len(kinds))
        text = "".join((kind * each)[:each] for kind in kinds)
    else:
        text = "".join(chance.choice(kinds) for _ in range(length))
    return text[:length]


class _Watch:
    """A thread that measures for how long it was kept from running."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "_Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def restart(self) -> None:
        """Forget what was measured so far."""
        self.longest = 0.0

    def _run(self) -> None:
        last = time.perf_counter()
        while not self._ended.wait(_TICK):
            now = time.perf_counter()
            self.longest = max(self.longest, now - last - _TICK)
            last = now
