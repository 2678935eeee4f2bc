"""A question -> an answer made of quotes. Knows index/ and corpus/.

The public interface for programs, with the options of the command line and the endpoints of the page:

    import qa

    library = qa.open_library("corpus/samples")
    answer = qa.ask(library, "志愿者积分制度怎么做", regions=["望澜市"])
    for quote in answer.quotes:
        print(quote.text, quote.citation.title)

Everything else in here may change from one version to the next.
"""

from collections.abc import Sequence
from pathlib import Path

from corpus.document import Region
from corpus.messages.errors import JingyanError
from index.contextual import load_contextual_encoder
from index.encoder import load_encoder
from index.filters import Filters
from index.store import library as store
from index.store.library import Library
from index.store.paths import default_data
from qa.answering import pipeline
from qa.answering.answer import Answer, Citation, Quote
from qa.question.places import find_region

__all__ = ["Answer", "Citation", "JingyanError", "Library", "Quote", "ask", "compare", "open_library"]


def open_library(
    folder: Path | str, *, data: Path | str | None = None, encoder: str | None = None, fast: bool = False
) -> Library:
    """Open a folder of bulletins, indexing what is new or has changed since the last time. The folder itself is only read.

    Args:
        folder: Holds the bulletins, in any of the formats that the program reads.
        data: Where the index is kept; the per-user data folder by default.
        encoder: The name or folder of a sentence-transformers model, which must be installed; the bundled model by default.
        fast: Leave out the model that reads sentence by sentence: indexes much faster, and finds everyday words less well.

    Raises:
        JingyanError: The folder is missing or holds no bulletin, the encoder cannot be loaded, or `data` cannot be written.
    """
    contextual = None if fast else load_contextual_encoder()
    root = Path(data) if data is not None else default_data()
    return store.open_library(Path(folder), data=root, encoder=load_encoder(encoder), contextual=contextual)


def ask(
    library: Library,
    question: str,
    *,
    history: Sequence[str] = (),
    regions: Sequence[str] = (),
    years: Sequence[int] = (),
    series: Sequence[str] = (),
) -> Answer:
    """Answer a question in verbatim quotes with citations, or say why the bulletins do not answer it.

    Args:
        question: In Chinese or English, at most 2,000 characters.
        history: Earlier questions of the same conversation, oldest first, for a follow-up.
        regions: Search only these regions and all below them, by their Chinese names: 宁波市.
        years: Search only bulletins of these years.
        series: Search only series whose name contains one of these.

    Raises:
        JingyanError: The question is empty or too long, or a region is unknown.
    """
    filters = Filters(regions=_regions(library, regions), years=tuple(years), series=tuple(series))
    return pipeline.answer_question(library, question, history=history, filters=filters)


def compare(library: Library, topic: str, regions: Sequence[str]) -> Answer:
    """Compare what two to five regions did about a topic: a table with a column for each region and a quote in each cell.

    Args:
        topic: A few words, or a question.
        regions: The regions by their Chinese names, in the order of the columns.

    Raises:
        JingyanError: There are too few or too many regions, one is unknown, or the topic is empty or too long.
    """
    return pipeline.compare(library, topic, _regions(library, regions))


def _regions(library: Library, names: Sequence[str]) -> tuple[Region, ...]:
    return tuple(find_region(name, library.catalog) for name in names)
