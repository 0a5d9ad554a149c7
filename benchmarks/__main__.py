"""`python -m benchmarks`: speed, then memory, in a process of its own: what the naive pipeline compiled is not ours."""

import subprocess
import sys

from benchmarks import pipeline
from benchmarks.tagging import __main__ as tagging

if __name__ == "__main__":
    tagging.main()
    pipeline.main()
    sys.exit(subprocess.run([sys.executable, "-m", "benchmarks.memory"], check=False).returncode)
