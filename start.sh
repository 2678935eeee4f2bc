#!/bin/sh
# Set everything up (once), then open the page. Options are passed on: sh start.sh --library FOLDER --port 7861
set -eu
cd "$(dirname "$0")"
if [ -z "${VIRTUAL_ENV:-}" ]; then
    if [ ! -x .venv/bin/python ]; then
        python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
            echo "Jingyan needs Python 3.11 or later / 需要 Python 3.11 或更高版本" >&2
            exit 1
        }
        python3 -m venv .venv
    fi
    VIRTUAL_ENV=$PWD/.venv
fi
installed=$VIRTUAL_ENV/jingyan-requirements.txt
if ! cmp -s requirements.txt "$installed"; then
    if [ -d wheels ]; then  # an office without a network: see README.md
        "$VIRTUAL_ENV/bin/python" -m pip install --no-index --find-links wheels -r requirements.txt
    else
        "$VIRTUAL_ENV/bin/python" -m pip install -r requirements.txt
    fi
    cp requirements.txt "$installed"
fi
exec "$VIRTUAL_ENV/bin/python" -m qa chat --open "$@"
