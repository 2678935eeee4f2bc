"""What is computed file by file, and kept so that it need not be computed again: the index of some files of a library.

A generation holds one segment, of all its files; a build that goes on for long keeps a segment for every few files on the way.
Segments are put together by taking files out of them, in any order, and the result is what one segment of these files would be.
"""

import dataclasses
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import msgspec
import numpy as np
from numpy.typing import NDArray

from corpus.document import Bulletin
from corpus.library.duplicates import Fingerprint
from corpus.messages.message import Message
from index.channels.bm25 import BM25Index
from index.channels.dense import DenseIndex
from index.channels.late_interaction import LateInteractionIndex


class IndexedFile(msgspec.Struct, frozen=True):
    """One file of a segment.

    `key` tells everything that went into it; `likeness` is None where the file was refused; `messages` are its warnings, or why
    it was refused; `doubtful`: parts of it were read with little confidence. `passages`: how many are indexed, none of a copy.
    `told`: by the number of a passage in the file, which of the other regions of its article it tells of.
    """

    key: str
    document: str
    fingerprint: Fingerprint | None
    messages: tuple[Message, ...]
    low_confidence: bool
    corrected: bool
    passages: int
    mentioned_regions: dict[int, tuple[int, ...]] = {}


@dataclass(frozen=True, slots=True)
class Segment:
    """Files in order; the bulletins of those that have passages, in the same order; the passages of these end to end."""

    files: tuple[IndexedFile, ...]
    bulletins: tuple[Bulletin, ...]
    dense: DenseIndex
    lexical: BM25Index
    late: LateInteractionIndex | None

    @classmethod
    def join(cls, taken: Sequence[tuple["Segment", int, str]], *, copies: Collection[str] = ()) -> "Segment":
        """Put files together, at least one with passages.

        Args: taken: segments, positions of files in them, and what these are called here, in the order they shall have here;
            copies: which of these are kept without their passages.
        """
        rows: dict[int, list[NDArray[np.int64]]] = {}
        places: dict[int, list[NDArray[np.int64]]] = {}
        segments = {id(segment): segment for segment, _, _ in taken}
        starts = {key: list(accumulate((f.passages for f in one.files), initial=0)) for key, one in segments.items()}
        bulletins_of = {key: one.bulletins_by_file() for key, one in segments.items()}
        files: list[IndexedFile] = []
        bulletins: list[Bulletin] = []
        end = 0
        for segment, at, document in taken:
            key, file = id(segment), segment.files[at]
            passages = 0 if document in copies else file.passages
            files.append(msgspec.structs.replace(file, document=document, passages=passages))
            if passages:
                bulletin = bulletins_of[key][at]
                same = bulletin.source.document == document
                source = dataclasses.replace(bulletin.source, document=document)
                bulletins.append(bulletin if same else dataclasses.replace(bulletin, source=source))
                rows.setdefault(key, []).append(np.arange(starts[key][at], starts[key][at + 1]))
                places.setdefault(key, []).append(np.arange(end, end + passages))
                end += passages
        parts = [(segments[key], np.concatenate(rows[key]), np.concatenate(places[key])) for key in rows]
        lates = [(one.late, here, there) for one, here, there in parts if one.late is not None]
        return cls(
            files=tuple(files),
            bulletins=tuple(bulletins),
            dense=DenseIndex.join([(one.dense, here, there) for one, here, there in parts]),
            lexical=BM25Index.join([(one.lexical, here, there) for one, here, there in parts]),
            late=LateInteractionIndex.join(lates) if lates else None,
        )

    def mentioned_regions(self) -> dict[int, tuple[int, ...]]:
        """By the number of a passage, which of the other regions of its article it tells of."""
        starts = accumulate((file.passages for file in self.files), initial=0)
        return {
            start + at: regions
            for start, file in zip(starts, self.files, strict=False)
            if file.passages
            for at, regions in file.mentioned_regions.items()
        }

    def bulletins_by_file(self) -> dict[int, Bulletin]:
        """The bulletin of each file that has passages, by the file's position."""
        return dict(zip((at for at, file in enumerate(self.files) if file.passages), self.bulletins, strict=True))

    def contents(self) -> Iterator[tuple[str, list[bytes | memoryview]]]:
        """Names and contents of the files that `from_contents` makes the segment from."""
        yield "files.json", [msgspec.json.encode(self.files)]
        yield "bulletins.json", [msgspec.json.encode(self.bulletins)]
        for name, index in (("dense", self.dense), ("lexical", self.lexical), ("late", self.late)):
            for part, array in index.arrays().items() if index is not None else ():
                yield f"{name}-{part}.npy", _pieces(array)

    @classmethod
    def from_contents(cls, contents: Mapping[str, bytes]) -> "Segment":
        """The segment that gave these contents."""
        arrays: dict[str, dict[str, NDArray[np.generic]]] = {}
        for name, content in contents.items():
            if name.endswith(".npy"):
                index, _, part = name.removesuffix(".npy").partition("-")
                arrays.setdefault(index, {})[part] = _array(content)
        return cls(
            files=msgspec.json.decode(contents["files.json"], type=tuple[IndexedFile, ...]),
            bulletins=msgspec.json.decode(contents["bulletins.json"], type=tuple[Bulletin, ...]),
            dense=DenseIndex.from_arrays(arrays["dense"]),
            lexical=BM25Index.from_arrays(arrays["lexical"]),
            late=LateInteractionIndex.from_arrays(arrays["late"]) if "late" in arrays else None,
        )


def _pieces(array: NDArray[np.generic]) -> list[bytes | memoryview]:
    """An array as the pieces of an .npy file."""
    head = io.BytesIO()
    array = np.ascontiguousarray(array)
    np.lib.format.write_array_header_1_0(head, np.lib.format.header_data_from_array_1_0(array))
    return [head.getvalue(), array.reshape(-1).view(np.uint8).data]


def _array(content: bytes) -> NDArray[np.generic]:
    """The array in an .npy file, over its very bytes: nothing is copied, and nothing can be changed."""
    head = io.BytesIO(content)
    np.lib.format.read_magic(head)
    shape, _, dtype = np.lib.format.read_array_header_1_0(head)
    return np.frombuffer(content, dtype, offset=head.tell()).reshape(shape)
