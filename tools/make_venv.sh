#!/bin/sh
# Make a virtual environment with the first Python that is new enough. Usage: make_venv.sh DIRECTORY
set -eu

for python in ${PYTHON:-} python3.11 python3.12 python3.13 python3.14 python3 python; do
    command -v "$python" >/dev/null 2>&1 || continue
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "$python cannot make environments (Debian and Ubuntu: install python3-venv)." >&2
        continue
    fi
    "$python" -m venv --clear "$1"
    exit 0
done
echo "Python 3.11 or newer is needed, with its venv module; none was found on this machine." >&2
exit 1
