"""The campaigns, by name."""

from collections.abc import Callable, Iterable
from typing import Any

from benchmarks.attack import actions, decoys, flips, forgeries, pasted, payloads, questions, requests, texts

CAMPAIGNS: dict[str, Callable[..., dict[str, Any]]] = {
    "decoys": decoys.run,
    "pasted": pasted.run,
    "flips": flips.run,
    "forgeries": forgeries.run,
    "actions": actions.run,
    "requests": requests.run,
    "payloads": payloads.run,
    "questions": questions.run,
    "texts": texts.run,
}


def run(names: Iterable[str] = CAMPAIGNS, *, share: float = 1.0, seed: int = 0) -> dict[str, dict[str, Any]]:
    """Run campaigns, and return the figures of each under its name."""
    return {name: CAMPAIGNS[name](share=share, seed=seed) for name in names}
