"""The fields of the JSON that docs/json.md describes."""

import re
from pathlib import Path

_DOCUMENT = Path(__file__).parents[1] / "docs" / "json.md"


def documented_fields(section: str) -> tuple[set[str], set[str]]:
    """Return the fields that docs/json.md lists in a section: those that are always there, and the others."""
    text = _DOCUMENT.read_text(encoding="utf-8")
    (table,) = re.findall(rf"^##+ {section}\n\n(\| field.*?)\n(?:\n|\Z)", text, re.DOTALL | re.MULTILINE)
    rows = [row.split(" | ") for row in table.splitlines()[2:]]
    optional = {row[0].strip("| `") for row in rows if "*if any*" in row[1]}
    return {row[0].strip("| `") for row in rows} - optional, optional
