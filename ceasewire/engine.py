"""Packs, rules and channels put together: what tags items and decides about alerts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import msgspec

from ceasewire.config.channels import Channel
from ceasewire.config.rules import Rule
from ceasewire.errors import ConfigurationError
from ceasewire.garbage import uncollected
from ceasewire.items import Item, Tagged
from ceasewire.pack.load import Pack
from ceasewire.pack.names import Names
from ceasewire.tagging.examples import check_examples
from ceasewire.tagging.tagger import Tagger, build_tagger
from ceasewire.tagging.vocabulary import Vocabulary, build_vocabulary


@dataclass(frozen=True)
class Engine:
    """One edition of everything that judges items; replaced as a whole when the configuration changes."""

    tagger: Tagger
    rules: Mapping[str, Rule]
    names: Names
    channels: Mapping[str, Channel]
    edition: int

    def tag(self, item: Item) -> Tagged:
        """The item with its tags, and the enabled rules that it meets: one that is off brings nothing into a story."""
        tagged = self.tagger.tag(item)
        met = tuple(hit for hit in tagged.rules if hit.rule in self.rules and self.rules[hit.rule].enabled)
        return tagged if met == tagged.rules else msgspec.structs.replace(tagged, rules=met)


@dataclass
class _Read:
    """What packs alone give, which takes most of the time: a change of rules needs none of it again."""

    vocabulary: Vocabulary
    passed: bool = False
    """Whether the packs passed their own examples."""


@lru_cache(maxsize=2)
def _read(packs: tuple[Pack, ...]) -> _Read:
    return _Read(build_vocabulary(packs))


@uncollected()
def build_engine(packs: Sequence[Pack], rules: Iterable[Rule], channels: Iterable[Channel], edition: int = 1) -> Engine:
    """The engine of these packs, rules and channels; loads the language model at first (0.7 s).

    Raises ConfigurationError where packs name actors or places that none of them has, or fail their own examples.
    """
    by_id = {rule.id: rule for rule in rules}
    read = _read(tuple(packs))
    tagger = build_tagger(packs, {id: rule.node for id, rule in by_id.items()}, edition, read.vocabulary)
    faults = [] if read.passed else check_examples(packs, tagger)
    if faults:
        raise ConfigurationError(faults)
    read.passed = True
    return Engine(tagger, by_id, Names(packs), {channel.id: channel for channel in channels}, edition)
