"""The command line of the corpus: check, show and print bulletin files."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from corpus import readers
from corpus.chunker import chunk
from corpus.document import Bulletin
from corpus.library import files as library
from corpus.messages.errors import JingyanError
from corpus.messages.language import tr
from corpus.parsing.parser import structure
from corpus.readers.archive import is_archive, read_documents
from corpus.readers.sandbox import parse_in_sandbox
from corpus.terminal import configure_output, run_command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 1 when a file fails."""
    configure_output()
    options = _arguments().parse_args(arguments)
    failed = False
    for name, path, content in _documents(options.files):
        try:
            if isinstance(content, JingyanError):
                raise content
            extracted = readers.read_file(content, name=name)
            if options.command == "text" and not extracted.is_source:
                sys.stdout.write(extracted.text)
                continue
            bulletin = parse_in_sandbox(extracted, gazetteer=library.load_gazetteer(path.parent), document=name)
        except JingyanError as error:
            print(error, file=sys.stderr)
            failed = True
            continue
        if options.command == "check":
            print(_report(name, bulletin))
        elif options.command == "text":
            sys.stdout.write(bulletin.text)
        elif options.json:
            print(json.dumps(structure(bulletin), ensure_ascii=False, indent=1))
        else:
            print(_outline(bulletin))
    return int(failed)


def _documents(files: Sequence[Path]) -> Iterator[tuple[str, Path, bytes | JingyanError]]:
    """Yield the name, the file and the bytes of each document, or why it cannot be read; an archive holds several."""
    for path in files:
        try:
            if is_archive(path):
                yield from ((name, path, content) for name, content in read_documents(path, name=str(path)))
            else:
                yield str(path), path, readers.read_bytes(path)
        except JingyanError as error:
            yield str(path), path, error


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m corpus",
        description=tr("检查工作简报文件是怎样被读懂的", "See how bulletin files are understood"),
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar=tr("命令", "COMMAND"))
    check = commands.add_parser(
        "check",
        help=tr(
            "逐个检查文件，列出读到的内容和警告；有文件失败时返回非零",
            "report what was parsed, with warnings; non-zero when a file fails",
        ),
    )
    show = commands.add_parser("show", help=tr("显示一份简报的结构", "show the structure of a bulletin"))
    show.add_argument("--json", action="store_true", help=tr("输出 JSON", "print JSON"))
    text = commands.add_parser(
        "text",
        help=tr(
            "输出去掉分页和标记后的正文；Word、PDF、扫描件等则输出读出的全文，引文的位置以它为准",
            "print the text without page breaks and markup; of Word files, PDFs and scans the text as it was read"
            " (offsets refer to it)",
        ),
    )
    check.add_argument("files", nargs="+", type=Path, metavar=tr("文件", "FILE"))
    for command in (show, text):
        command.add_argument("files", nargs=1, type=Path, metavar=tr("文件", "FILE"))
    return parser


def _report(name: str, bulletin: Bulletin) -> str:
    sections = [section for article in bulletin.articles for section in article.sections if section.heading]
    points = sum(len(section.points) for article in bulletin.articles for section in article.sections)
    issue = " ".join(
        part
        for part in (
            bulletin.masthead.series,
            bulletin.masthead.issue and tr(f"第{bulletin.masthead.issue}期", f"no. {bulletin.masthead.issue}"),
            bulletin.masthead.total_issue
            and tr(f"总第{bulletin.masthead.total_issue}期", f"(total {bulletin.masthead.total_issue})"),
            bulletin.masthead.issue_date and bulletin.masthead.issue_date.isoformat(),
            bulletin.masthead.publisher,
        )
        if part
    )
    counts = tr(
        f"{len(bulletin.articles)} 篇文章，{len(sections)} 节，{points} 点，{len(chunk(bulletin))} 段",
        f"{len(bulletin.articles)} articles, {len(sections)} sections, {points} points, {len(chunk(bulletin))} passages",
    )
    lines = [f"{name}: {issue}", f"  {counts}"]
    for article in bulletin.articles:
        region = article.region.label if article.region else bulletin.masthead.publisher or "-"
        lines.append(f"  · [{region}] {article.title}")
    lines.extend(f"  ! {tr('警告：', 'warning: ')}{warning}" for warning in bulletin.warnings)
    return "\n".join(lines)


def _outline(bulletin: Bulletin) -> str:
    lines = [f"{bulletin.masthead.series} {bulletin.masthead.issue or ''} {bulletin.masthead.issue_date or ''}".rstrip()]
    for article in bulletin.articles:
        lines.append(f"{article.title} [{article.region.label if article.region else bulletin.masthead.publisher}]")
        for section in article.sections:
            labels = " ".join(point.label for point in section.points)
            lines.append(f"    {section.heading or tr('（导语）', '(lead)')} {labels}".rstrip())
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(run_command(main))
