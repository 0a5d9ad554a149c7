#!/bin/sh
# Prints a Python that is new enough (3.11), or nothing; with --explain says in one line what to do.
for name in python3.13 python3.12 python3.11 python3.14 python3 python; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        [ "$1" = --explain ] || echo "$name"
        exit 0
    fi
done
[ "$1" = --explain ] || exit 0
found=$(python3 -c 'import platform; print(platform.python_version())' 2>/dev/null || echo none)
echo "Ceasewire needs Python 3.11 or newer (found: $found). Install it (Debian, Ubuntu: apt-get install python3 python3-venv; macOS: brew install python), or name one: make run PYTHON=/path/to/python3" >&2
exit 1
