"""Index batches of files in other processes, each of which keeps a segment of every batch as a checkpoint.

A worker reads lines of JSON: its setup, then lists of documents. It answers each list with the name of the checkpoint. A worker
is a program of its own and not a process of `multiprocessing`, which would run the main program again.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from corpus.library import files
from corpus.library.edits import Correction
from index.contextual import load_contextual_encoder
from index.encoder import load_encoder
from index.query.tokenizer import load_tokenizer
from index.store import generations
from index.store.indexing import index_files
from index.store.paths import LibraryPaths

_ROOT = Path(__file__).parents[2]  # of the program's packages


@dataclass(frozen=True, slots=True)
class WorkerSetup:
    """What a worker has to know of a build. `corrections` are keyed by the SHA-256 of a file.

    `contextual`: whether the index has a contextual channel.
    """

    paths: LibraryPaths
    corrections: Mapping[str, Correction]
    build_fingerprint: str
    contextual: bool = False


class Worker:
    """Another process, with the bundled encoder, that indexes one batch at a time.

    It ends with the process that started it, since its standard input then ends.
    """

    def __init__(self, setup: WorkerSetup, *, command: Sequence[str] = (sys.executable, "-m", "index.store.worker")) -> None:
        """Start the process. Raises: OSError."""
        path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(
            [*command, str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
        )
        self._send(msgspec.json.encode(setup, enc_hook=str))

    @property
    def pid(self) -> int:
        """Return the number of the process."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Return whether the process has ended."""
        return self._process.poll() is not None

    def index(self, documents: Sequence[str]) -> str:
        """Index a batch and return the name of its checkpoint. Raises: OSError: the process has ended."""
        self._send(msgspec.json.encode(documents))
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise BrokenPipeError
        return msgspec.json.decode(line, type=str)

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.communicate()

    def _send(self, line: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + b"\n")
        self._process.stdin.flush()


def main() -> None:
    """Index what comes in, until nothing more does. The argument is the number of the process that started this one."""
    lines = iter(sys.stdin.buffer.readline, b"")

    def as_path(kind: type, value: Any) -> Any:
        return kind(value)

    setup = msgspec.json.decode(next(lines), type=WorkerSetup, dec_hook=as_path)
    context = setup.paths.file_context(files.load_gazetteer(setup.paths.folder), setup.corrections)
    encoder, tokenizer = load_encoder(), load_tokenizer()
    # A worker for each core: each reads on one.
    contextual = load_contextual_encoder(threads=1) if setup.contextual else None
    for line in lines:
        documents = msgspec.json.decode(line, type=list[str])
        # Once the other process has ended, and its lock with it, nothing more may be kept.
        if os.name == "posix" and os.getppid() != int(sys.argv[1]):
            return
        segment = index_files(documents, context=context, encoder=encoder, contextual=contextual, tokenizer=tokenizer)
        name = generations.keep_checkpoint(setup.paths.root, segment, setup.build_fingerprint)
        sys.stdout.buffer.write(msgspec.json.encode(name) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
