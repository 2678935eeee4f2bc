#!/bin/sh
# Install what running needs (once), then open the page. Options are passed on: sh start.sh --library FOLDER --port 7861
set -eu
cd "$(dirname "$0")"
environment=${VIRTUAL_ENV:-$PWD/.venv}
python=$environment/bin/python
[ -x "$python" ] || python=python3
"$python" install.py requirements-run.txt
exec "$environment/bin/python" -m qa chat --open "$@"
