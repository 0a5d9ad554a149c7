"""The process that reads pages and what robots.txt says of them."""

import sys
from importlib import import_module

from producers.child_serving import run


def main() -> None:
    """Serves requests until there are no more."""
    # trafilatura takes it where it is there, and with it numpy: neither is needed here, and both are large
    sys.modules["py3langid"] = None  # type: ignore[assignment]
    run(import_module("producers.pages.extracting").answer_frame)


if __name__ == "__main__":
    main()
