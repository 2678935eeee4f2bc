"""What the index tests share: encoders of three directions, a tokenizer, and small invented bulletins about real places."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.encoder import Encoder
from index.pieces import PassageText
from index.reader import PassageReading
from index.store.context import BuildContext
from index.store.paths import LibraryPaths

# Riders point along the first axis, volunteer points along the second, paper cutting along the third.
DIRECTIONS = {"骑手": 0, "rider": 0, "积分": 1, "points": 1, "剪纸": 2, "paper": 2}


class SmallEncoder:
    """Counts the words of `DIRECTIONS` and scales the counts to length 1."""

    def __init__(self, fingerprint: str = "a" * 64) -> None:
        self.name = "small"
        self.fingerprint = fingerprint
        self.dimension = 3

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), 3), np.float32)
        for row, text in enumerate(texts):
            for word, axis in DIRECTIONS.items():
                vectors[row, axis] += text.count(word)
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)

    encode_passages = encode_queries


class SmallTokenEncoder(SmallEncoder):
    """The same, and every word of `DIRECTIONS` is a token, its number the word's place there."""

    def token_ids(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        return [np.array([at for at, word in enumerate(DIRECTIONS) if word in text], np.int32) for text in texts]

    def token_vectors(self, ids: NDArray[np.int32]) -> NDArray[np.float32]:
        return np.eye(3, dtype=np.float32)[np.array(list(DIRECTIONS.values()))[ids]]


class SmallContextual:
    """Reads each sentence as `SmallEncoder` would, and keeps how many passages it has read."""

    def __init__(self, fingerprint: str = "c" * 64) -> None:
        self.fingerprint = fingerprint
        self.dimension = 3
        self.read = 0

    def encode_question(self, text: str) -> NDArray[np.float32]:
        return np.asarray(SmallEncoder().encode_queries([text])[0], np.float32)

    def encode_passages(self, passages: Sequence[PassageText]) -> list[NDArray[np.float32]]:
        self.read += len(passages)
        return [SmallEncoder().encode_queries(passage.sentences) for passage in passages]

    def read_together(self, question: str, passages: Sequence[PassageText]) -> list[PassageReading]:
        """Say of each sentence how near it is, and nothing of facts."""
        asked = SmallEncoder().encode_queries([question])[0]
        near = [tuple((SmallEncoder().encode_queries(passage.sentences) @ asked).tolist()) for passage in passages]
        return [PassageReading(0.0, max(own, default=0.0), own, (None,) * len(own)) for own in near]


class SmallTokenizer:
    """Cuts text into characters, without the half second that jieba takes to start."""

    def tokenize(self, text: str) -> list[str]:
        return [character for character in text if character.isalnum()]


def small_context(folder: Path, data: Path, encoder: Encoder | None = None, **parts: Any) -> BuildContext:
    """Name the parts of a library that are quick, and the same in every run, whoever edits the program meanwhile."""
    fixed: dict[str, Any] = {"load_tokenizer": SmallTokenizer, "code": "code"}
    return BuildContext(LibraryPaths(folder, data), encoder or SmallEncoder(), **(fixed | parts))


RIDERS_AND_POINTS = """内部刊物

青年试验信息

2021年 第7期（总第33期）

共青团浙江省委

2021年5月6日

团宁波市镇海区委开设骑手夜校

一、办夜校。下班以后学剪纸，学费由团委补贴。

二、建驿站。骑手进站喝水充电，骑手子女有人看护。

（团宁波市镇海区委）

团杭州市委推广志愿积分

一、记积分。志愿者服务一小时记十分。

二、看县里。团淳安县委把积分兑成月票。

（团杭州市委）
"""

SWIMMING = """内部刊物

校园试验简报

2019年 第12期

共青团浙江省委

2019年11月20日

团杭州市江干区委教孩子游泳

一、找泳池。借用学校泳池，骑手子女优先报名。

二、请教练。退役运动员每周来两次。

（团杭州市江干区委）
"""

STORIES = """内部刊物

青年试验信息

2023年 第1期（总第50期）

共青团湖北省委

2023年2月3日

团武汉市委讲好青年故事

一、找故事。向各地征集积分故事四十篇。

二、学山里。团恩施州委派骑手下乡讲故事。

（团武汉市委）
"""
