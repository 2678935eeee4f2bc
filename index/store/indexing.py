"""Bulletin files -> a segment: read, parse, correct, cut into passages, index by terms, vectors and tokens."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import PurePosixPath

import numpy as np

from corpus.chunker import chunk
from corpus.document import Bulletin, Passage
from corpus.library import files as library
from corpus.library.edits import Correction
from corpus.library.fingerprints import fingerprint
from corpus.messages.errors import JingyanError
from index.channels.bm25 import BM25Index
from index.channels.contextual import ContextualIndex
from index.channels.dense import DenseIndex
from index.channels.late_interaction import LateInteractionIndex, TokenEncoder, units_of_passage
from index.contextual import ContextualEncoder
from index.encoder import BATCH_TEXTS, Encoder
from index.pieces import PassageText
from index.query.tokenizer import Tokenizer
from index.store.segments import IndexedFile, Segment


def file_key(document: str, sha256: str, correction: Correction | None) -> str:
    """Return a hash of all that an indexed file depends on beside the build: its bytes, suffix and correction, not its name."""
    corrected = json.dumps(asdict(correction) if correction else None, ensure_ascii=False, sort_keys=True)
    suffix = PurePosixPath(document).suffix.lower()
    return hashlib.sha256(f"{sha256}\n{suffix}\n{corrected}".encode("utf-8", "surrogatepass")).hexdigest()


def index_files(
    documents: Sequence[str],
    *,
    context: library.FileContext,
    encoder: Encoder,
    contextual: ContextualEncoder | None,
    tokenizer: Tokenizer,
) -> Segment:
    """Index some files. One that cannot be read is a file without passages, and its messages say why.

    Args: context: of the library; the texts of files that are not text are added to its extraction cache.
    """
    files: list[IndexedFile] = []
    bulletins: list[Bulletin] = []
    passages: list[Passage] = []
    with library.OpenArchive() as opened:
        for document in documents:
            try:
                parsed = library.read_bulletin_file(document, context, keep=True, opened=opened)
            except JingyanError as error:
                # Without a key: it may be readable another time, and is tried again.
                files.append(IndexedFile("", document, None, (error.message,), False, False, 0))
                continue
            bulletin = parsed.bulletin
            cut = chunk(bulletin)
            files.append(
                IndexedFile(
                    key=file_key(document, bulletin.source.sha256, context.corrections.get(bulletin.source.sha256)),
                    document=document,
                    fingerprint=fingerprint(parsed.cut),
                    messages=parsed.warnings,
                    low_confidence=bool(parsed.extracted.low_confidence),
                    corrected=bool(bulletin.corrected),
                    passages=len(cut),
                )
            )
            bulletins += [bulletin] * bool(cut)
            passages += cut
    channels = build_channels(passages, encoder=encoder, contextual=contextual, tokenizer=tokenizer)
    return Segment(tuple(files), tuple(bulletins), *channels)


def build_channels(
    passages: Sequence[Passage], *, encoder: Encoder, contextual: ContextualEncoder | None, tokenizer: Tokenizer
) -> tuple[DenseIndex, BM25Index, LateInteractionIndex | None, ContextualIndex | None]:
    """Index passages by vectors, by terms, if the encoder's tokens have vectors token by token, and sentence by sentence."""
    texts = [passage.embedding_text for passage in passages]
    vectors = [encoder.encode_passages(texts[start : start + BATCH_TEXTS]) for start in range(0, len(texts), BATCH_TEXTS)]
    return (
        DenseIndex.build(np.concatenate([np.zeros((0, encoder.dimension), np.float32), *vectors])),
        BM25Index.build([tokenizer.tokenize(text) for text in texts]),
        LateInteractionIndex.build([units_of_passage(passage) for passage in passages], encoder=encoder)
        if isinstance(encoder, TokenEncoder)
        else None,
        ContextualIndex.build(
            contextual.encode_passages([PassageText.of(passage) for passage in passages]), dimension=contextual.dimension
        )
        if contextual is not None
        else None,
    )
