#!/usr/bin/env bash
# Makes the virtual environment in the folder $1 if there is none, and installs the requirements for development.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1

fail() {
    echo "make: $*" >&2
    exit 1
}

find_python() {
    local name
    for name in python3 python3.14 python3.13 python3.12 python3.11 python; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    fail "Python 3.11 or newer is needed; found only: $(python3 --version 2>&1 || true)"
}

if ! "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    "$python" -c 'import venv, ensurepip' 2>/dev/null ||
        fail "$python can't make virtual environments; install its venv module (on Debian: apt install python3-venv)."
    echo "Making $folder with $("$python" --version) ..."
    "$python" -m venv "$folder" || fail "$folder could not be made; remove it and try again."
fi
"$folder/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$folder has a Python older than 3.11; remove it and try again."
echo "Installing requirements into $folder ..."
"$folder/bin/python" -m pip install --quiet --quiet --disable-pip-version-check --requirement dev/requirements_development.txt ||
    fail "the requirements could not be installed; see above."
