"""A network that a test can train, and its tokenizer."""

import torch
from tokenizers import Tokenizer, models
from transformers import BertConfig, BertModel

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
