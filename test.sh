#!/bin/sh
# Install everything (once), then run the tests. Arguments are passed on to pytest: sh test.sh tests/corpus -k numerals
set -eu
cd "$(dirname "$0")"
environment=${VIRTUAL_ENV:-$PWD/.venv}
python=$environment/bin/python
[ -x "$python" ] || python=python3
"$python" install.py requirements-encoders.txt requirements.txt requirements-ocr.txt
exec "$environment/bin/python" -m pytest "$@"
