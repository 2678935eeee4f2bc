"""Look up what the styles of a Word file say: a style inherits from the one that it is based on; see ECMA-376 part 1, 17.7."""

from dataclasses import dataclass
from typing import Any

from corpus.readers.wordprocessing.names import is_on, value_of, w

_MAX_LINEAGE = 20  # styles based on each other; Word has no more than 11
_PLACEHOLDER = "placeholder text"  # the style of the prompt in an empty control: 单击此处输入文字。


@dataclass(frozen=True, slots=True)
class Look:
    """How text looks, as far as it matters for what it says."""

    bold: bool = False
    struck: bool = False
    hidden: bool = False


class Styles:
    """The styles of a Word file, by identifier."""

    def __init__(self, root: Any | None) -> None:
        elements = root.findall(w("style")) if root is not None else []
        self._styles = {element.get(w("styleId")): element for element in elements}
        self._found: dict[tuple[str | None, str], Any] = {}
        self._default = next(
            (
                element.get(w("styleId"))
                for element in elements
                if element.get(w("type")) == "paragraph" and element.get(w("default")) in ("1", "true", "on")
            ),
            None,
        )

    def of_paragraph(self, properties: Any | None) -> str | None:
        """Return the style of a paragraph; the default one where it names none that there is."""
        style = value_of(properties, "pStyle")
        return style if style in self._styles else self._default

    def find(self, style: str | None, path: str) -> Any | None:
        """Return the element at `path` of a style, or of the nearest that it is based on; None if none has it."""
        key = (style, path)
        if key not in self._found:
            self._found[key] = next(
                (found for element in self._lineage(style) if (found := element.find(path)) is not None), None
            )
        return self._found[key]

    def look(self, style: str | None, look: Look) -> Look:
        """Return the look of text in a style, where its surroundings have the look given."""
        return apply_look(look, *(self.find(style, f"{w('rPr')}/{w(local)}") for local in ("b", "strike", "dstrike", "vanish")))

    def is_placeholder(self, style: str | None) -> bool:
        """Return whether a style is that of the prompt in an empty control."""
        element = self._styles.get(style)
        return (value_of(element, "name") or "").lower() == _PLACEHOLDER

    def based_on(self, style: str | None) -> list[str]:
        """Return a style and those that it is based on, the nearest first."""
        return [element.get(w("styleId")) for element in self._lineage(style)]

    def _lineage(self, style: str | None) -> list[Any]:
        lineage: dict[str, Any] = {}
        while style is not None and style in self._styles and style not in lineage and len(lineage) < _MAX_LINEAGE:
            lineage[style] = self._styles[style]
            style = value_of(lineage[style], "basedOn")
        return list(lineage.values())


def apply_look(look: Look, bold: Any, strike: Any, double_strike: Any, vanish: Any) -> Look:
    """Return a look with what elements of run properties change of it; those that are None change nothing."""
    if bold is strike is double_strike is vanish is None:
        return look
    struck = look.struck
    if strike is not None or double_strike is not None:
        struck = is_on(strike) or is_on(double_strike)
    return Look(
        bold=look.bold if bold is None else is_on(bold),
        struck=struck,
        hidden=look.hidden if vanish is None else is_on(vanish),
    )
