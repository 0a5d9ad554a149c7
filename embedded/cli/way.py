"""The whole way of an item, in words."""

from collections.abc import Iterator

from rich.text import Text

from ceasewire.alerts import WORDS, Action, Delivery, State
from ceasewire.delays import show_gap
from ceasewire.deliveries import OUTCOMES
from ceasewire.items import HEADLINE_UNSUPPORTED, Mention, Span, Tagged
from ceasewire.pages import EXTENTS, page_of, page_words
from ceasewire.views import Verdict, Way
from embedded.cli.moments import show_moment
from embedded.cli.output import out

_ACTIONS = {Action.SEND: "sent", Action.UPDATE: "sent as an update", Action.HOLD: "held"}
_RELEVANCE = {
    "main": "is about negotiations",
    "passing": "mentions negotiations in passing",
    "none": "is not about negotiations",
}
_STATES = {
    State.PENDING: "waits to be sent",
    State.SENDING: "is being sent",
    State.DELIVERED: "was delivered",
    State.RETRY: "failed and will be tried again",
    State.SUSPENDED: "waits, because its channel is off, gone or refuses",
    State.EXPIRED: "was given up",
}


def show_way(way: Way) -> None:
    """Each step of the way with its facts."""
    out.print(Text(way.tagged.item.title, style="bold"))
    for name, lines in (
        ("polled", _polled(way)),
        ("admitted", _admitted(way)),
        ("tagged", _tagged(way.tagged)),
        ("story", _story(way)),
        ("rules", _rules(way)),
        ("sent", _sent(way)),
        ("put aside", way.dead),
    ):
        for place, line in enumerate(lines):
            out.print(Text.assemble((f"{name if place == 0 else '':<10}", "bold cyan"), line))


def _polled(way: Way) -> Iterator[str]:
    item, feed = way.tagged.item, way.feed
    yield f"from the feed {item.source.feed} ({item.source.outlet}, {item.source.kind})"
    if feed is None:
        yield "the store remembers no poll of this feed (it came by an import, or the feed was renamed)"
        return
    words = feed.detail or feed.reason or feed.health
    yield f"the feed was last polled {show_moment(feed.last_poll)}: {words}"


def _admitted(way: Way) -> Iterator[str]:
    item = way.tagged.item
    yield f"as {item.id}, {item.url or 'without an address'}"
    published = show_moment(item.published) if item.published else "no date in the feed"
    gap = ""
    if item.published and item.first_seen >= item.published:
        gap = f" ({show_gap((item.first_seen - item.published).total_seconds())} later)"
    yield f"published {published}, first seen {show_moment(item.first_seen)}{gap}"
    if item.baseline:
        yield "it was there before we read the feed for the first time, or was imported: it raises no alert"
    for before, after in zip(way.versions[1:], way.versions, strict=False):
        changed = "title" if before.title != after.title else "text"
        if after.extent == "page" and before.extent == "summary":
            yield f"the linked page was read {show_moment(after.seen)}"
        else:
            yield f"its {changed} was changed, as seen {show_moment(after.seen)}"
    page = page_of(way.feed, item.id)
    yield f"text: {EXTENTS[item.extent]}" + (f"; the page: {page_words(page)}" if page else "")


def _tagged(tagged: Tagged) -> Iterator[str]:
    conflict = f", conflict {tagged.conflict}" if tagged.conflict else ""
    yield f"language {tagged.language}; the item {_RELEVANCE[tagged.relevance]}{conflict}"
    for kind, ids in (("issue", tagged.issues), ("actor", tagged.actors)):
        for value in ids:
            found = [mention for mention in tagged.mentions if (mention.kind, mention.id) == (kind, value)]
            yield f"{kind} {value}: {_words(tagged, found)}" if found else f"{kind} {value}"
    for mark in tagged.marks:
        yield f"mark {mark}" + (f": {', '.join(tagged.unsupported)}" if mark == HEADLINE_UNSUPPORTED else "")
    if not tagged.gathered:
        yield "it meets no rule and is not about negotiations, so it goes into no story"


def _words(tagged: Tagged, mentions: list[Mention]) -> str:
    shown = dict.fromkeys(_cite(tagged, Span(one.field, one.start, one.end)) for one in mentions)
    more = f" and {len(shown) - 4} more" if len(shown) > 4 else ""
    return ", ".join(list(shown)[:4]) + more


def _cite(tagged: Tagged, span: Span) -> str:
    text = tagged.item.title if span.field == "title" else tagged.item.text
    return f'"{" ".join(text[span.start : span.end].split())}"'


def _story(way: Way) -> Iterator[str]:
    if way.story is None:
        yield "none"
        return
    story = way.story
    yield f"{story.id}: {_count(len(story.items), 'item')} of {_count(len(story.outlets), 'outlet')}"
    if story.id != way.tagged.item.id:
        yield f'its first item: "{story.title}", {show_moment(story.first)}'


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _rules(way: Way) -> Iterator[str]:
    hits = {hit.rule: hit for hit in way.tagged.rules}
    if not way.verdicts:
        yield "it meets none of the rules"
    for verdict in way.verdicts:
        yield _verdict(verdict)
        hit = hits.get(verdict.rule)
        if hit:
            words = ", ".join(_cite(way.tagged, word) for word in hit.words)
            yield f"  the sentence {_cite(way.tagged, hit.sentence)}" + (f", for {words}" if words else "")


def _verdict(verdict: Verdict) -> str:
    if not verdict.met:
        return f"{verdict.rule}: not met"
    if verdict.decision is None:
        return f"{verdict.rule}: met, but nothing was decided: the rule was off, or there was none yet, when it came"
    decision = verdict.decision
    return (
        f"{verdict.rule}: met and {_ACTIONS[decision.action]} {show_moment(decision.at)}: {WORDS[decision.reason]}"
        f" ({decision.reason})"
    )


def _sent(way: Way) -> Iterator[str]:
    mine = {alert.id for alert in way.alerts if alert.item == way.tagged.item.id}
    if not way.alerts:
        yield "nothing"
    for alert in way.alerts:
        whose = "" if alert.id in mine else f", raised by {alert.item}"
        yield f"alert {alert.id} of the rule {alert.rule}, {show_moment(alert.at)}{whose}; on the desk"
    for delivery in way.deliveries:
        yield from _delivery(delivery)


def _delivery(delivery: Delivery) -> Iterator[str]:
    due = f", next {show_moment(delivery.due)}" if delivery.state in (State.PENDING, State.RETRY) else ""
    since = f" {show_moment(delivery.due)}" if delivery.state is State.DELIVERED else ""
    yield f"{delivery.channel}: {_STATES[delivery.state]}{since}{due} ({delivery.id}, tries: {delivery.tries})"
    for attempt in delivery.attempts:
        status = f", HTTP {attempt.status}" if attempt.status else ""
        detail = f": {attempt.detail}" if attempt.detail else ""
        yield (
            f"  {show_moment(attempt.at)} {OUTCOMES.get(attempt.outcome, attempt.outcome)}{status}"
            f", {show_gap(attempt.seconds)}{detail}"
        )
