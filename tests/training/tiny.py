"""A network that a test can train, its tokenizer, and runs that are cut short."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
import torch
from tokenizers import Tokenizer, models
from transformers import BertConfig, BertModel

from training.contextual.run import Run

LETTERS = sorted({*"甲乙问区又。query: passage:", *"0123456789"})


def make_tokenizer() -> Tokenizer:
    vocabulary = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *((letter, -1.0) for letter in LETTERS)]
    return Tokenizer(models.Unigram(vocabulary, unk_id=3))


def make_encoder(seed: int = 1, *, width: int = 8, layers: int = 2) -> BertModel:
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=4 + len(LETTERS),
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=2,
        intermediate_size=2 * width,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return BertModel(config, add_pooling_layer=False)


class Stopped(Exception):
    """A run is cut short."""


Training = TypeVar("Training", bound=Run[Any])


def run_thrice(make: Callable[[Path], Training], folder: Path, *, every: int, at: int) -> tuple[Training, Training, Training]:
    """Return a run without a stop, one that was cut short at a step, and one that went on from there to the end."""
    whole, cut, resumed = make(folder / "whole"), make(folder / "cut"), make(folder / "cut")
    whole.run(every=every)

    def stop() -> dict[str, float]:
        if cut.step == at:
            raise Stopped
        return {}

    with pytest.raises(Stopped):
        cut.run(every=every, measure=stop)
    assert resumed.resume() and resumed.step == at
    resumed.run(every=every)
    return whole, cut, resumed
