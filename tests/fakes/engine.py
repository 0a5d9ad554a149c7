"""An engine whose tagger looks for a few plain words, for tests that are not about tagging."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from msgspec.structs import replace

from ceasewire.config.channels import Channel
from ceasewire.config.rules import Rule
from ceasewire.items import Item, RuleHit, Span, Tagged


class WordTagger:
    """Items with "talks" are about negotiations, those with "ceasefire" meet the rule; "broken" breaks it."""

    def tag(self, item: Item) -> Tagged:
        title = item.title.lower()
        if "broken tagger" in title:
            raise ValueError("as the test wants it")
        hits = (RuleHit(rule="ceasefire", sentence=Span("title", 0, len(item.title))),) if "ceasefire" in title else ()
        main = "talks" in title or bool(hits)
        return Tagged(
            item=item,
            edition=1,
            language="en",
            relevance="main" if main else "none",
            issues=("ceasefire",) if hits else (),
            rules=hits,
        )


def make_rule() -> Rule:
    """The rule that WordTagger finds met; it goes to the channel `team`, the desk, and one that is gone."""
    return Rule(id="ceasefire", name="Ceasefire", query="ceasefire", max_age="24 h", channels=("team", "desk", "gone"))


def make_channel() -> Channel:
    """A webhook named `team`."""
    secret = "whsec_" + "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="
    return Channel(id="team", kind="webhook", url="http://127.0.0.1:9/hook", secret=secret)


@dataclass(frozen=True)
class WordEngine:
    """Stands in for ceasewire.engine.Engine."""

    tagger: WordTagger = field(default_factory=WordTagger)
    rules: Mapping[str, Rule] = field(default_factory=lambda: {"ceasefire": make_rule()})
    channels: Mapping[str, Channel] = field(default_factory=lambda: {"team": make_channel()})
    edition: int = 1

    def tag(self, item: Item) -> Tagged:
        """The item with the enabled rules that it meets."""
        tagged = self.tagger.tag(item)
        met = tuple(hit for hit in tagged.rules if hit.rule in self.rules and self.rules[hit.rule].enabled)
        return replace(tagged, rules=met)
