"""`python -m benchmarks.tagging`: items a second and core beside the peers, by length and by number of names."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.generated import Generator
from benchmarks.ours import PACKS
from benchmarks.tagging.names import names, pack_of
from benchmarks.tagging.parts import best, parts
from benchmarks.tagging.peers import PEERS
from ceasewire import bundled
from ceasewire.admission import admit
from ceasewire.config.feeds import Feed
from ceasewire.engine import build_engine
from ceasewire.items import Item
from producers.documents import Document, Parsed
from producers.reading import read

PROJECT = Path(__file__).resolve().parents[2]
PEER_PYTHON = PROJECT / ".peers" / "bin" / "python"
COUNTS = (2_000, 20_000)
LENGTHS = (3_000, 160)
GOAL, PEER_GOALS = 1_500, {"spaCy EntityRuler": 10.0, "re, one search a name": 5.0}
START = datetime(2026, 1, 1, tzinfo=UTC)
_LOADED = """
import psutil, resource, time
bare = psutil.Process().memory_info().rss
began = time.perf_counter()
from ceasewire import bundled
from ceasewire.engine import build_engine
build_engine(bundled.packs(["ukraine_russia"]), bundled.rules(), ())
print(time.perf_counter() - began, (psutil.Process().memory_info().rss - bare) / 1e6)
"""


def items(length: int, count: int) -> list[Item]:
    """Items in four languages, every second one about the talks: they cost the most."""
    found: list[Item] = []
    generator = Generator(length, 0.5, START, timedelta(seconds=20))
    for language, body in generator.documents(count // 25, 25):
        parsed = read(Document(body=body, url="https://bench.example/", limit=2000))
        assert isinstance(parsed, Parsed)
        feed = Feed(id="bench", url="https://bench.example/feed", outlet="Bench", language=language)
        found += admit(feed, parsed.entries, None, START).items
    return found


def peer(name: str, texts: list[str], listed: list[str]) -> float | None:
    """Seconds a text of a peer; None where its environment is not there."""
    if not PEER_PYTHON.exists():
        return None
    script = Path(__file__).with_name("peers.py")
    asked = json.dumps({"peer": name, "texts": texts, "names": listed})
    done = subprocess.run([str(PEER_PYTHON), str(script)], input=asked, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout))


def main() -> None:
    """Prints a table for each length, the parts, and what a loaded pack costs."""
    packs = bundled.packs(PACKS)
    shipped = build_engine(packs, bundled.rules(), ())
    for length in LENGTHS:
        given = items(length, 200)
        texts = [f"{item.title}\n{item.text}" for item in given]
        print(f"\nTagging, {length} characters, half of the items about the talks: items a second and core")
        whole = 1 / best(shipped.tag, given)
        print(f"{'ours, all packs and rules as shipped':<40}{whole:>10,.0f}{_goal(length, whole)}")
        rates = {}
        for count in COUNTS:
            listed = names(count)
            flat = build_engine((pack_of(listed),), (), ())
            rates[count] = 1 / best(flat.tag, given)
            print(f"{f'ours, {count:,} names':<40}{rates[count]:>10,.0f}{_goal(length, rates[count])}")
            for name in PEERS:
                slow = name.startswith("re") or count > COUNTS[0]
                seconds = peer(name, texts[: 40 if slow else 200], listed)
                if seconds is None:
                    print(f"{f'{name} + langdetect, {count:,} names':<40}   NOT RUN: make .peers")
                    continue
                times = rates[count] * seconds
                goal = PEER_GOALS.get(name)
                met = f"   goal {goal:.0f}x: {'met' if times >= goal else 'MISSED'}" if goal else ""
                print(f"{f'{name} + langdetect, {count:,} names':<40}{1 / seconds:>10,.0f}   ours {times:.1f}x{met}")
        share = rates[COUNTS[1]] / rates[COUNTS[0]]
        print(f"{'20,000 names beside 2,000':<40}{share:>10.2f}   goal 0.50: {'met' if share >= 0.5 else 'MISSED'}")
        print(f"\nWhere it goes, {length} characters: ms an item")
        for part, seconds in parts(shipped, packs, given).items():
            print(f"{part:<40}{1000 * seconds:>10.3f}")
    done = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True, cwd=PROJECT)
    load, grown = map(float, done.stdout.split())
    print(
        f"\n{'loading packs, rules, language model':<40}{load:>10.2f} s   goal 2 s: {'met' if load < 2 else 'MISSED'}"
    )
    print(f"{'memory of it':<40}{grown:>10.0f} MB   goal 150 MB: {'met' if grown < 150 else 'MISSED'}")


def _goal(length: int, rate: float) -> str:
    return f"   goal {GOAL:,}: {'met' if rate >= GOAL else 'MISSED'}" if length == LENGTHS[0] else ""


if __name__ == "__main__":
    main()
