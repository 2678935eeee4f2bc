"""Install requirement files into a virtual environment: the active one, or .venv, which is made where it is missing.

    python3 install.py requirements-run.txt

start.sh and test.sh, start.bat and test.bat begin with this. The environment keeps a copy of each file it installed, so that
nothing is installed again before the file changes. With a folder `wheels` beside this file, packages come from that folder alone,
without a network (docs/offline.md). No syntax here is newer than Python 3.6: an old Python must be able to say it is too old.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
OLDEST_PYTHON = (3, 11)


def main(requirement_files: "list[str]") -> int:
    """Install each file that is not installed yet; return the exit code."""
    if sys.version_info < OLDEST_PYTHON:
        print("Jingyan needs Python 3.11 or later / 需要 Python 3.11 或更高版本", file=sys.stderr)
        return 1
    environment = Path(os.environ.get("VIRTUAL_ENV") or ROOT / ".venv")
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    try:
        if not python.exists():
            create_environment(environment)
        for name in requirement_files:
            install(ROOT / name, python, installed=environment / ("jingyan-" + name))
    except subprocess.CalledProcessError as error:  # pip or venv has said why
        return error.returncode
    return 0


def create_environment(environment: Path) -> None:
    """Make a virtual environment, or leave nothing behind: a half-made one would be taken for whole by the next call."""
    try:
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    except subprocess.CalledProcessError:
        shutil.rmtree(str(environment), ignore_errors=True)
        raise


def install(requirements: Path, python: Path, *, installed: Path) -> None:
    """Install a file of requirements unless `installed`, the copy kept in the environment, equals it."""
    if installed.exists() and installed.read_bytes() == requirements.read_bytes():
        return
    wheels = ROOT / "wheels"
    source = ["--no-index", "--find-links", str(wheels)] if wheels.is_dir() else []
    subprocess.run([str(python), "-m", "pip", "install", *source, "-r", str(requirements)], check=True)
    shutil.copyfile(str(requirements), str(installed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
