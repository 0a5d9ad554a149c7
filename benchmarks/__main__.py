"""`python -m benchmarks`: speed, then memory."""

from benchmarks import memory, pipeline
from benchmarks.tagging import __main__ as tagging

if __name__ == "__main__":
    tagging.main()
    pipeline.main()
    memory.main()
