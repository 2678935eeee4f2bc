"""A tokenizer that makes a piece of every letter, and passages to be read with it."""

import random
from collections.abc import Iterator

from tokenizers import Tokenizer, models, normalizers

from index.pieces import PassageText

POINTS = (
    "二、建立机制，让志愿服务可持续。",
    "一是建立积分兑换机制，依托小程序，服务时长每1小时记10分，夜间上浮至1.5倍。",
    "二是联合46家商户组成积分联盟，可兑换理发券、图书、体检套餐等7类物品。",
    "团区委书记到场为志愿者颁发证书。",
)
PASSAGE = PassageText("澜坪区 2022-09 让社区青年动起来 二、建立机制", POINTS)
LETTERS = sorted({*"".join(POINTS), *PASSAGE.context, *"怎么 多少家ab:", *"query: passage: "})


def make_tokenizer() -> Tokenizer:
    """One piece a character, after the four special pieces."""
    vocabulary = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *((letter, -1.0) for letter in LETTERS)]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=3))
    tokenizer.normalizer = normalizers.NFKC()
    return tokenizer


TOKENIZER = make_tokenizer()


def ids_of(text: str) -> list[int]:
    return list(TOKENIZER.encode(text, add_special_tokens=False).ids)


def drawn_passages(count: int) -> Iterator[PassageText]:
    """Passages of no sentence to twelve, of which some are blank, and some longer than a window."""
    chance = random.Random(3)
    for _ in range(count):
        sentences = ("".join(chance.choices(LETTERS, k=chance.choice([0, 5, 40, 300, 700]))) for _ in range(chance.randrange(13)))
        yield PassageText("区" * chance.choice([0, 9, 200]), tuple(sentences))
