"""`python -m benchmarks`: speed, then memory."""

from benchmarks import memory, pipeline

if __name__ == "__main__":
    pipeline.main()
    memory.main()
