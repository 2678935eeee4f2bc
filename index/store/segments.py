"""Segments: the index of some files of a library.

A generation holds one segment, of all its files; a long build keeps a segment for every few files on the way. Segments are merged
by taking files out of them, in any order, and the result is what one segment of these files would be.
"""

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from corpus.document import Bulletin
from corpus.library.fingerprints import Fingerprint
from corpus.messages.message import Message
from index.channels.bm25 import BM25Index
from index.channels.contextual import ContextualIndex
from index.channels.dense import DenseIndex
from index.channels.late_interaction import LateInteractionIndex

_TENSORS = "index.safetensors"  # the arrays of all channels, named CHANNEL.ARRAY


class IndexedFile(msgspec.Struct, frozen=True):
    """One file of a segment.

    `key` is a hash of all that it depends on (`indexing.file_key`), "" if it was refused, since it may be readable another time;
    `fingerprint` is None then, and `messages` says why; otherwise these are its warnings. `low_confidence`: OCR was unsure of
    parts of it. `passages` is the number of passages that are indexed, 0 for a copy; `replaced` are the positions of the articles
    in place of which answers quote others.
    """

    key: str
    document: str
    fingerprint: Fingerprint | None
    messages: tuple[Message, ...]
    low_confidence: bool
    corrected: bool
    passages: int
    replaced: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Files in order; the bulletins of those that have passages, in the same order; the passages of these end to end.

    Segments are compared by identity.
    """

    files: tuple[IndexedFile, ...]
    bulletins: tuple[Bulletin, ...]
    dense: DenseIndex
    lexical: BM25Index
    late: LateInteractionIndex | None
    contextual: ContextualIndex | None = None

    @classmethod
    def join(
        cls,
        entries: Sequence[tuple["SegmentEntry", str]],
        *,
        copies: Collection[str] = (),
        replaced: Mapping[str, tuple[int, ...]] | None = None,
    ) -> "Segment":
        """Merge files into one segment; at least one has passages.

        Args: entries: files and their document names in the new segment, in order; copies: those of these documents that are kept
            without their passages; replaced: the positions of the articles of documents in place of which others are quoted.
        """
        replaced = replaced or {}
        segments = dict.fromkeys(entry.segment for entry, _ in entries)
        starts = {segment: segment.passage_starts() for segment in segments}
        bulletins_of = {segment: segment.bulletins_by_file() for segment in segments}
        taken: dict[Segment, list[tuple[range, int]]] = {}  # runs of passages, and where they begin in the new segment
        files: list[IndexedFile] = []
        bulletins: list[Bulletin] = []
        end = 0
        for (segment, position), document in entries:
            file = segment.files[position]
            passages = 0 if document in copies else file.passages
            files.append(msgspec.structs.replace(file, document=document, passages=passages, replaced=replaced.get(document, ())))
            if passages:
                bulletins.append(_renamed(bulletins_of[segment][position], document))
                taken.setdefault(segment, []).append((range(*starts[segment][position : position + 2]), end))
                end += passages
        parts = [
            (
                segment,
                np.concatenate([np.arange(run.start, run.stop) for run, _ in runs]),
                np.concatenate([np.arange(start, start + len(run)) for run, start in runs]),
            )
            for segment, runs in taken.items()
        ]
        lates = [(segment.late, rows, numbers) for segment, rows, numbers in parts if segment.late is not None]
        contextuals = [(segment.contextual, rows, numbers) for segment, rows, numbers in parts if segment.contextual is not None]
        return cls(
            files=tuple(files),
            bulletins=tuple(bulletins),
            dense=DenseIndex.join([(segment.dense, rows, numbers) for segment, rows, numbers in parts]),
            lexical=BM25Index.join([(segment.lexical, rows, numbers) for segment, rows, numbers in parts]),
            late=LateInteractionIndex.join(lates) if lates else None,
            contextual=ContextualIndex.join(contextuals) if contextuals else None,
        )

    def _channels(self) -> dict[str, DenseIndex | BM25Index | LateInteractionIndex | ContextualIndex | None]:
        return {"dense": self.dense, "lexical": self.lexical, "late": self.late, "contextual": self.contextual}

    def passage_starts(self) -> list[int]:
        """Return the number of each file's first passage, and the number of passages at the end, shape (n_files + 1,)."""
        return list(accumulate((file.passages for file in self.files), initial=0))

    def bulletins_by_file(self) -> dict[int, Bulletin]:
        """Map the positions of the files that have passages to their bulletins."""
        return dict(zip((index for index, file in enumerate(self.files) if file.passages), self.bulletins, strict=True))

    def contents(self) -> dict[str, bytes]:
        """Return names and contents of the files that `from_contents` makes the segment from."""
        tensors = {
            f"{channel}.{name}": np.ascontiguousarray(array)
            for channel, index in self._channels().items()
            if index is not None
            for name, array in index.arrays().items()
        }
        return {
            "files.json": msgspec.json.encode(self.files),
            "bulletins.json": msgspec.json.encode(self.bulletins),
            _TENSORS: save_tensors(tensors),
        }

    @classmethod
    def from_contents(cls, contents: dict[str, bytes]) -> "Segment":
        """Return the segment that gave these contents. What is large is taken out of them: it would be in memory twice."""
        arrays: dict[str, dict[str, NDArray[np.generic]]] = {}
        for key, array in load_tensors(contents.pop(_TENSORS)).items():
            channel, _, name = key.partition(".")
            arrays.setdefault(channel, {})[name] = array
        return cls(
            files=msgspec.json.decode(contents["files.json"], type=tuple[IndexedFile, ...]),
            bulletins=msgspec.json.decode(contents["bulletins.json"], type=tuple[Bulletin, ...]),
            dense=DenseIndex.from_arrays(arrays["dense"]),
            lexical=BM25Index.from_arrays(arrays["lexical"]),
            late=LateInteractionIndex.from_arrays(arrays["late"]) if "late" in arrays else None,
            contextual=ContextualIndex.from_arrays(arrays["contextual"]) if "contextual" in arrays else None,
        )


class SegmentEntry(NamedTuple):
    """A file of a segment, by its position there."""

    segment: Segment
    position: int

    @property
    def file(self) -> IndexedFile:
        """Return what is known of the file."""
        return self.segment.files[self.position]

    @property
    def is_stripped(self) -> bool:
        """Return whether the file is a bulletin whose passages were not kept, since it was a copy."""
        return self.file.fingerprint is not None and not self.file.passages


def _renamed(bulletin: Bulletin, document: str) -> Bulletin:
    if bulletin.source.document == document:
        return bulletin
    return dataclasses.replace(bulletin, source=dataclasses.replace(bulletin.source, document=document))
