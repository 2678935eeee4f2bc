"""What is installed when: by start.sh, by test.sh, by the wheel and its extras, and in an office without a network."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT

OURS = {"corpus", "index", "qa", "training", "benchmarks", "tests"}
# The names of packages whose modules are called otherwise.
PACKAGES = {
    "docx": "python-docx",
    "gradio_client": "gradio",
    "httpx2": "mcp",
    "faiss": "faiss-cpu",
    "markdown_it": "markdown-it-py",
    "packaging": "pytest",
    "PIL": "pillow",
}
WITHOUT_IMPORT = {"python-multipart"}  # starlette imports it


def requirements(name: str) -> list[str]:
    """Return the lines of a file of requirements, without its comments."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def packages(name: str) -> set[str]:
    return {re.split("[<>=]", line)[0] for line in requirements(name)}


def imported(*folders: str) -> set[str]:
    """Return the packages, other than ours and Python's own, that the modules of some folders import anywhere."""
    sources = [path.read_text(encoding="utf-8") for folder in folders for path in (ROOT / folder).rglob("*.py")]
    imports = re.compile(r"^\s*(?:import|from(?= [\w.]+ import )) ([a-zA-Z_]\w*)", re.MULTILINE)
    modules = {name for text in sources for name in imports.findall(text)}
    return {PACKAGES.get(name, name).replace("_", "-") for name in modules - OURS - sys.stdlib_module_names}


RUN, ENCODERS, OCR, MCP, BENCH, TRAIN = (
    packages(f"requirements-{part}.txt") for part in ("run", "encoders", "ocr", "mcp", "bench", "train")
)


def test_requirements_txt_names_every_package_as_its_part_does() -> None:
    whole = requirements("requirements.txt")
    assert "torch==2.13.0" in whole and len(set(whole)) == len(whole)
    for part in ("run", "encoders", "mcp", "bench"):
        assert set(requirements(f"requirements-{part}.txt")) <= set(whole), part
    assert imported(*OURS) - {"rapidocr", "pillow-heif"} - TRAIN <= packages("requirements.txt")


def test_running_needs_what_the_program_imports_and_no_more() -> None:
    assert imported("corpus", "index", "qa") | WITHOUT_IMPORT == RUN | ENCODERS - {"torch"} | OCR | MCP


def test_the_rest_is_for_training_benchmarks_and_tests() -> None:
    assert imported("training", "benchmarks") <= RUN | ENCODERS | BENCH | TRAIN
    for_tests = packages("requirements.txt") - RUN - ENCODERS - MCP - BENCH
    assert for_tests == {"pytest", "pytest-xdist", "axe-playwright-python", "cyclonedx-bom", "openpyxl"}
    assert not for_tests & imported("corpus", "index", "qa", "training", "benchmarks")


def test_the_lock_file_has_each_package_that_running_needs_within_its_bounds() -> None:
    """And a hash for every version, of every package they need in turn."""
    lines = (ROOT / "requirements-run.lock").read_text(encoding="utf-8").replace("\\\n", "").splitlines()
    locked = [line for line in lines if not line.startswith("#")]
    assert all(re.match(r"[\w.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line) for line in locked)
    versions = {canonicalize_name(name): version for name, version in (line.split()[0].split("==") for line in locked)}
    for wanted in map(Requirement, requirements("requirements-run.txt")):
        assert versions[canonicalize_name(wanted.name)] in wanted.specifier


def test_the_wheel_depends_on_what_running_needs() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    dynamic = settings["tool"]["setuptools"]["dynamic"]
    assert dynamic["dependencies"]["file"] == ["requirements-run.txt"]
    assert set(dynamic["optional-dependencies"]) == {"encoders", "ocr", "mcp", "train", "bench", "dev"}
    for extra in dynamic["optional-dependencies"].values():
        assert all((ROOT / name).is_file() for name in extra["file"])


@pytest.mark.parametrize(
    ("script", "files", "module"),
    [
        ("start", "requirements-run.txt", "qa chat --open"),
        ("test", "requirements-encoders.txt requirements.txt requirements-ocr.txt", "pytest"),
    ],
)
def test_both_systems_install_and_run_the_same(script: str, files: str, module: str) -> None:
    for name in (f"{script}.sh", f"{script}.bat"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert re.search(rf" install\.py {re.escape(files)}(?:$| \|\|)", text, re.MULTILINE), name
        assert f" -m {module} " in text, name
    assert shutil.which("sh") is None or subprocess.run(["sh", "-n", f"{script}.sh"], cwd=ROOT, check=False).returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="test.sh is for Linux and macOS; Windows has test.bat")
def test_arguments_of_the_test_command_reach_pytest() -> None:
    environment = {**os.environ, "VIRTUAL_ENV": sys.prefix}
    done = subprocess.run(["sh", "test.sh", "--version"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert re.search(r"^pytest 9\.", done.stdout + done.stderr, re.MULTILINE)


def wheel(folder: Path, version: str) -> None:
    """Write the smallest package there is: one module, `tiny`."""
    info = f"tiny-{version}.dist-info"
    with zipfile.ZipFile(folder / f"tiny-{version}-py3-none-any.whl", "w") as file:
        file.writestr("tiny.py", f"VERSION = {version!r}\n")
        file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n")
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: us\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{info}/RECORD", "")


def test_an_office_without_a_network_installs_from_its_wheels(tmp_path: Path) -> None:
    """The environment is made, filled from `wheels/` alone, left alone, and filled again when the requirements change."""
    shutil.copy(ROOT / "install.py", tmp_path)
    (tmp_path / "wheels").mkdir()
    wheel(tmp_path / "wheels", "1.0")
    wanted = tmp_path / "requirements-run.txt"
    wanted.write_text("tiny==1.0\n", encoding="utf-8")
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PIP_QUIET")} | nowhere
    command = [sys.executable, "install.py", "requirements-run.txt"]
    python = tmp_path / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def install() -> str:
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    def installed() -> str:
        program = [str(python), "-c", "import tiny; print(tiny.VERSION)"]
        return subprocess.run(program, capture_output=True, text=True, check=True).stdout.strip()

    assert "Successfully installed tiny-1.0" in install()
    assert installed() == "1.0"
    assert install() == ""
    wheel(tmp_path / "wheels", "2.0")
    wanted.write_text("tiny==2.0\n", encoding="utf-8")
    assert "Successfully installed tiny-2.0" in install()
    assert installed() == "2.0"
    wanted.write_text("tiny==3.0\n", encoding="utf-8")
    for _ in range(2):  # a failure is not taken for done
        failed = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert failed.returncode != 0 and "tiny==3.0" in failed.stderr


def test_every_file_of_the_program_is_packaged() -> None:
    """Each folder is a package, with or without modules, and of each package every file is taken."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    assert settings["packages"]["find"] == {"include": ["corpus*", "index*", "qa*"], "exclude": ["*__pycache__*"]}
    assert settings["package-data"] == {"*": ["*"]}
    for package in ("corpus", "index", "qa"):
        assert (ROOT / package / "py.typed").is_file(), package
        for path in (ROOT / package).rglob("*"):
            folders = path.relative_to(ROOT).parent.parts
            assert all(folder.isidentifier() for folder in folders), f"{path}: setuptools takes its folder for no package"
            assert not path.name.startswith("."), f"{path}: a pattern leaves it out"
