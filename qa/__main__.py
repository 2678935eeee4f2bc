"""The command line: ask a question, answer a file of them, check the quotes of answers, open the page."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from corpus import library as corpus_library
from corpus.errors import JingyanError, PageError, QuestionError
from corpus.language import speak_utf8, tr
from corpus.regions import Region
from index import storage
from index.__main__ import add_library_argument, add_library_arguments
from index.encoder import load_encoder
from index.progress import show_progress
from index.retriever import Filters, Retriever
from qa import batch, files, receipts
from qa.pipeline import answer_question
from qa.question import understand
from qa.render import render


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 1 when it fails or a quote does not hold."""
    speak_utf8()
    options = _arguments().parse_args(arguments)
    try:
        if options.command == "verify":
            return _verify(options)
        if options.command == "chat":
            _check_page(options.port)
        if options.command == "ask" and options.format == "docx" and options.output is None:
            raise QuestionError(tr("--format docx 需要 --output 指定文件", "--format docx needs a file: --output"))
        library = storage.open_library(
            options.library, data=options.data, encoder=load_encoder(options.encoder), progress=show_progress
        )
        for problem in library.manifest.problems:
            print(problem.message, file=sys.stderr)
        if options.command == "ask":
            return _ask(library, options)
        if options.command == "batch":
            return int(batch.run(library, options.input, options.output, progress=_show_questions) > 0)
        from qa import web

        web.serve(
            library,
            port=options.port,
            open_browser=options.open,
            samples=options.library.resolve() == corpus_library.SAMPLES.resolve(),
        )
    except JingyanError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _ask(library: storage.Library, options: argparse.Namespace) -> int:
    filters = Filters(
        regions=tuple(_region(name, library.retriever) for name in options.region),
        years=tuple(options.year),
        series=tuple(options.series),
    )
    _check_without(options.without, options.question, filters, library.retriever)
    answer = answer_question(library, options.question, filters=filters, without=options.without)
    content = render(answer, options.format, style=options.style)
    if options.output is not None:
        files.write(options.output, content)
    else:
        print(content.decode(), end="")
    return 0


def _check_without(without: Sequence[str], question: str, filters: Filters, retriever: Retriever) -> None:
    """Fail where a key names nothing that was understood. What one key takes away may bring forth what the next names."""
    known: dict[str, None] = {}
    for at in range(len(without)):
        chips = understand(question, filters=filters, without=without[:at], retriever=retriever).chips
        known |= dict.fromkeys(chip.key for chip in chips)
        if without[at] not in known:
            keys = tr("、", ", ").join(known) or "-"
            raise QuestionError(
                tr(
                    f"--without {without[at]}：没有理解出这一条（有：{keys}）",
                    f"--without {without[at]}: nothing of that kind was understood (understood: {keys})",
                )
            )


def _verify(options: argparse.Namespace) -> int:
    report = receipts.verify(options.file, options.library)
    print(json.dumps(report.record(), ensure_ascii=False, indent=1) if options.json else report.text())
    return int(not report.holds)


def _region(name: str, retriever: Retriever) -> Region:
    """The region of that name, in the library where several bear it."""
    present = [
        region
        for region in retriever.gazetteer.candidates(name)
        if any(retriever.gazetteer.covers(region, one) for one in retriever.regions)
    ]
    region = present[0] if len(present) == 1 else retriever.gazetteer.resolve(name)
    if region is None:
        labels = "、".join(candidate.label for candidate in present or retriever.gazetteer.candidates(name))
        raise QuestionError(
            tr(
                f"--region {name}：" + (f"有多个地区叫这个名字：{labels}" if labels else "没有这个地区"),
                f"--region {name}: " + (f"several regions bear this name: {labels}" if labels else "no such region"),
            )
        )
    return region


def _check_page(port: int) -> None:
    """Fail before the library is read where the page cannot be served."""
    import importlib.util
    import socket

    if importlib.util.find_spec("gradio") is None:
        raise PageError(
            tr(
                "网页需要 gradio：请先运行 pip install -r requirements.txt",
                "the page needs gradio: run pip install -r requirements.txt",
            )
        )
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise PageError(
                tr(
                    f"端口 {port} 已被占用：关闭占用它的程序，或用 --port 换一个",
                    f"port {port} is in use: stop the program that uses it, or choose another with --port",
                )
            )


def _show_questions(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{tr('问题', 'question')} {done}/{total}\033[K", end="\n" if done == total else "", file=sys.stderr, flush=True)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m qa",
        description=tr(
            "向工作简报提问，得到带出处的原文", "Ask work bulletins a question and get verbatim quotes with citations"
        ),
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar=tr("命令", "COMMAND"))
    ask = commands.add_parser("ask", help=tr("在终端提一个问题", "ask one question in the terminal"))
    ask.add_argument("question", metavar=tr("问题", "QUESTION"), help=tr("中文或英文", "in Chinese or English"))
    ask.add_argument(
        "--region",
        action="append",
        default=[],
        metavar=tr("地区", "REGION"),
        help=tr("只看这个地区及其下辖（可重复），如 宁波市", "only this region and all below it (may be repeated), e.g. 宁波市"),
    )
    ask.add_argument(
        "--year",
        action="append",
        default=[],
        type=int,
        metavar=tr("年份", "YEAR"),
        help=tr("只看这一年（可重复）", "only this year (may be repeated)"),
    )
    ask.add_argument(
        "--series",
        action="append",
        default=[],
        metavar=tr("刊名", "SERIES"),
        help=tr("只看名称含此的刊物（可重复）", "only series whose name holds this (may be repeated)"),
    )
    ask.add_argument(
        "--without",
        action="append",
        default=[],
        metavar=tr("键", "KEY"),
        help=tr(
            "不要从问题里理解出的这一条（可重复），如 year:2021；键见 --json 的 understood.chips",
            "leave out this part of what was understood (may be repeated), e.g. year:2021; --json has the keys: understood.chips",
        ),
    )
    ask.add_argument(
        "--format",
        choices=("text", "markdown", "json", "docx"),
        default="text",
        help=tr("答案的形式（默认 text）；docx 是 Word 文档", "the form of the answer (default: text); docx is a Word document"),
    )
    ask.add_argument("--json", action="store_const", dest="format", const="json", help=tr("即 --format json", "--format json"))
    ask.add_argument(
        "--style",
        choices=("gbt7714", "note"),
        help=tr(
            "出处的写法：gbt7714 文末参考文献（markdown 和 docx 默认），note 公文式“见《…》”",
            "how sources are given: gbt7714, a list of references (the default of markdown and docx), or note, a note each",
        ),
    )
    ask.add_argument(
        "--output",
        type=Path,
        metavar=tr("文件", "FILE"),
        help=tr("写入这个文件，不在终端显示", "write to this file, not the terminal"),
    )
    batch_command = commands.add_parser("batch", help=tr("回答一个文件里的问题", "answer a file of questions"))
    batch_command.add_argument(
        "--input",
        type=Path,
        required=True,
        metavar=tr("文件", "FILE"),
        help=tr("每行一个 JSON：id、question，可有 history", "JSON lines: id, question and, optionally, history"),
    )
    batch_command.add_argument(
        "--output", type=Path, required=True, metavar=tr("文件", "FILE"), help=tr("答案，逐行对应", "the answers, line for line")
    )
    verify = commands.add_parser(
        "verify", help=tr("对照简报文件核验答案里的引文", "check the quotes of answers against the bulletin files")
    )
    verify.add_argument(
        "file",
        type=Path,
        metavar=tr("文件", "FILE"),
        help=tr("ask --json 或 batch 的输出", "what ask --json or batch has written"),
    )
    verify.add_argument("--json", action="store_true", help=tr("输出 JSON", "print JSON"))
    add_library_argument(verify)
    chat = commands.add_parser("chat", help=tr("打开网页", "open the page"))
    chat.add_argument(
        "--port",
        type=int,
        default=7860,
        metavar=tr("端口", "PORT"),
        help=tr("端口（默认 %(default)s）", "port (default %(default)s)"),
    )
    chat.add_argument("--open", action="store_true", help=tr("同时打开浏览器", "open the browser, too"))
    for command in (ask, batch_command, chat):
        add_library_arguments(command)
    return parser


if __name__ == "__main__":
    sys.exit(main())
