"""Texts that make a regular expression go back over what it has read, made of the expression's own parts.

Each is the shortest text up to a repetition, the repeated part many times over, and a character that fits nothing; so every
repetition that may overlap with its neighbours or itself is entered and must fail.
"""

import json
import re
import re._constants as ops  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from tests.expressions import Expression, find_expressions

REPEATS = (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT)
DEADLINE = 0.06  # processor seconds for 7,000 characters; linear time takes 0.01 at most, the square 0.12 and more
MISMATCH = "\uffff"
_LONG = 20  # times: a repetition that may go on for longer is tried
_ENDLESS = 100  # times: beside one that ends sooner another costs at most as many tries at each place
_SOME = " 0年一Aa\u3000,，。.：、-_1x期第(（\t\n"
_CATEGORIES: dict[Any, Callable[[str], bool]] = {
    ops.CATEGORY_DIGIT: str.isdecimal,
    ops.CATEGORY_SPACE: str.isspace,
    ops.CATEGORY_WORD: lambda one: one.isalnum() or one == "_",
}
_NOT = {
    ops.CATEGORY_NOT_DIGIT: ops.CATEGORY_DIGIT,
    ops.CATEGORY_NOT_SPACE: ops.CATEGORY_SPACE,
    ops.CATEGORY_NOT_WORD: ops.CATEGORY_WORD,
}


def _is_in(one: str, parts: Any) -> bool:
    """Return whether a character is in a set as the parser gives it."""
    negated = bool(parts) and parts[0][0] is ops.NEGATE
    for op, value in parts:
        if op is ops.LITERAL and ord(one) == value:
            return not negated
        if op is ops.RANGE and value[0] <= ord(one) <= value[1]:
            return not negated
        if op is ops.CATEGORY:
            inside = not _CATEGORIES[_NOT[value]](one) if value in _NOT else _CATEGORIES[value](one)
            if inside:
                return not negated
    return negated


def _members(parts: Any) -> str:
    """Return a few characters that are in a set."""
    named = [chr(value) for op, value in parts if op is ops.LITERAL]
    named += [chr(value[0]) for op, value in parts if op is ops.RANGE]
    candidates = dict.fromkeys([*_SOME, *named]) if parts and parts[0][0] is ops.NEGATE else dict.fromkeys([*named, *_SOME])
    return "".join(one for one in candidates if _is_in(one, parts))


def _parsed(pattern: re.Pattern[Any]) -> Any:
    """Return the expression as the parser of `re` gives it."""
    return parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)


def _shortest(tree: Any, groups: dict[int, str] | None = None) -> str:
    """Return a short text that the expression fits, as far as its looks around it let it."""
    groups = {} if groups is None else groups
    text = ""
    for op, value in tree:
        if op is ops.LITERAL:
            text += chr(value)
        elif op is ops.NOT_LITERAL:
            text += "x" if value != ord("x") else "y"
        elif op is ops.ANY:
            text += "x"
        elif op is ops.IN:
            text += (_members(value) or "x")[0]
        elif op is ops.BRANCH:
            text += min((_shortest(branch, groups) for branch in value[1]), key=len)
        elif op is ops.SUBPATTERN:
            groups[value[0]] = _shortest(value[3], groups)
            text += groups[value[0]]
        elif op is ops.ATOMIC_GROUP:
            text += _shortest(value, groups)
        elif op in REPEATS:
            text += _shortest(value[2], groups) * value[0]
        elif op is ops.GROUPREF:
            text += groups.get(value, "")
        elif op is ops.GROUPREF_EXISTS:
            text += _shortest(value[1], groups)
    return text


def _alphabet(tree: Any) -> Iterator[str]:
    """Yield characters that the expression names or may repeat."""
    for op, value in tree:
        if op is ops.LITERAL:
            yield chr(value)
        elif op is ops.IN:
            yield from _members(value)[:2]
        elif op is ops.BRANCH:
            for branch in value[1]:
                yield from _alphabet(branch)
        elif op in REPEATS:
            yield from _alphabet(value[2])
        elif op is ops.SUBPATTERN:
            yield from _alphabet(value[3])
        elif op is ops.ATOMIC_GROUP:
            yield from _alphabet(value)
        elif op in (ops.ASSERT, ops.ASSERT_NOT):
            yield from _alphabet(value[1])


def _pumped(tree: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """Yield, for each repetition without an end near, the text before it and a piece of which it may take many."""
    for op, value in tree:
        if op in REPEATS:
            _, high, body = value
            if high is ops.MAXREPEAT or high > _LONG:
                for piece in _pieces(body):
                    yield before, piece
            yield from _pumped(body, before)
        elif op is ops.BRANCH:
            for branch in value[1]:
                yield from _pumped(branch, before)
        elif op is ops.SUBPATTERN:
            yield from _pumped(value[3], before)
        elif op is ops.ATOMIC_GROUP:
            yield from _pumped(value, before)
        elif op in (ops.ASSERT, ops.ASSERT_NOT):
            yield from _pumped(value[1], before)
        before += _shortest([(op, value)])


def _pieces(body: Any) -> Iterator[str]:
    """Yield texts that the body of a repetition may be."""
    if len(body) == 1 and body[0][0] is ops.IN:
        chosen = _members(body[0][1])
        yield from chosen[:2] + (" " if " " in chosen[2:] else "")
    elif len(body) == 1 and body[0][0] in (ops.ANY, ops.NOT_LITERAL):
        yield from "x 0"
    elif len(body) == 1 and body[0][0] is ops.SUBPATTERN:
        yield from _pieces(body[0][1][3])
    elif len(body) == 1 and body[0][0] is ops.BRANCH:
        for branch in body[0][1][1]:
            yield _shortest(branch)
    else:
        yield _shortest(body)


def texts(pattern: re.Pattern[Any], size: int) -> Iterator[str]:
    """Yield texts of about `size` characters."""
    tree = _parsed(pattern)
    made = dict.fromkeys(f"{before}{piece * (size // len(piece))}" for before, piece in _pumped(tree) if piece)
    whole = _shortest(tree)
    for piece in (whole, whole[:-1], whole[1:]):
        if piece:
            made[piece * (size // len(piece))] = None
    for one in list(dict.fromkeys(_alphabet(tree)))[:4]:
        made[one * size] = None
        made[whole[:1] + one * size] = None
    for text in made:
        yield text + MISMATCH


def adjacent_repetitions(pattern: re.Pattern[Any]) -> list[str]:
    """Return the characters that two long repetitions, one right behind or inside the other, may share: each could take them.

    A possessive repetition gives nothing back, so that the one behind it has no choice.
    """
    tree = _parsed(pattern)
    sample = "".join(dict.fromkeys([*_SOME, *_alphabet(tree)]))
    shared: list[str] = []

    def one_of(body: Any) -> str:
        op, value = body[0]
        if op is ops.IN:
            return "".join(one for one in sample if _is_in(one, value))
        if op is ops.ANY:
            return sample
        if op is ops.NOT_LITERAL:
            return sample.replace(chr(value), "")
        return chr(value) if op is ops.LITERAL else ""

    def walk(sequence: Any, running: str) -> str:
        """Return which characters the repetition that ends the sequence may take, given what the one before it may."""
        for op, value in sequence:
            if op in REPEATS:
                low, high, body = value
                is_long = high is ops.MAXREPEAT or high > _ENDLESS
                if is_long and len(body) == 1 and (taken := one_of(body)):
                    shared.extend(one for one in taken if one in running)
                    ends = taken
                else:
                    ends = walk(body, running)
                    if is_long and op is not ops.POSSESSIVE_REPEAT:
                        walk(body, ends)
                ends = "" if op is ops.POSSESSIVE_REPEAT else ends
                running = ends if low else ends + running
            elif op is ops.BRANCH:
                running = "".join(walk(branch, running) for branch in value[1])
            elif op is ops.SUBPATTERN:
                running = walk(value[3], running)
            elif op is ops.ATOMIC_GROUP:
                walk(value, running)
                running = ""
            elif op in (ops.ASSERT, ops.ASSERT_NOT):
                walk(value[1], "")
            elif op is not ops.AT:
                running = ""
        return running

    walk(tree, "")
    return list(dict.fromkeys(shared))


def _slowest(expression: Expression, size: int) -> tuple[float, str]:
    """Return the processor seconds of the slowest text, the best of three tries, and its beginning."""
    slowest = (0.0, "")
    for text in texts(expression.pattern, size):
        content = text.encode("utf-8") if isinstance(expression.pattern.pattern, bytes) else text
        taken = _seconds(expression, content)
        if taken > DEADLINE:  # something else may have taken the processor's caches
            taken = min(taken, *(_seconds(expression, content) for _ in range(2)))
        slowest = max(slowest, (taken, repr(text[:40])))
    return slowest


def _seconds(expression: Expression, content: Any) -> float:
    began = time.process_time()
    if expression.searched:
        for _ in expression.pattern.finditer(content):
            pass
    else:
        expression.pattern.match(content)
        expression.pattern.fullmatch(content)
    return time.process_time() - began


def main() -> None:
    """Feed every expression of the program, and print a line of JSON for each: where it stands, the seconds, the text."""
    for expression in find_expressions()[0]:
        print(json.dumps([str(expression), ""]), flush=True)  # what is under way, should it never end
        seconds, text = _slowest(expression, int(sys.argv[1]))
        print(json.dumps([str(expression), text if seconds > DEADLINE else ""]), flush=True)
    print(json.dumps(["", ""]))


if __name__ == "__main__":
    main()
