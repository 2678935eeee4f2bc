"""The command line: ask a question, answer a file of them, check the quotes of answers, open the page."""

import argparse
import getpass
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from corpus.document import Passage, Region, Span
from corpus.library import files as corpus_library
from corpus.messages.errors import AccountError, JingyanError, PageError, QuestionError
from corpus.messages.language import tr
from corpus.terminal import configure_output, run_command, show_on_one_line
from index.__main__ import (
    add_index_arguments,
    add_library_arguments,
    chosen_context,
    tell_missing,
)
from index.catalog import Catalog
from index.filters import Filters
from index.progress import show_progress
from index.retriever import Retriever
from index.store import library as storage
from index.store.builder import nothing_to_search
from index.store.cleaning import data_notices
from index.store.edits_file import edits_notices
from qa.answering.pipeline import answer_question
from qa.export import BINARY, Format, batch, render, verification
from qa.export import output as files
from qa.export.derivation import asking_again
from qa.question.analyzer import analyze_question
from qa.question.places import find_region

if TYPE_CHECKING:
    from qa.web.security.accounts import Account


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 1 when it fails or a quote does not hold."""
    configure_output()
    options = _arguments().parse_args(arguments)
    try:
        if options.command == "verify":
            return _verify(options)
        if options.command == "password":
            return _password(options)
        entitled = None
        if options.command == "chat":
            _check_page(options)
            entitled = _accounts(options.auth_file) if options.auth_file else None
        if options.command == "ask" and options.format in BINARY and options.output is None:
            form = options.format
            raise QuestionError(tr(f"--format {form} 需要 --output 指定文件", f"--format {form} needs a file: --output"))
        library = _open(options)
        if options.command == "ask":
            return _ask(library, options)
        if options.command == "batch":
            return int(batch.answer_file(library, options.input, options.output, progress=_show_questions) > 0)
        from qa import web

        web.serve(
            web.LibraryState(library),
            web.ServerOptions(
                port=options.port,
                host=options.host,
                names=options.allow_host,
                accounts=entitled,
                root_path=options.root_path,
                with_mcp=options.mcp,
                open_browser=options.open,
            ),
        )
    except JingyanError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _open(options: argparse.Namespace) -> storage.Library:
    """Open the library that is asked for. Files that could not be read are told where the index was built now, and only then.

    Raises: LibraryError: there is nothing to search, and the command is not the page, where files can be added.
    """
    stages: list[str] = []

    def progress(stage: str, done: int, total: int) -> None:
        stages.append(stage)
        show_progress(stage, done, total)

    is_page = options.command == "chat"
    folder = options.library
    if is_page:
        from qa import web

        folders = options.library or [web.chosen_library(options.data) or corpus_library.SAMPLES]
        folder = folders[0]
    context = chosen_context(options, folder)
    known = data_notices(context.paths)
    for notice in edits_notices(context.paths):
        print(notice, file=sys.stderr)
    library = storage.open_index(context, may_be_empty=is_page, progress=progress)
    for notice in data_notices(context.paths):
        if notice not in known:
            print(notice, file=sys.stderr)
    if is_page and options.library:
        web.remember_libraries(options.data, [each.resolve() for each in folders])
    if not library.bulletins and not is_page:
        raise nothing_to_search(library.folder, library.manifest.reports)
    if "read" in stages:
        tell_missing(context, options)
        for report in library.manifest.refused:
            print(report.line(), file=sys.stderr)
    return library


def _ask(library: storage.Library, options: argparse.Namespace) -> int:
    filters = Filters(
        regions=tuple(_region(name, library.catalog) for name in options.region),
        years=tuple(options.year),
        series=tuple(options.series),
    )
    _check_without(options.without, options.question, filters, library.retriever)
    answer = answer_question(library, options.question, filters=filters, removed_chips=options.without)
    content = render(answer, options.format, style=options.style)
    if options.output is not None:
        files.write_output(options.output, content)
    else:
        print(content.decode(), end="")
    return 0


def _check_without(without: Sequence[str], question: str, filters: Filters, retriever: Retriever) -> None:
    """Fail where a key names nothing that was understood. What one key takes away may bring forth what the next names."""
    known: dict[str, None] = {}
    for index in range(len(without)):
        chips = analyze_question(
            question,
            filters=filters,
            removed_chips=without[:index],
            catalog=retriever.catalog,
            encode=retriever.encode_question,
        ).chips
        known |= dict.fromkeys(chip.key for chip in chips)
        if without[index] not in known:
            keys = tr("、", ", ").join(known) or "-"
            raise QuestionError(
                tr(
                    f"--without {without[index]}：没有理解出这一条（有：{keys}）",
                    f"--without {without[index]}: nothing of that kind was understood (understood: {keys})",
                )
            )


def _verify(options: argparse.Namespace) -> int:

    def address_of(passage: Passage, span: Span | None) -> str:
        from qa.web.addresses import passage_address  # with it comes gradio, which takes seconds

        return passage_address(passage, span)

    derive = asking_again(lambda: _open(options), address_of=address_of)
    report = verification.verify(options.file, options.library, data=options.data, derive=derive)
    print(json.dumps(report.record(), ensure_ascii=False, indent=1) if options.json else report.text())
    return int(not report.holds)


def _region(name: str, catalog: Catalog) -> Region:
    try:
        return find_region(name, catalog)
    except QuestionError as error:
        raise QuestionError(f"--region {error}") from error


def _check_page(options: argparse.Namespace) -> None:
    """Fail before the library is read where the page cannot be served."""
    import importlib.util
    import ipaddress
    import socket

    try:
        alone = ipaddress.ip_address(options.host).is_loopback
    except ValueError:
        raise PageError(tr(f"--host {options.host}：应为 IP 地址", f"--host {options.host}: expected an IP address")) from None
    if not alone and options.auth_file is None:
        raise PageError(
            tr(
                f"--host {options.host} 会让别的电脑也能打开：要用 --auth-file 指定密码文件（用 python -m qa password 建立）",
                f"--host {options.host} would let other machines in: it needs --auth-file, which python -m qa password makes",
            )
        )
    for package, needed, file in (("gradio", True, "requirements-run.txt"), ("mcp", options.mcp, "requirements-mcp.txt")):
        if needed and importlib.util.find_spec(package) is None:
            raise PageError(
                tr(f"这里需要 {package}：请先运行 pip install -r {file}", f"this needs {package}: run pip install -r {file}")
            )
    local = "127.0.0.1" if options.host in ("0.0.0.0", "::") else options.host
    with socket.socket(socket.AF_INET6 if ":" in local else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(2)
        if probe.connect_ex((local, options.port)) == 0:
            raise PageError(
                tr(
                    f"端口 {options.port} 已被占用：关闭占用它的程序，或用 --port 换一个",
                    f"port {options.port} is in use: stop the program that uses it, or choose another with --port",
                )
            )


def _accounts(file: Path) -> "dict[str, Account]":
    """Return the accounts of a file, which must have one at least."""
    from qa.web.security import accounts  # with it comes gradio, which takes seconds

    found = accounts.load_accounts(file)
    if not found:
        raise AccountError(
            tr(
                f"{file}：没有用户。用 python -m qa password --auth-file {file} 用户名 添加",
                f"{file}: holds no user. Add one with python -m qa password --auth-file {file} NAME",
            )
        )
    return found


def _password(options: argparse.Namespace) -> int:
    """Make an account or change its password, read twice from the terminal, or as a line from a pipe."""
    from qa.web.security import accounts

    if options.auth_file.exists():
        accounts.load_accounts(options.auth_file)  # what is wrong with it is told before anything is asked
    if sys.stdin.isatty():
        password = getpass.getpass(tr("密码：", "Password: "))
        if getpass.getpass(tr("再输一次：", "Once more: ")) != password:
            raise AccountError(tr("两次输入的不一样", "the two are not the same"))
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    role = accounts.change_account(options.auth_file, options.name, password, options.role)
    print(
        tr(
            f"已保存 {options.name}（{role}）的密码：{options.auth_file}",
            f"kept the password of {options.name} ({role}): {options.auth_file}",
        )
    )
    return 0


def _show_questions(done: int, total: int) -> None:
    if sys.stderr.isatty():
        show_on_one_line(f"{tr('问题', 'question')} {done}/{total}", is_last=done == total)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m qa",
        description=tr(
            "向工作简报和文件提问，得到带出处的原文",
            "Ask work bulletins and documents a question and get verbatim quotes with citations",
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
        choices=get_args(Format),
        default="text",
        help=tr(
            "答案的形式（默认 text）；docx 是 Word 文档，xlsx 是 Excel 表格",
            "the form of the answer (default: text); docx is a Word document, xlsx an Excel workbook",
        ),
    )
    ask.add_argument("--json", action="store_const", dest="format", const="json", help=tr("即 --format json", "--format json"))
    ask.add_argument(
        "--style",
        choices=("gbt7714", "note"),
        help=tr(
            "出处的写法：gbt7714 文末参考文献（markdown、docx 和 xlsx 默认），note 公文式“见《…》”",
            "how sources are given: gbt7714, a list of references (the default of markdown, docx and xlsx), or note, a note each",
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
        "verify", help=tr("对照库里的文件核验答案里的引文", "check the quotes of answers against the files of the library")
    )
    verify.add_argument(
        "file",
        type=Path,
        metavar=tr("文件", "FILE"),
        help=tr("ask --json 或 batch 的输出", "what ask --json or batch has written"),
    )
    verify.add_argument("--json", action="store_true", help=tr("输出 JSON", "print JSON"))
    chat = commands.add_parser("chat", help=tr("打开网页", "open the page"))
    chat.add_argument(
        "--port",
        type=int,
        default=7860,
        metavar=tr("端口", "PORT"),
        help=tr("端口（默认 %(default)s）", "port (default %(default)s)"),
    )
    chat.add_argument(
        "--host",
        default="127.0.0.1",
        metavar=tr("地址", "ADDRESS"),
        help=tr(
            "在这个地址上提供网页（默认 %(default)s，只有本机能打开）；给别的电脑用需要 --auth-file",
            "serve at this address (default %(default)s: this machine alone); for other machines it needs --auth-file",
        ),
    )
    chat.add_argument(
        "--auth-file",
        type=Path,
        metavar=tr("文件", "FILE"),
        help=tr(
            "要求输入这个文件里的用户名和密码；谁能改库也写在里面",
            "ask for a name and a password of this file, which says who may change the library, too",
        ),
    )
    chat.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar=tr("主机名", "NAME"),
        help=tr("也接受用这个主机名访问（可重复）", "also be reached by this host name (may be repeated)"),
    )
    chat.add_argument(
        "--root-path",
        default="",
        metavar=tr("路径", "PATH"),
        help=tr("代理在这个路径下提供网页，如 /jingyan", "a proxy serves the page below this path, such as /jingyan"),
    )
    chat.add_argument(
        "--mcp",
        action="store_true",
        help=tr("同时作为 MCP 服务器，供自己的助手使用", "also be an MCP server, for your own assistant"),
    )
    chat.add_argument("--open", action="store_true", help=tr("同时打开浏览器", "open the browser, too"))
    password = commands.add_parser("password", help=tr("给网页设一个用户和密码", "set a user and a password for the page"))
    password.add_argument(
        "--auth-file",
        type=Path,
        required=True,
        metavar=tr("文件", "FILE"),
        help=tr("写入这个文件，供 chat --auth-file 使用", "write to this file, for chat --auth-file"),
    )
    password.add_argument(
        "--role",
        choices=("owner", "editor", "reader"),
        help=tr(
            "owner 主人，editor 编辑（能改库），reader 读者（默认：不变，新用户为 reader）",
            "owner, editor (may change the library) or reader (default: as it is; a new user is a reader)",
        ),
    )
    password.add_argument("name", metavar=tr("用户名", "NAME"))
    for command in (ask, batch_command, verify):
        add_library_arguments(command)
    chat.add_argument(
        "--library",
        type=Path,
        action="append",
        metavar=tr("文件夹", "DIR"),
        help=tr(
            "放文件的文件夹（可重复：打开第一个，其余在“设置”里切换；默认：上次在网页上打开的）",
            "the folder of documents (may be repeated: the first is opened, Settings leads to the others; default: the last one"
            " opened on the page)",
        ),
    )
    add_index_arguments(chat)
    return parser


if __name__ == "__main__":
    sys.exit(run_command(main))
