"""Lists of names of any length, and packs that look for them."""

import random
from collections.abc import Sequence

from benchmarks.aliases import aliases
from ceasewire.pack.load import Pack, load_pack

_SYLLABLES = ("ba", "ko", "ri", "len", "mos", "tar", "vel", "dun", "gra", "shi", "pol", "nik", "zor", "hem", "kas")


def names(count: int) -> list[str]:
    """So many different names: the words of the bundled packs first, then names that are made up."""
    found = dict.fromkeys(name for name in aliases() if len(name) > 1)
    rng = random.Random(7)
    while len(found) < count:
        first, last = ("".join(rng.choices(_SYLLABLES, k=rng.randint(2, 3))).title() for _ in range(2))
        found.setdefault(f"{first} {last}")
    return list(found)[:count]


def pack_of(listed: Sequence[str]) -> Pack:
    """A pack with an actor for each name, and nothing else."""
    actors = ["actors:"]
    for number, name in enumerate(listed):
        actors.append(
            f"  - {{id: name_{number}, name: N, type: person, names: {{any: ['{name.replace(chr(39), '’')}']}}}}"
        )
    head = "id: names\nname: Names\nversion: 1\n"
    return load_pack({"names/pack.yml": head, "names/actors.yml": "\n".join(actors)})
