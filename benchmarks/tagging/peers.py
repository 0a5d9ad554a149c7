"""The peers, run by a Python of their own (`.peers`): reads {"texts", "names", "peer"}, prints seconds for each text.

A peer does what the tag stage is for: the language of a text, and which of the names stand in it.
"""

import json
import re
import sys
from collections.abc import Callable
from time import process_time
from typing import Any

import langdetect

Found = Callable[[str], Any]


def entity_ruler(names: list[str]) -> Found:
    """spaCy's EntityRuler over a blank pipeline, which ignores case by LOWER."""
    import spacy  # noqa: PLC0415 - only this peer needs it

    nlp = spacy.blank("xx")
    nlp.max_length = 10_000_000
    ruler = nlp.add_pipe("entity_ruler", config={"phrase_matcher_attr": "LOWER"})
    ruler.add_patterns([{"label": "NAME", "pattern": name} for name in names])
    return lambda text: {entity.text for entity in nlp(text).ents}


def keyword_processor(names: list[str]) -> Found:
    """flashtext's KeywordProcessor, which ignores case."""
    from flashtext import KeywordProcessor  # noqa: PLC0415

    processor = KeywordProcessor()
    for name in names:
        processor.add_keyword(name)
    return lambda text: set(processor.extract_keywords(text))


def searches(names: list[str]) -> Found:
    """One compiled pattern and one search for each name."""
    patterns = [re.compile(rf"\b{re.escape(name)}\b", re.IGNORECASE) for name in names]
    return lambda text: {pattern.pattern for pattern in patterns if pattern.search(text)}


PEERS = {"spaCy EntityRuler": entity_ruler, "flashtext": keyword_processor, "re, one search a name": searches}


def main() -> None:
    """Times one peer over the texts, the first of them twice so that nothing is made for the first time."""
    asked = json.load(sys.stdin)
    find = PEERS[asked["peer"]](asked["names"])
    find(asked["texts"][0])
    langdetect.detect(asked["texts"][0])
    began = process_time()
    for text in asked["texts"]:
        langdetect.detect(text)
        find(text)
    json.dump((process_time() - began) / len(asked["texts"]), sys.stdout)


if __name__ == "__main__":
    main()
