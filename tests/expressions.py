"""Find every regular expression of the program, and say which of them may take more than linear time.

An expression is found where it is kept (in a module, a class, a table) and where it is written (`re.search("...", text)` in a
function). How it is used says what can be slow: `match` tries one place, `search` and its like try all.
"""

import ast
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parent.parent
PACKAGES = ("corpus", "index", "qa")
_CALLS = ("compile", "match", "search", "sub", "subn", "split", "findall", "finditer", "fullmatch")
_AT_ONE_PLACE = ("match", "fullmatch")


@dataclass(frozen=True, slots=True)
class Expression:
    """A regular expression, where it stands, and whether it is searched for at every place of a text."""

    pattern: re.Pattern[Any]
    module: str
    where: str
    searched: bool

    def __str__(self) -> str:
        """Return where it stands, and its beginning."""
        return f"{self.module}:{self.where} {self.pattern.pattern[:120]!r}"


def modules() -> Iterator[ModuleType]:
    """Yield every module of the program."""
    for package in PACKAGES:
        for found in pkgutil.walk_packages([str(ROOT / package)], f"{package}."):
            if not found.name.endswith("__main__"):
                yield pkgutil.resolve_name(found.name)


@cache
def find_expressions() -> tuple[list[Expression], list[str]]:
    """Return the expressions of the program, and the functions (`module:name`) that make some of what only they know."""
    loaded = list(modules())
    trees = {module.__name__: ast.parse(Path(module.__file__ or "").read_text("utf-8")) for module in loaded}
    methods = _methods(trees.values())
    found: dict[tuple[str, int], Expression] = {}
    unknown = []
    for module in loaded:
        for name, value in vars(module).items():
            if name.startswith("__") or (getattr(value, "__module__", module.__name__) or "") not in (
                module.__name__,
                "re",
                "functools",
            ):
                continue
            for pattern in _patterns(value, module.__name__, set()):
                used = methods.get(name, set(_CALLS)) if isinstance(value, re.Pattern) else set(_CALLS)
                searched = bool(used - set(_AT_ONE_PLACE)) if used else True
                known = found.get((pattern.pattern, pattern.flags))
                if known is None or (searched and not known.searched):
                    found[pattern.pattern, pattern.flags] = Expression(pattern, module.__name__, name, searched)
        for call, function in _calls(trees[module.__name__]):
            try:
                arguments = [eval(compile(ast.Expression(node), "", "eval"), vars(module)) for node in _pattern_and_flags(call)]
            except NameError:
                unknown.append(f"{module.__name__}:{function}")
                continue
            pattern = re.compile(*arguments)
            searched = call.func.attr not in _AT_ONE_PLACE  # type: ignore[attr-defined]
            found.setdefault((pattern.pattern, pattern.flags), Expression(pattern, module.__name__, function, searched))
    return list(found.values()), sorted(set(unknown))


def _methods(trees: Any) -> dict[str, set[str]]:
    """Return which methods are called of each name; of one that is passed on, all."""
    methods: dict[str, set[str]] = defaultdict(set)
    for tree in trees:
        called = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                called.add(id(node.value))
                methods[node.value.id].add(node.attr)
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in called:
                methods[node.id] |= set(_CALLS)
    for name in methods:
        methods[name] -= {"pattern", "flags", "groups"}
    return methods


def _patterns(value: Any, module: str, seen: set[int]) -> Iterator[re.Pattern[Any]]:
    """Yield the expressions that a value holds, however deep; of functions, those that they close over."""
    if id(value) in seen or len(seen) > 100_000:
        return
    seen.add(id(value))
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, Mapping):
        for part in value.items():
            yield from _patterns(part, module, seen)
    elif isinstance(value, tuple | list | set | frozenset):
        for part in value:
            yield from _patterns(part, module, seen)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _patterns(getattr(value, field.name, None), module, seen)
    elif isinstance(value, type) and value.__module__ == module:
        for part in vars(value).values():
            yield from _patterns(part, module, seen)
    elif callable(value) and getattr(value, "__closure__", None):
        for cell in value.__closure__:
            yield from _patterns(cell.cell_contents, module, seen)


def _calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str]]:
    """Yield the calls of `re` inside functions, with the names of the functions."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for node in ast.walk(function):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and isinstance(node.func.value, ast.Name)
                    and node.func.value.id == "re"
                    and node.func.attr in _CALLS
                ):
                    yield node, getattr(function, "name", f"line {node.lineno}")


def _pattern_and_flags(call: ast.Call) -> Iterator[ast.expr]:
    yield call.args[0]
    place = {"compile": 1, "sub": 4, "subn": 4, "split": 3}.get(call.func.attr, 2)  # type: ignore[attr-defined]
    if len(call.args) > place:
        yield call.args[place]
    else:
        yield from (keyword.value for keyword in call.keywords if keyword.arg == "flags")
