"""The command line of the index: build it, and say how it stands."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from corpus.library import files
from corpus.messages.errors import JingyanError
from corpus.messages.language import configure_utf8_output, tr
from index.encoder import load_encoder
from index.progress import show_progress
from index.store import library as storage
from index.store.context import BuildContext
from index.store.generations import Manifest
from index.store.paths import LibraryPaths, default_data


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 1 when it fails or a file was refused."""
    configure_utf8_output()
    options = _arguments().parse_args(arguments)
    try:
        state, manifest = _run(options)
    except JingyanError as error:
        print(error, file=sys.stderr)
        return 1
    print(_report(options.library, state, manifest))
    for report in manifest.reports if manifest else ():
        print(report.line(), file=sys.stderr if report.state == "refused" else sys.stdout)
    return int(state in ("damaged", "foreign", "missing") or bool(manifest and manifest.refused))


def _run(options: argparse.Namespace) -> tuple[str, Manifest | None]:
    """The state of the index, and its manifest, after the command is done."""
    context = BuildContext(LibraryPaths(options.library, options.data), load_encoder(options.encoder))
    if options.command == "status":
        return storage.status(context)
    opened = storage.open_index(context, rebuild=True, progress=show_progress)
    return "fresh", opened.manifest


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m index", description=tr("建立和查看索引", "Build and inspect the index"))
    commands = parser.add_subparsers(dest="command", required=True, metavar=tr("命令", "COMMAND"))
    for name, purpose in (
        ("build", tr("重新建立索引", "build the index anew")),
        ("status", tr("查看索引是否可用、是否过期", "say whether the index is there, fresh and sound")),
    ):
        add_library_arguments(commands.add_parser(name, help=purpose))
    return parser


def add_library_argument(parser: argparse.ArgumentParser) -> None:
    """The option that names the folder of bulletins."""
    parser.add_argument(
        "--library",
        type=Path,
        default=files.SAMPLES,
        metavar=tr("文件夹", "DIR"),
        help=tr(
            "简报所在的文件夹（默认：随程序附带的虚构样例）",
            "the folder of bulletins (default: the invented samples that ship with the program)",
        ),
    )


def add_data_argument(parser: argparse.ArgumentParser) -> None:
    """The option that names the folder of everything of ours."""
    parser.add_argument(
        "--data",
        type=Path,
        default=default_data(),
        metavar=tr("文件夹", "DIR"),
        help=tr("存放索引和设置的文件夹（默认：%(default)s）", "where index and settings are kept (default: %(default)s)"),
    )


def add_library_arguments(parser: argparse.ArgumentParser) -> None:
    """The options by which every command that searches finds its library."""
    add_library_argument(parser)
    add_data_argument(parser)
    parser.add_argument(
        "--encoder",
        default=None,
        metavar=tr("模型", "MODEL"),
        help=tr(
            "改用别的 sentence-transformers 模型：文件夹，或有网络时的名称，如 BAAI/bge-small-zh-v1.5（默认：自带模型）",
            "another sentence-transformers model: a folder or, where there is a network, a name such as BAAI/bge-small-zh-v1.5 "
            "(default: the bundled model)",
        ),
    )


def _report(folder: Path, state: str, manifest: Manifest | None) -> str:
    states = {
        "missing": tr("没有索引", "no index"),
        "stale": tr("已过期，下次提问时自动更新", "stale, will be refreshed by the next question"),
        "foreign": tr(
            "由另一版本的程序建立，下次提问时自动重建", "made by another version, will be rebuilt by the next question"
        ),
        "damaged": tr("已损坏，下次提问时自动重建", "damaged, will be rebuilt by the next question"),
        "fresh": tr("可用", "fresh"),
    }
    report = f"{folder}: {states[state]}"
    if manifest is not None:
        encoder = f"{manifest.encoder}" + tr(f"（{manifest.dimension} 维）", f" ({manifest.dimension} dimensions)")
        report += tr(
            f"；{manifest.bulletins} 期简报，{manifest.passages} 段，编码器 {encoder}，建于 {manifest.created}",
            f"; {manifest.bulletins} bulletins, {manifest.passages} passages, encoder {encoder}, built {manifest.created}",
        )
    return report


if __name__ == "__main__":
    sys.exit(main())
