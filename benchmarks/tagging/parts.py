"""Where the time of tagging goes: each part by itself over the same items."""

from collections.abc import Callable, Sequence
from time import process_time
from typing import Any

from ceasewire.engine import Engine
from ceasewire.items import Item
from ceasewire.tagging.matching import Matcher
from ceasewire.tagging.vocabulary import build_vocabulary
from ceasewire.text.folding import fold
from ceasewire.text.language import LanguageReader
from ceasewire.text.noise import find_noise
from ceasewire.text.sentences import sentences

_ROUNDS = 5


def best(call: Callable[[Any], object], given: Sequence[Any]) -> float:
    """Seconds of processor time for each, the best of five rounds: others use the machine too."""
    rounds = []
    for _ in range(_ROUNDS):
        began = process_time()
        for one in given:
            call(one)
        rounds.append(process_time() - began)
    return min(rounds) / len(given)


def parts(engine: Engine, packs: Sequence[Any], items: Sequence[Item]) -> dict[str, float]:
    """Seconds an item by part; "the rest" is the whole less the parts: names, issues, judging, rules, building."""
    matcher = Matcher(build_vocabulary(packs).compiler.terms)
    reader = LanguageReader()
    folded = [(fold(item.title), fold(item.text)) for item in items]
    found = {
        "language": best(lambda item: reader.read(item.title, item.text, None), items),
        "folding": best(lambda item: (fold(item.title), fold(item.text)), items),
        "the one scan": best(lambda pair: (matcher.find(pair[0]), matcher.find(pair[1])), folded),
        "sentences": best(lambda item: sentences(item.text), items),
        "noise": best(
            lambda pair: find_noise(pair[0].title, pair[0].text, pair[1][1].text), list(zip(items, folded, strict=True))
        ),
    }
    whole = best(engine.tag, items)
    return found | {"the rest": max(whole - sum(found.values()), 0.0), "all": whole}
