"""A process that prepares files for another one: the workshop comes in, then batches of documents; names of segments go out.

A line of JSON each, by standard input and output. The number of the other process is the one argument: when that has ended, and
with it its lock, nothing more is kept.
"""

import os
import sys
from typing import Any

import msgspec

from corpus.library import files
from index.encoder import load_encoder
from index.store.builder import BuildContext


def main() -> None:
    """Work until nothing more comes in."""
    lines = iter(sys.stdin.buffer.readline, b"")

    def as_path(kind: type, value: Any) -> Any:
        return kind(value)

    workshop = msgspec.json.decode(next(lines), type=BuildContext, dec_hook=as_path)
    gazetteer, encoder = files.load_gazetteer(workshop.paths.folder), load_encoder()
    for line in lines:
        documents = msgspec.json.decode(line, type=list[str])
        if os.name == "posix" and os.getppid() != int(sys.argv[1]):
            return
        name = workshop.index_and_keep(documents, gazetteer=gazetteer, encoder=encoder)
        sys.stdout.buffer.write(msgspec.json.encode(name) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
