"""The shape of the program, read from its source: who imports whom, who touches disk and network, what has no docstring."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("corpus", "index", "qa", "training", "benchmarks")
MODULES = sorted(path.relative_to(ROOT).as_posix() for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

TEST_MODULES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("*.py"))

# What each package may import of ours.
MAY_IMPORT = {
    "corpus": {"corpus"},
    "index": {"index", "corpus"},
    "qa": {"qa", "index", "corpus"},
    "training": {"training", "benchmarks", "qa", "index", "corpus"},  # at the top: nothing imports it
    "benchmarks": {"benchmarks", "qa", "index", "corpus"},
}
HEAVY = {"torch", "sentence_transformers", "transformers"}
NETWORK = {"socket", "ssl", "urllib", "http", "requests", "httpx", "aiohttp", "ftplib", "smtplib", "socketserver", "asyncio"}
DISK = {"shutil", "tempfile", "mmap", "fileinput", "glob", "sqlite3", "dbm"}
# Methods of Path and functions of os and numpy that read or change what is on disk.
CALLS = re.compile(
    r"open|(?:read|write)_(?:text|bytes)|unlink|rename|replace|mkdir|rmdir|touch|chmod|symlink_to|hardlink_to|iterdir|r?glob|l?stat"
    r"|exists|is_file|is_dir|makedirs|remove|removedirs|listdir|scandir|walk|utime|fdopen|load|savez?|memmap|fromfile|tofile"
)
# Modules that may, and why.
IO = re.compile(
    r"corpus/readers/.*|corpus/library/(?:files|walk)\.py|qa/export/(?:batch|output|saved_quotes)\.py|qa/web/.*|.*__main__\.py"
    r"|corpus/(?:atomic_write|terminal)\.py|index/store/(?:generations|disk|edits_file|worker)\.py"
    r"|index/(?:encoder|packaged)\.py"  # read the files of the models, packaged or not
    r"|(?:training|benchmarks)/.*"  # no part of what is shipped
)
PICKLES = {"pickle", "cPickle", "marshal", "joblib", "shelve", "dill", "cloudpickle"}


@cache
def tree(module: str) -> ast.Module:
    return ast.parse((ROOT / module).read_text(encoding="utf-8"), module)


def imports(module: str) -> Iterator[tuple[str, bool]]:
    """Every dotted name that is imported anywhere in the module, and whether only inside a function or for type checking."""

    def visit(node: ast.AST, late: bool) -> Iterator[tuple[str, bool]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                yield from ((alias.name, late) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, f"{module}:{child.lineno}: imports are absolute"
                yield from ((f"{child.module}.{alias.name}", late) for alias in child.names)
            elif isinstance(child, ast.Call) and name_of(child) in ("import_module", "__import__"):
                assert isinstance(child.args[0], ast.Constant), f"{module}:{child.lineno}: an import that cannot be read"
                yield str(child.args[0].value), late
            else:
                inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
                typing = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
                yield from visit(child, late or inside or typing)

    yield from visit(tree(module), False)


def calls(module: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(module)) if isinstance(node, ast.Call))


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def is_packaged(call: ast.Call) -> bool:
    """resources.files(...).joinpath(...).read_text(...): data that ships with the program."""
    return re.match(r"(?:importlib\.)?resources\.files\(", ast.unparse(call)) is not None


def touches_disk(call: ast.Call) -> bool:
    """Whether a call is one of disk access. `text.replace("a", "b")` and `replace(record, …)` are not; nor is Gazetteer.load."""
    name = name_of(call)
    if not CALLS.fullmatch(name) or is_packaged(call):
        return False
    if isinstance(call.func, ast.Name):
        return name == "open"
    owner = ast.unparse(call.func.value)
    if name == "replace":
        return owner == "os" or len(call.args) + len(call.keywords) == 1
    if name in ("load", "save", "remove", "walk"):
        return owner in ("np", "numpy", "os", "path")
    return True


def test_the_modules_are_found() -> None:
    some = {"corpus/parsing/parser.py", "index/store/library.py", "qa/web/app.py", "training/data.py", "benchmarks/metrics.py"}
    assert some <= set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_one_way(module: str) -> None:
    ours = {name.split(".")[0] for name, _ in imports(module)} & {*PACKAGES, "tests", "conftest"}
    assert ours <= MAY_IMPORT[Path(module).parts[0]]


@pytest.mark.parametrize("module", [module for module in MODULES if module.startswith("qa/question/")])
def test_a_question_is_read_without_the_search(module: str) -> None:
    assert [name for name, _ in imports(module) if name.startswith("index.retriever")] == []


@pytest.mark.parametrize("module", MODULES)
def test_only_the_page_imports_gradio(module: str) -> None:
    named = {name.split(".")[0] for name, _ in imports(module)} & {"gradio", "gradio_client"}
    assert not named or module.startswith("qa/web/")


@pytest.mark.parametrize("module", MODULES)
def test_torch_is_imported_late_or_in_training(module: str) -> None:
    for name, late in imports(module):
        if name.split(".")[0] in HEAVY:
            assert module.startswith(("training/", "benchmarks/")) or (module == "index/encoder.py" and late), name


@pytest.mark.parametrize("module", [module for module in MODULES if not IO.fullmatch(module)])
def test_disk_and_network_are_left_to_a_few_modules(module: str) -> None:
    assert {name.split(".")[0] for name, _ in imports(module)} & (DISK | NETWORK) == set()
    assert [f"{module}:{call.lineno}: {ast.unparse(call)}" for call in calls(module) if touches_disk(call)] == []


@pytest.mark.parametrize("module", [module for module in MODULES if module.startswith(("corpus/", "index/"))])
def test_corpus_and_index_never_use_the_network(module: str) -> None:
    assert {name.split(".")[0] for name, _ in imports(module)} & NETWORK == set()


@pytest.mark.parametrize("module", MODULES)
def test_text_files_name_their_encoding(module: str) -> None:
    for call in calls(module):
        name, arguments = name_of(call), ast.unparse(call)
        text = name in ("read_text", "write_text")
        if name == "open" and not is_packaged(call):
            modes = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "mode")]
            constants = [str(mode.value) for mode in modes if isinstance(mode, ast.Constant)]
            binary = any(re.fullmatch(r"[rwxa]\+?b\+?", mode) for mode in constants)
            text = not binary and not arguments.startswith(("os.open(", "webbrowser.open(", "Image.open(", "package.open("))
        if text:
            assert any(keyword.arg == "encoding" for keyword in call.keywords), f"{module}:{call.lineno}: {arguments}"


@pytest.mark.parametrize("module", MODULES)
def test_nothing_is_pickled(module: str) -> None:
    assert {name.split(".")[0] for name, _ in imports(module)} & PICKLES == set()
    for call in calls(module):
        for keyword in call.keywords:
            if keyword.arg == "allow_pickle":
                assert ast.unparse(keyword.value) == "False", f"{module}:{call.lineno}"
            if keyword.arg == "weights_only":
                assert ast.unparse(keyword.value) == "True", f"{module}:{call.lineno}"
        if ast.unparse(call.func) == "torch.load":
            assert any(keyword.arg == "weights_only" for keyword in call.keywords), f"{module}:{call.lineno}"


@pytest.mark.parametrize("module", [module for module in MODULES if module.startswith(("corpus/", "index/", "qa/"))])
def test_no_record_is_named_by_its_address_in_memory(module: str) -> None:
    """Records compared by identity are keys themselves; `id(record)` outlives its record and then means another."""
    named = (node for node in ast.walk(tree(module)) if isinstance(node, ast.Name) and node.id == "id")
    found = [f"{module}:{node.lineno}" for node in named if isinstance(node.ctx, ast.Load)]
    assert found == []


@pytest.mark.parametrize("module", [module for module in MODULES if module.startswith(("corpus/", "index/"))])
def test_corpus_and_index_speak_in_codes(module: str) -> None:
    """What they report is a Message, which the page or the command line puts into words in the reader's language."""
    found = [f"{module}:{call.lineno}" for call in calls(module) if name_of(call) == "tr"]
    assert found == [] or module == "corpus/__main__.py"  # the command line is an edge: it puts into words


@pytest.mark.parametrize("module", TEST_MODULES)
def test_tests_share_nothing_through_test_modules(module: str) -> None:
    """What several tests use stands in a module named for what it holds, or is a fixture."""
    assert [name for name, _ in imports(module) if re.search(r"\.test_\w+(?:\.|$)", name) and name.startswith("tests.")] == []


def bare(body: list[ast.stmt], prefix: str) -> Iterator[str]:
    """Public functions, classes and methods without a docstring. A method of one statement is told by its name."""
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        told_by_name = prefix and isinstance(node, ast.FunctionDef) and len(node.body) == 1
        if not ast.get_docstring(node) and not told_by_name:
            yield f"{prefix}{node.name}"
        if isinstance(node, ast.ClassDef):
            yield from bare(node.body, f"{prefix}{node.name}.")


@pytest.mark.parametrize("module", MODULES)
def test_everything_public_says_what_it_is(module: str) -> None:
    assert ast.get_docstring(tree(module)), "the module has no docstring"
    if module != "corpus/messages/errors.py":  # its errors stand in the tree at the top
        assert list(bare(tree(module).body, "")) == []


def test_every_error_stands_in_the_tree() -> None:
    module = tree("corpus/messages/errors.py")
    drawn = ast.get_docstring(module) or ""
    errors = [node.name for node in module.body if isinstance(node, ast.ClassDef)]
    assert [name for name in errors if not re.search(rf"\b{name}\b", drawn)] == []


def test_architecture_names_every_module() -> None:
    page = ROOT / "ARCHITECTURE.md"
    if not page.exists():
        pytest.skip("ARCHITECTURE.md is not there")
    named = set(re.findall(r"`([\w./]+\.py)`", page.read_text(encoding="utf-8")))
    # A package's __init__.py that holds a docstring and no more is named by its folder.
    present = {module for module in MODULES if not module.endswith("__init__.py") or len(tree(module).body) > 1}
    assert present - named == set(), "not named"
    assert {name for name in named - {*MODULES} if not (ROOT / name).exists()} == set(), "named, and not there"
