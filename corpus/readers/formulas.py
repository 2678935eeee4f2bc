"""Formulas in TeX, as converters leave them in Markdown ($80\\mathrm{m}^{2}$) → the text that is printed (80m²)."""

import contextlib
import re
import unicodedata

_SYMBOLS = {
    "times": "×", "div": "÷", "pm": "±", "leq": "≤", "le": "≤", "leqslant": "≤", "geq": "≥", "ge": "≥",
    "geqslant": "≥", "neq": "≠", "ne": "≠", "approx": "≈", "equiv": "≡", "cdot": "·", "sim": "～", "infty": "∞",
    "rightarrow": "→", "to": "→", "leftarrow": "←", "Rightarrow": "⇒", "circ": "°", "degree": "°", "quad": " ",
    "qquad": " ", "ldots": "…", "cdots": "…", "dots": "…", "sum": "∑", "prod": "∏", "int": "∫", "sqrt": "√",
    "permil": "‰", "angle": "∠", "triangle": "△", "in": "∈", "cup": "∪", "cap": "∩", "partial": "∂", "star": "★",
    "bullet": "●", "checkmark": "✓", "left": "", "right": "", "displaystyle": "", "limits": "",
}  # fmt: skip
_SUPERSCRIPTS = str.maketrans("0123456789+-n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ")
_SUBSCRIPTS = str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋")
_GROUP = r"\{([^{}]*)\}"
_FONT = re.compile(
    r"\\(?:mathrm|mathbf|mathit|mathsf|mathtt|mathcal|text|textbf|textrm|operatorname|boldsymbol|bf|rm)\s*" + _GROUP
)
_FRACTION = re.compile(rf"\\[dt]?frac\s*+{_GROUP}\s*+{_GROUP}")
_RAISED = re.compile(rf"\^\s*+(?:{_GROUP}|(\\[A-Za-z]+|[^\s\\{{}}]))")
_LOWERED = re.compile(rf"_\s*+(?:{_GROUP}|([^\s\\{{}}]))")
_COMMAND = re.compile(r"\\([A-Za-z]+)\s*")
_ESCAPED = re.compile(r"\\([%$&#_{}])")
_SPACE = re.compile(r"\\[,;:! ]|~")
_MAX_DEPTH = 8  # groups inside groups that are opened; deeper ones lose their braces only


def formula_text(formula: str) -> str:
    """Return what a formula shows, as near as a line of characters comes to it."""
    text = _SPACE.sub(" ", formula)
    for _ in range(_MAX_DEPTH):
        before = text
        text = _FONT.sub(r"\1", text)
        text = _FRACTION.sub(lambda match: f"{_term(match[1])}/{_term(match[2])}", text)
        text = _RAISED.sub(lambda match: _raised(match[1] if match[1] is not None else match[2]), text)
        text = _LOWERED.sub(lambda match: (match[1] if match[1] is not None else match[2]).translate(_SUBSCRIPTS), text)
        if text == before:
            break
    text = _COMMAND.sub(lambda match: _symbol(match[1]), text)
    kept = _ESCAPED.sub(lambda match: match[1] if match[1] not in "{}" else "", text)
    return " ".join(re.sub(r"[{}\\]", "", kept).split())


def _term(text: str) -> str:
    return f"({text})" if re.search(r"[+\-=<>]", text) else text


def _raised(text: str) -> str:
    if text.strip() in ("\\circ", "\\degree"):
        return "°"
    shown = text.translate(_SUPERSCRIPTS)
    return shown if not set(shown) & set(text) else f"^{text}" if len(text) == 1 else f"^({text})"


def _symbol(name: str) -> str:
    if name in _SYMBOLS:
        return _SYMBOLS[name]
    with contextlib.suppress(KeyError):
        kind = "CAPITAL" if name[0].isupper() else "SMALL"
        return unicodedata.lookup(f"GREEK {kind} LETTER {name.upper().replace('LAMBDA', 'LAMDA')}")
    return name
