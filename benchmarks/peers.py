"""A comparison of the speed of our search with the same search made of other libraries.

All get the same passages, cut into the same terms, and the same vectors, with one thread each. All get the same questions in
turn, in one process, so that a busy moment of the machine affects them equally. The time is that from the text of the question
to the ranked list, with the tokenizing and encoding of the question.
"""

import importlib
import importlib.util
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bm25s
import faiss
import numpy as np
from numpy.typing import NDArray

from benchmarks.speed import write_library
from index.encoder import BATCH_TEXTS, load_encoder
from index.retriever import Retriever
from index.store import library as storage

RESULTS = 10  # passages that each ranking ends with
CANDIDATES = 100  # of each channel, before fusion
BASELINE = "FAISS + bm25s"
_RRF = 60  # the constant of reciprocal rank fusion (Cormack, Clarke & Büttcher 2009), as haystack and llama-index have it
_WARM_UP = 10  # questions that every system answers untimed
_MIN_TIMES = 600  # timed answers of each system
_SEED = 20260101  # of the order in which the systems take turns

# Set before numpy is imported, hence in a process of its own. The peers must not look for models or report their use.
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_OFFLINE": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
}

Search = Callable[[str], Sequence[int]]  # the text of a question -> the numbers of the best passages, best first


@dataclass(frozen=True, slots=True)
class Material:
    """The input of every system: passages as terms and as vectors, and functions that do the same with a question."""

    retriever: Retriever
    terms: Sequence[Sequence[str]]
    vectors: NDArray[np.float32]

    @classmethod
    def of(cls, retriever: Retriever) -> "Material":
        """Cut and encode the passages of a retriever as its own index has them."""
        texts = [passage.embedding_text for passage in retriever.catalog.passages]
        encode = retriever.analyzer.encoder.encode_passages
        return cls(
            retriever,
            [retriever.catalog.tokenizer.tokenize(text) for text in texts],
            np.concatenate([encode(texts[first : first + BATCH_TEXTS]) for first in range(0, len(texts), BATCH_TEXTS)]),
        )

    def query_terms(self, question: str) -> list[str]:
        """Cut a question into terms."""
        return self.retriever.catalog.tokenizer.tokenize(question)

    def query_vector(self, question: str) -> NDArray[np.float32]:
        """Encode a question, shape (d,)."""
        vector: NDArray[np.float32] = self.retriever.analyzer.encoder.encode_queries([question])[0]
        return vector


@dataclass(frozen=True, slots=True)
class Peer:
    """A system to compare with: its name, the modules it needs, what it does with a question, and how it is made."""

    name: str
    modules: tuple[str, ...]
    steps: str
    make: Callable[[Material], Search]

    def missing_module(self) -> str | None:
        """Return the first module that is not installed, None where all are."""
        return next((module for module in self.modules if not _is_installed(module)), None)


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # of a package around it
        return False


def measure(passages: int, questions: Path) -> dict[str, Any]:
    """Compare the systems in a process of its own, with one thread each.

    Returns: see `measure_here`.
    """
    command = [sys.executable, "-m", "benchmarks", "peers", "--here", "--passages", str(passages), "--questions", str(questions)]
    done = subprocess.run(command, stdout=subprocess.PIPE, encoding="utf-8", check=True, env={**os.environ, **_ENVIRONMENT})
    results: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return results


def measure_here(passages: int, questions: Path) -> dict[str, Any]:
    """Make a library of about `passages` passages and all installed systems, and time them question by question.

    Returns: the number of passages and of questions; for each system p50_ms, p95_ms, the ratio of its p50 to that of FAISS with
        bm25s, and the steps timed; for each system left out, the reason.
    """
    asked = [json.loads(line)["question"] for line in questions.read_text(encoding="utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "library"
        write_library(root, passages)
        retriever = storage.open_library(root, data=Path(folder) / "data", encoder=load_encoder()).retriever
        searches, left_out = make_searches(Material.of(retriever), PEERS)
        times = time_in_turn(searches, asked, min_times=_MIN_TIMES)
    systems = summarise(times)
    for peer in PEERS:
        if peer.name in systems:
            systems[peer.name]["steps"] = peer.steps
    return {"passages": len(retriever.catalog.passages), "questions": len(asked), "systems": systems, "left_out": left_out}


def make_searches(material: Material, peers: Sequence[Peer]) -> tuple[dict[str, Search], dict[str, str]]:
    """Make every system that is installed.

    Returns: the systems by name; the reasons for those left out, by name.
    """
    searches: dict[str, Search] = {}
    left_out: dict[str, str] = {}
    for peer in peers:
        if (missing := peer.missing_module()) is not None:
            left_out[peer.name] = f"{missing} is not installed"
            continue
        try:
            searches[peer.name] = peer.make(material)
        except Exception as error:  # other libraries may raise any error, for example without a model or the network
            left_out[peer.name] = f"it cannot be run here: {error!r}"
    return searches, left_out


def time_in_turn(searches: Mapping[str, Search], questions: Sequence[str], *, min_times: int) -> dict[str, list[float]]:
    """Ask every system each question before the next question, in a random order of the systems (seeded).

    Returns: the milliseconds of each answer; at least `min_times` for each system, the same number for every question.
    """
    for question in questions[:_WARM_UP]:
        for search in searches.values():
            search(question)
    order = list(searches)
    shuffle = random.Random(_SEED).shuffle
    times: dict[str, list[float]] = {name: [] for name in searches}
    for _ in range(-(-min_times // len(questions))):
        for question in questions:
            shuffle(order)
            for name in order:
                started = time.perf_counter()
                searches[name](question)
                times[name].append((time.perf_counter() - started) * 1000)
    return times


def summarise(times: Mapping[str, Sequence[float]]) -> dict[str, dict[str, Any]]:
    """Return p50_ms and p95_ms of each system, and the ratio of its p50 to that of the baseline."""
    baseline = float(np.percentile(times[BASELINE], 50))
    return {
        name: {
            "p50_ms": round(float(np.percentile(values, 50)), 2),
            "p95_ms": round(float(np.percentile(values, 95)), 2),
            "ratio": round(float(np.percentile(values, 50)) / baseline, 2),
        }
        for name, values in times.items()
    }


def table(results: Mapping[str, Any]) -> str:
    """Return the figures as a table in Markdown, and a line for each system left out."""
    lines = ["| system | p50, ms | p95, ms | ratio | from the text to ten passages |", "|---|---|---|---|---|"]
    for name, figures in results["systems"].items():
        lines.append("| {} | {p50_ms} | {p95_ms} | {ratio} | {steps} |".format(name, **figures))
    lines += [f"{name}: left out, {reason}" for name, reason in results["left_out"].items()]
    return "\n".join(lines)


def _jingyan(material: Material) -> Search:
    numbers = {passage.passage_id: number for number, passage in enumerate(material.retriever.catalog.passages)}

    def search(question: str) -> list[int]:
        return [numbers[scored.passage.passage_id] for scored in material.retriever.search(question, k=RESULTS)]

    return search


def _bare(material: Material) -> Search:
    dense = faiss.IndexFlatIP(material.vectors.shape[1])
    dense.add(material.vectors)
    lexical = bm25s.BM25()
    lexical.index([list(terms) for terms in material.terms], show_progress=False)
    depth = min(CANDIDATES, len(material.terms))

    def search(question: str) -> list[int]:
        terms = [term for term in material.query_terms(question) if term in lexical.vocab_dict]
        rankings = [dense.search(material.query_vector(question)[None, :], depth)[1][0].tolist()]
        if terms:
            rankings.append(lexical.retrieve([terms], k=depth, show_progress=False, return_as="documents")[0].tolist())
        return reciprocal_rank_fusion(rankings)[:RESULTS]

    return search


def reciprocal_rank_fusion(rankings: Sequence[Sequence[int]]) -> list[int]:
    """Merge rankings by the sum of 1 / (60 + rank), best first; of equal sums, the one seen first comes first.

    Source: Cormack, Clarke & Büttcher 2009.
    """
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, number in enumerate(ranking, 1):
            scores[number] = scores.get(number, 0.0) + 1 / (_RRF + rank)
    return sorted(scores, key=lambda number: -scores[number])


def _txtai(material: Material) -> Search:
    def transform(texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([material.query_vector(text) for text in texts])

    embeddings = importlib.import_module("txtai").Embeddings(
        method="external",
        transform=transform,
        backend="faiss",
        faiss={"components": "IDMap,Flat"},
        scoring={"method": "bm25", "terms": True, "normalize": True},
    )
    # It takes one form of a document for both channels. The vectors go in first; the lexical channel then gets the terms itself.
    embeddings.index((number, vector, None) for number, vector in enumerate(material.vectors))
    embeddings.scoring.tokenizer = material.query_terms
    embeddings.scoring.index((number, list(terms), None) for number, terms in enumerate(material.terms))

    def search(question: str) -> list[int]:
        return [number for number, _ in embeddings.search(question, RESULTS)]

    return search


def _haystack(material: Material) -> Search:
    document = importlib.import_module("haystack").Document
    stores = importlib.import_module("haystack.document_stores.in_memory")
    retrievers = importlib.import_module("haystack.components.retrievers.in_memory")
    joiner = importlib.import_module("haystack.components.joiners").DocumentJoiner
    store = stores.InMemoryDocumentStore(bm25_tokenization_regex=r"\S+", return_embedding=False)
    store.write_documents(
        [
            document(id=str(number), content=" ".join(terms), embedding=vector.tolist())
            for number, (terms, vector) in enumerate(zip(material.terms, material.vectors, strict=True))
        ]
    )
    pipeline = importlib.import_module("haystack").Pipeline()
    pipeline.add_component("lexical", retrievers.InMemoryBM25Retriever(store, top_k=CANDIDATES))
    pipeline.add_component("dense", retrievers.InMemoryEmbeddingRetriever(store, top_k=CANDIDATES))
    pipeline.add_component("joiner", joiner(join_mode="reciprocal_rank_fusion", top_k=RESULTS))
    pipeline.connect("lexical", "joiner")
    pipeline.connect("dense", "joiner")

    def search(question: str) -> list[int]:
        terms, vector = material.query_terms(question), material.query_vector(question).tolist()
        found = pipeline.run({"lexical": {"query": " ".join(terms) or "-"}, "dense": {"query_embedding": vector}})
        return [int(document.id) for document in found["joiner"]["documents"]]

    return search


def _llama_index(material: Material) -> Search:
    core = importlib.import_module("llama_index.core")
    schema = importlib.import_module("llama_index.core.schema")
    retrievers = importlib.import_module("llama_index.core.retrievers")
    lexical_retriever = importlib.import_module("llama_index.retrievers.bm25").BM25Retriever
    nodes = [
        schema.TextNode(id_=str(number), text=" ".join(terms), embedding=vector.tolist())
        for number, (terms, vector) in enumerate(zip(material.terms, material.vectors, strict=True))
    ]
    # The nodes have their vectors, so this model, which the library has for tests, is never called.
    unused = core.MockEmbedding(embed_dim=material.vectors.shape[1])
    dense = core.VectorStoreIndex(nodes, embed_model=unused).as_retriever(similarity_top_k=CANDIDATES)
    lexical = lexical_retriever.from_defaults(
        nodes=nodes, similarity_top_k=min(CANDIDATES, len(nodes)), skip_stemming=True, token_pattern=r"\S+"
    )
    fused = retrievers.QueryFusionRetriever(
        [dense, lexical],
        llm=importlib.import_module("llama_index.core.llms").MockLLM(),  # would rephrase the question; one is enough
        mode="reciprocal_rerank",
        num_queries=1,
        similarity_top_k=RESULTS,
        use_async=False,
    )

    def search(question: str) -> list[int]:
        terms, vector = material.query_terms(question), material.query_vector(question).tolist()
        found = fused.retrieve(schema.QueryBundle(query_str=" ".join(terms), embedding=vector))
        return [int(scored.node.node_id) for scored in found]

    return search


PEERS = (
    Peer(
        "jingyan",
        (),
        "terms, thesaurus and translations, BM25; vector, FAISS; 100 of each, late interaction of all, convex fusion",
        _jingyan,
    ),
    Peer(BASELINE, (), "terms, bm25s; vector, IndexFlatIP; 100 of each, reciprocal rank fusion", _bare),
    Peer("txtai", ("txtai",), "terms, its BM25 in SQLite; vector, FAISS (flat); 100 of each, its convex fusion", _txtai),
    Peer(
        "haystack",
        ("haystack",),
        "terms, its BM25 in memory; vector, its store in memory; 100 of each, reciprocal rank fusion",
        _haystack,
    ),
    Peer(
        "llama-index",
        ("llama_index.core", "llama_index.retrievers.bm25"),
        "terms, bm25s; vector, its store in memory; 100 of each, reciprocal rank fusion",
        _llama_index,
    ),
)
