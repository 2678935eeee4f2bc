"""The seal of a JSON object: a digest over its canonical form, beside what it seals; and the strict reading of JSON.

A seal shows damage. It does not show who wrote the object: whoever changes one can seal it anew, so that what is sealed must be
derived again where it is to be believed (`qa/export/verification.py`).
"""

import hashlib
import json
from typing import Any, Never

from corpus.messages.language import tr

DIGEST = "digest"  # the key of the seal, the last one of an object


def sealed(record: dict[str, Any]) -> dict[str, Any]:
    """Return an object of JSON with the digest of all its other keys in place of the one that it has."""
    content = {key: value for key, value in record.items() if key != DIGEST}
    return {**content, DIGEST: digest_of(content)}


def digest_of(record: dict[str, Any]) -> str:
    """Return the SHA-256, in hexadecimal digits, of an object without its seal, in canonical form: no blanks, keys in order."""
    content = {key: value for key, value in record.items() if key != DIGEST}
    canonical = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def read_json(text: str) -> Any:
    """Read JSON that has each key of an object once, and no number that is none.

    Raises: ValueError: it is no such JSON; RecursionError: it is too deep.
    """
    return json.loads(text, object_pairs_hook=_object, parse_constant=_no_number)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(tr(f"“{key}”出现了两次", f"“{key}” stands twice"))
        found[key] = value
    return found


def _no_number(name: str) -> Never:
    raise ValueError(tr(f"{name} 不是数", f"{name} is no number"))
