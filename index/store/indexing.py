"""Bulletin files -> a segment: read, parse, correct, cut into passages, into words, into vectors."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import PurePosixPath

import numpy as np

from corpus.chunker import chunk
from corpus.document import Bulletin, Passage
from corpus.library import files as library
from corpus.library.duplicates import fingerprint
from corpus.library.edits import Correction
from corpus.messages.errors import JingyanError
from corpus.regions.gazetteer import Gazetteer
from corpus.text.normalize import simplify
from index.channels.bm25 import BM25Index
from index.channels.dense import DenseIndex
from index.channels.late_interaction import LateInteractionIndex, TokenEncoder, units_of_passage
from index.encoder import TEXTS_AT_ONCE, Encoder
from index.query.tokenizer import Tokenizer
from index.store.paths import LibraryPaths
from index.store.segments import IndexedFile, Segment


def key_of(document: str, sha256: str, correction: Correction | None) -> str:
    """What tells whether a file need be prepared again: its bytes, its format and its correction, but not its name."""
    said = json.dumps(asdict(correction) if correction else None, ensure_ascii=False, sort_keys=True)
    suffix = PurePosixPath(document).suffix.lower()
    return hashlib.sha256(f"{sha256}\n{suffix}\n{said}".encode("utf-8", "surrogatepass")).hexdigest()


def index_files(
    documents: Sequence[str],
    *,
    paths: LibraryPaths,
    corrections: Mapping[str, Correction],
    gazetteer: Gazetteer,
    encoder: Encoder,
    tokenizer: Tokenizer,
) -> Segment:
    """Prepare some files. One that cannot be read is a file without passages, and its messages say why.

    Args: paths: of the library; the texts of files that are not text are added to its extraction cache; corrections: by the
        SHA-256 of a file.
    """
    context = paths.file_context(gazetteer, corrections)
    files: list[IndexedFile] = []
    bulletins: list[Bulletin] = []
    passages: list[Passage] = []
    for document in documents:
        try:
            understood = library.read_bulletin_file(document, context, keep=True)
        except JingyanError as error:
            # What is refused may be read another time, so it is prepared again: its key fits nothing.
            files.append(IndexedFile("", document, None, (error.message,), False, False, 0))
            continue
        bulletin = understood.bulletin
        cut = chunk(bulletin)
        files.append(
            IndexedFile(
                key=key_of(document, bulletin.source.sha256, corrections.get(bulletin.source.sha256)),
                document=document,
                fingerprint=fingerprint(understood.parsed),
                messages=understood.warnings,
                low_confidence=bool(understood.extracted.low_confidence),
                corrected=bool(bulletin.corrected),
                passages=len(cut),
                mentioned_regions={
                    at: regions for at, passage in enumerate(cut) if (regions := find_mentioned_regions(passage, gazetteer))
                },
            )
        )
        bulletins += [bulletin] * bool(cut)
        passages += cut
    return Segment(tuple(files), tuple(bulletins), *build_channels(passages, encoder=encoder, tokenizer=tokenizer))


def find_mentioned_regions(passage: Passage, gazetteer: Gazetteer) -> tuple[int, ...]:
    """Which of the other regions that the article tells of are named in this very passage, by their places in `also_regions`.

    They are found as the parser found them: 团恩施州委 is 恩施土家族苗族自治州, and the script may be traditional.
    """
    article = passage.article
    if not article.also_regions:
        return ()
    text = simplify(passage.text)
    if not any(region.stem in text for region in article.also_regions):  # every name of a region holds its stem
        return ()
    named = {mention.region for mention in gazetteer.find(text, within=article.region, year=passage.bulletin.masthead.year)}
    return tuple(at for at, region in enumerate(article.also_regions) if region in named)


def build_channels(
    passages: Sequence[Passage], *, encoder: Encoder, tokenizer: Tokenizer
) -> tuple[DenseIndex, BM25Index, LateInteractionIndex | None]:
    """Index passages by their vectors, by their words and, where the encoder's tokens have vectors, token by token."""
    texts = [passage.embedding_text for passage in passages]
    vectors = [encoder.encode_passages(texts[at : at + TEXTS_AT_ONCE]) for at in range(0, len(texts), TEXTS_AT_ONCE)]
    return (
        DenseIndex.build(np.concatenate([np.zeros((0, encoder.dimension), np.float32), *vectors])),
        BM25Index.build([tokenizer.tokenize(text) for text in texts]),
        LateInteractionIndex.build([units_of_passage(passage) for passage in passages], encoder=encoder)
        if isinstance(encoder, TokenEncoder)
        else None,
    )
