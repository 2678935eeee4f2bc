"""The command line of the index: build it, say how it stands, leave documents out of it, hand its corrections on."""

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from pathlib import Path

from corpus import atomic_write
from corpus.library import files
from corpus.library.edits import UserEdits
from corpus.messages.errors import EditError, JingyanError
from corpus.messages.message import Message
from corpus.terminal import configure_output, run_command
from index.contextual import load_contextual_encoder
from index.encoder import load_encoder
from index.progress import show_progress
from index.store import library as storage
from index.store.cleaning import data_notices
from index.store.context import BuildContext
from index.store.corrections_file import export_corrections, import_corrections, parse_corrections
from index.store.edits import apply_edits
from index.store.generations import Manifest
from index.store.library import State
from index.store.paths import LibraryPaths, default_data

# What is done to the documents that a command names.
_CHANGES = {"remove": UserEdits.remove, "restore": UserEdits.restore}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 1 when it fails, or a file or a correction was refused."""
    configure_output()
    options = _arguments().parse_args(arguments)
    try:
        if options.command == "corrections":
            return _hand_on_corrections(options)
        state, manifest = _run(options)
    except JingyanError as error:
        print(error, file=sys.stderr)
        return 1
    print(_report(options.library, state, manifest))
    for report in manifest.reports if manifest else ():
        print(report.line(), file=sys.stderr if report.state == "refused" else sys.stdout)
    if manifest is not None and manifest.passed_over is not None:
        print(manifest.passed_over)
    for notice in data_notices(LibraryPaths(options.library, options.data)):
        print(notice)
    return int(state in ("damaged", "foreign", "missing") or bool(manifest and manifest.refused))


def _run(options: argparse.Namespace) -> tuple[State, Manifest | None]:
    """Return the state of the index, and its manifest, after the command is done."""
    context = chosen_context(options, options.library)
    if options.command == "status":
        return storage.status(context)
    if options.command in _CHANGES:
        return "fresh", _change(context, _CHANGES[options.command], options.documents)
    opened = storage.open_index(context, rebuild=True, progress=show_progress)
    tell_missing(context, options)
    return "fresh", opened.manifest


def _change(context: BuildContext, change: Callable[[UserEdits, str], UserEdits], documents: Sequence[str]) -> Manifest:
    """Change what is kept of documents, and return the manifest after it. A folder named is one that has become empty.

    Raises: EditError: the library has no such document; nothing is changed then.
    """
    opened = storage.open_index(context, progress=show_progress)
    known = {report.document for report in opened.manifest.reports}
    for document in documents:
        if document not in known:
            raise EditError(Message.of("index.command_line.no_such_document", document=document))
    library = apply_edits(
        context,
        lambda edits: reduce(change, documents, edits),
        may_be_empty=any(opened.path(document).is_dir() for document in documents),
        progress=show_progress,
    )
    return library.manifest


def _hand_on_corrections(options: argparse.Namespace) -> int:
    """Export corrections to a file, or import them. Return 1 if one of them was refused.

    Raises: EditError: the file cannot be written, cannot be opened, or is none of corrections.
    """
    context = chosen_context(options, options.library)
    if options.exported is not None:
        content = export_corrections(context.paths)
        with _as_edit_error(lambda cause: Message.of("index.command_line.cannot_write", path=str(options.exported), cause=cause)):
            atomic_write.replace_file(options.exported, content)
        count = len(parse_corrections(content, str(options.exported)))
        print(Message.of("index.command_line.exported", count=count, path=str(options.exported)))
        return 0
    with _as_edit_error(lambda cause: Message.of("index.command_line.cannot_open", path=str(options.imported), cause=cause)):
        content = options.imported.read_bytes()
    _, report = import_corrections(context, content, str(options.imported), progress=show_progress)
    for message in report.messages:
        print(message, file=sys.stderr if message in report.refused else sys.stdout)
    return int(bool(report.refused))


@contextlib.contextmanager
def _as_edit_error(message: Callable[[str], Message]) -> Iterator[None]:
    """Turn what the disk raises into an EditError with the message of its cause."""
    try:
        yield
    except OSError as error:
        raise EditError(message(error.strerror or str(error))) from error


def _arguments() -> argparse.ArgumentParser:
    description = str(Message.of("index.command_line.description"))
    parser = argparse.ArgumentParser(prog="python -m index", description=description)
    metavar = str(Message.of("index.command_line.command"))
    commands = parser.add_subparsers(dest="command", required=True, metavar=metavar)
    for command, purpose in (
        ("build", Message.of("index.command_line.build")),
        ("status", Message.of("index.command_line.status")),
    ):
        add_library_arguments(commands.add_parser(command, help=str(purpose)))
    document = str(Message.of("index.command_line.document"))
    for command, purpose in (
        ("remove", Message.of("index.command_line.remove")),
        ("restore", Message.of("index.command_line.restore")),
    ):
        changes = commands.add_parser(command, help=str(purpose))
        changes.add_argument("documents", nargs="+", metavar=document, help=str(Message.of("index.command_line.documents")))
        add_library_arguments(changes)
    corrections = commands.add_parser("corrections", help=str(Message.of("index.command_line.corrections")))
    ways = corrections.add_mutually_exclusive_group(required=True)
    file = str(Message.of("index.command_line.file"))
    for option, name, purpose in (
        ("--export", "exported", Message.of("index.command_line.export")),
        ("--import", "imported", Message.of("index.command_line.import")),
    ):
        ways.add_argument(option, dest=name, type=Path, metavar=file, help=str(purpose))
    add_library_arguments(corrections)
    return parser


def add_library_argument(parser: argparse.ArgumentParser) -> None:
    """Add the option that names the folder of bulletins."""
    metavar, purpose = Message.of("index.command_line.folder"), Message.of("index.command_line.library")
    parser.add_argument("--library", type=Path, default=files.SAMPLES, metavar=str(metavar), help=str(purpose))


def add_data_argument(parser: argparse.ArgumentParser) -> None:
    """Add the option that names the per-user data folder."""
    metavar, purpose = Message.of("index.command_line.folder"), Message.of("index.command_line.data")
    parser.add_argument("--data", type=Path, default=default_data(), metavar=str(metavar), help=str(purpose))


def add_library_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options by which every command that searches finds its library."""
    add_library_argument(parser)
    add_index_arguments(parser)


def add_index_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where the index is kept and what it is made with."""
    add_data_argument(parser)
    metavar, purpose = Message.of("index.command_line.model"), Message.of("index.command_line.encoder")
    parser.add_argument("--encoder", default=None, metavar=str(metavar), help=str(purpose))
    parser.add_argument("--fast", action="store_true", help=str(Message.of("index.command_line.fast")))


def chosen_context(options: argparse.Namespace, folder: Path) -> BuildContext:
    """Return a library and what the options say that it is indexed with.

    Raises: EncoderError: a model is missing or damaged.
    """
    contextual = None if options.fast else load_contextual_encoder()
    return BuildContext(LibraryPaths(folder, options.data), load_encoder(options.encoder), contextual)


def tell_missing(context: BuildContext, options: argparse.Namespace) -> None:
    """Say after a build that it has no contextual channel, where that was not asked for."""
    if context.contextual is None and not options.fast:
        print(Message.of("index.contextual.not_installed"), file=sys.stderr)


def _report(folder: Path, state: State, manifest: Manifest | None) -> str:
    states: dict[State, Message] = {
        "missing": Message.of("index.command_line.missing"),
        "stale": Message.of("index.command_line.stale"),
        "foreign": Message.of("index.command_line.foreign"),
        "damaged": Message.of("index.command_line.damaged"),
        "fresh": Message.of("index.command_line.fresh"),
    }
    report = f"{folder}: {states[state]}"
    if manifest is not None:
        contents = Message.of(
            "index.command_line.contents",
            bulletins=manifest.bulletins,
            passages=manifest.passages,
            encoder=manifest.encoder,
            dimension=manifest.dimension,
            created=manifest.created,
        )
        report += str(contents)
    return report


if __name__ == "__main__":
    sys.exit(run_command(main))
