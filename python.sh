#!/bin/sh
# --install KIND [PYTHON]: makes the environment with that Python, or the first that is new enough (3.11); where there
# is none, says in one line what to do. Without a word it prints the Python that would be taken.
fits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
found=
if [ -n "$3" ]; then
    if ! fits "$3"; then
        echo "PYTHON=$3 is no Python 3.11 or newer: leave it out, or name another: make run PYTHON=/path/to/python3" >&2
        exit 1
    fi
    found=$3
else
    for name in python3.13 python3.12 python3.11 python3.14 python3 python; do
        if fits "$name"; then
            found=$name
            break
        fi
    done
fi
if [ "$1" != --install ]; then
    echo "$found"
    exit 0
fi
if [ -z "$found" ]; then
    old=$(python3 -c 'import platform; print(platform.python_version())' 2>/dev/null || echo none)
    echo "Ceasewire needs Python 3.11 or newer (found: $old). Install it (Debian, Ubuntu: apt-get install python3 python3-venv; macOS: brew install python), or name one: make run PYTHON=/path/to/python3" >&2
    exit 1
fi
exec "$found" install.py "$2"
