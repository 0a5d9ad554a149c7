"""What the tests of a new index share: how it is asked for, and what stands in it."""

from collections.abc import Callable
from typing import Any

import msgspec

from ceasewire.alerts import Action, Alert, Decision, Delivery, Reason
from ceasewire.codec import encode
from ceasewire.config.settings import Settings
from ceasewire.crossings import Judgement
from ceasewire.items import RuleHit, Span
from ceasewire.stories import Story
from cluster.reindex.building import Outcome, Tagging, Wish, reindex
from indexers.templates import Kind, alias, index_name
from tests.cluster.indexes import World, asked
from tests.store.making import NOON, make_state, make_tagged

SAME = "0" * 32
"""What the first edition of these tests is made of."""
STEPS = ("-v2: made", "has was taken over", "rows of the indexed topics", "leads to", "came meanwhile")
"""In what is told: after each of these something is changed."""


def run(world: World, tagging: Tagging, wish: Wish, tell: Callable[[str], None] = lambda _: None) -> Outcome:
    settings = Settings(kafka=world.kafka, elasticsearch=world.index)
    return reindex(settings, tagging, wish, tell)


def leads_to(world: World, kind: Kind) -> list[str]:
    """The indices behind the alias."""
    return sorted(asked(f"{world.index.url}/_alias/{alias(world.index.prefix, kind)}"))


def name_of(world: World, kind: Kind, version: int) -> str:
    return index_name(world.index.prefix, kind, version)


def all_of(world: World, index: str) -> dict[str, tuple[int, Any]]:
    """The documents of an index: version and source by id."""
    url = f"{world.index.url}/{index}"
    asked(f"{url}/_refresh", method="POST")
    hits = asked(f"{url}/_search?size=10000&version=true", {"query": {"match_all": {}}}, "POST")["hits"]["hits"]
    return {one["_id"]: (one["_version"], one["_source"]) for one in hits}


def put_one_of_each(world: World) -> None:
    tagged = make_tagged(1, "Truce talks", "They spoke of a truce.", relevance="main", issues=("truce",))
    item, hit = tagged.item, RuleHit(rule="ceasefire", sentence=Span("title", 0, 9), words=(Span("title", 0, 5),))
    story = Story(id=item.id, title="Truce talks", first=NOON, last=NOON, items=(item.id,), version=4)
    alert = Alert(id="a_1", rule="ceasefire", story=story.id, item=item.id, rev=1, hit=hit, at=NOON, channels=("team",))
    decision = Decision(
        item=item.id, rev=1, rule="ceasefire", story=story.id, action=Action.SEND, reason=Reason.FIRST, at=NOON
    )
    delivery = Delivery(id="msg_1", alert="a_1", channel="team", kind="webhook", created=NOON, due=NOON, body="{}")
    edited = msgspec.structs.replace(tagged, item=msgspec.structs.replace(item, rev=5, title="Truce talks, again"))
    world.put_tagged([tagged, edited])
    world.put("stories", [(story.id, encode(story))])
    world.put("alerts", [("a_1", encode(Judgement(alert=alert, tagged=tagged)))])
    world.put("alerts", [("d_1", encode(Judgement(decision=decision, title="Truce talks")))])
    world.put("deliveries", [("msg_1", encode(delivery))])
    world.put("feeds", [("wire", encode(make_state("wire", last_poll=NOON, recent=(NOON,))))])
