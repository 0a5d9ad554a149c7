"""Prints the file for an import by hand: `python -m cluster.dashboard [PREFIX]`."""

import sys

from cluster.dashboard import ndjson

if __name__ == "__main__":
    sys.stdout.write(ndjson(sys.argv[1] if len(sys.argv) > 1 else "ceasewire"))
