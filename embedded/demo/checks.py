"""Holds the outcome of the sample day against what the day says must come of it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ceasewire.alerts import Action, State
from ceasewire.grammar import parse
from ceasewire.identity import item_id
from ceasewire.views import Ask
from embedded.demo.documents import guid
from embedded.demo.outcome import Fared, Outcome
from embedded.demo.receiver import Arrival
from embedded.demo.sample import SampleDay
from embedded.demo.server import FeedServer
from embedded.demo.staging import RULE
from embedded.search import SqliteSearch
from embedded.store import Store

CONFLICT = "ukraine_russia"
FORMS = (
    ("полонених", "kalyna_visnyk", "home_again", "a Ukrainian noun in another case form"),
    ("електростанція", "pahorb_radio", "nuclear_line", "another, in the nominative"),
    ("пленный", "stepnoy_listok", "exchange_lists", "a Russian noun in another case form"),
    ("prisoner", "north_wire", "prisoners_border", "an English noun in the singular"),
)
"""Searches in another form of a word than the text has: the word, the entry that must be found, what is shown."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    faults: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether all is as it must be."""
        return not self.faults


async def check_day(
    server: FeedServer, arrivals: Sequence[Arrival], outcome: Outcome, past: int, store: Store
) -> list[Check]:
    """Every check, in the order that they are told; `past` is the number of earlier items that were imported."""
    checks = [
        Check(name, tuple(faults))
        for name, faults in (
            ("every entry of the feeds came in, once", _came_in(outcome, past)),
            ("languages are recognised", _languages(outcome)),
            ("issues are tagged", _issues(outcome)),
            ("other wars, sports and trade are not taken for this conflict", _conflicts(outcome)),
            (f"the rule {RULE} came to what it must for each entry", _fates(outcome)),
            ("each alert reached each channel once, signed rightly", _deliveries(outcome, arrivals)),
            ("nothing of the earlier days raised an alert", _past(outcome)),
            ("copies are one story, other entries are not", _stories(outcome)),
            ("what is not about negotiations is in no story, and rules that are off are not asked", _gathered(outcome)),
            ("edited entries keep their earlier text", _versions(outcome)),
            ("the unchanging feed was answered 304", _unchanged(server)),
            ("the failing feed says why, the repaired one is well", _feeds(server.day, outcome)),
        )
    ]
    search = SqliteSearch(store)
    for word, feed, key, name in FORMS:
        found = await search.search(Ask(node=parse(word), limit=100))
        wanted = next(_id(one) for one in outcome.fared if (one.feed.feed, one.entry.key) == (feed, key))
        hit = any(hit.tagged.item.id == wanted for hit in found.hits)
        checks.append(Check(f"search finds {name}", () if hit else (f'"{word}" does not find {feed}/{key}',)))
    return checks


def _came_in(outcome: Outcome, past: int) -> Iterator[str]:
    wanted = past + len(outcome.fared)
    if outcome.stored != wanted:
        yield f"{outcome.stored} items are stored, not {wanted}"
    for one in outcome.fared:
        if one.way is None:
            yield f"{_name(one)} is missing"
        elif one.way.tagged.item.title != one.entry.title:
            yield f'{_name(one)} has the title "{one.way.tagged.item.title}"'
        elif not (one.way.tagged.item.url or "").endswith(f"/read/{_name(one)}"):
            yield f"{_name(one)} has the address {one.way.tagged.item.url}"


def _languages(outcome: Outcome) -> Iterator[str]:
    for one in outcome.fared:
        if one.way and one.way.tagged.language != one.feed.language:
            yield f"{_name(one)} is {one.feed.language}, not {one.way.tagged.language}"


def _issues(outcome: Outcome) -> Iterator[str]:
    for one in outcome.fared:
        if one.way:
            missing = set(one.entry.issues) - set(one.way.tagged.issues)
            wrong = set(one.entry.not_issues) & set(one.way.tagged.issues)
            if missing or wrong:
                words = [f"lacks {issue}" for issue in sorted(missing)] + [f"has {issue}" for issue in sorted(wrong)]
                yield f"{_name(one)} {', '.join(words)}"


def _conflicts(outcome: Outcome) -> Iterator[str]:
    for one in outcome.fared:
        found = one.way.tagged.conflict if one.way else None
        if one.way and one.entry.conflict is not None and one.entry.conflict != (found == CONFLICT):
            yield f"{_name(one)} is taken for {found or 'none'}"


def _fates(outcome: Outcome) -> Iterator[str]:
    for one in outcome.fared:
        if one.way:
            fate = _fate(one)
            if fate != one.entry.rule:
                yield f"{_name(one)} came to {fate}, not to {one.entry.rule}"


def _fate(one: Fared) -> str:
    verdict = next((verdict for verdict in one.way.verdicts if verdict.rule == RULE), None) if one.way else None
    if verdict is None or not verdict.met or verdict.decision is None:
        return "nothing"
    if verdict.decision.action == Action.HOLD:
        return str(verdict.decision.reason)
    return "sent" if verdict.decision.reason == "first" else str(verdict.decision.reason)


def _deliveries(outcome: Outcome, arrivals: Sequence[Arrival]) -> Iterator[str]:
    for arrival in arrivals:
        if not arrival.signed:
            yield f"the post {arrival.id} is not signed rightly"
    expected = {_id(one) for one in outcome.fared if one.entry.rule == "sent"}
    raised = Counter(view.alert.item for view in outcome.alerts)
    for item in expected | set(raised):
        if raised[item] != (item in expected):
            title = next((view.tagged.item.title for view in outcome.alerts if view.alert.item == item), item)
            yield f'{raised[item]} alerts, not {int(item in expected)}, for "{title}"'
    for view in outcome.alerts:
        states = sorted((delivery.kind, delivery.state) for delivery in view.deliveries)
        if states != [("slack", State.DELIVERED), ("webhook", State.DELIVERED)]:
            yield f'"{view.tagged.item.title}" stands at {states}'
    ids = Counter(arrival.id for arrival in arrivals if arrival.channel == "webhook")
    wanted = Counter(delivery.id for delivery in outcome.deliveries if delivery.kind == "webhook")
    if ids != wanted:
        yield f"webhooks arrived {sum(ids.values())} times ({len(ids)} ids), {len(wanted)} deliveries are noted"
    slack = sum(arrival.channel == "slack" for arrival in arrivals)
    if slack != len(outcome.alerts):
        yield f"Slack was posted to {slack} times for {len(outcome.alerts)} alerts"


def _past(outcome: Outcome) -> Iterator[str]:
    day = {_id(one) for one in outcome.fared}
    for view in outcome.alerts:
        if view.alert.item not in day:
            yield f'"{view.tagged.item.title}" raised an alert'


def _stories(outcome: Outcome) -> Iterator[str]:
    told: dict[str, set[str]] = {}
    for one in outcome.fared:
        if one.way and one.entry.story and not one.way.story:
            yield f"{_name(one)} is in no story"
        if one.way and one.way.story:
            told.setdefault(one.way.story.id, set()).add(one.entry.story or _name(one))
    for words in told.values():
        if len(words) > 1:
            yield f"one story holds {', '.join(sorted(words))}"
    split = Counter(word for words in told.values() for word in words)
    for word, count in split.items():
        if count > 1:
            yield f"{word} is {count} stories"


def _gathered(outcome: Outcome) -> Iterator[str]:
    for one in outcome.fared:
        if one.way:
            off = [hit.rule for hit in one.way.tagged.rules if hit.rule != RULE]
            if off:
                yield f"{_name(one)} meets {', '.join(off)}"
            if one.way.story and not one.way.tagged.gathered:
                yield f"{_name(one)} is in a story"


def _versions(outcome: Outcome) -> Iterator[str]:
    for one in outcome.fared:
        if one.way:
            wanted = 1 + len(one.entry.edits)
            if len(one.way.versions) != wanted:
                yield f"{_name(one)} has {len(one.way.versions)} versions, not {wanted}"


def _unchanged(server: FeedServer) -> Iterator[str]:
    answers = {status: count for (feed, status), count in server.answers.items() if feed == "lake_institute"}
    if answers.get(200) != 1 or not answers.get(304):
        yield f"lake_institute was answered {answers}"


def _feeds(day: SampleDay, outcome: Outcome) -> Iterator[str]:
    views = {view.source.feed: view.state for view in outcome.feeds}
    for feed in day.feeds:
        state = views[feed.feed]
        if feed.fails_before >= day.steps:
            if state.health not in ("failing", "waiting") or "500" not in state.detail:
                yield f'{feed.feed} is {state.health}: "{state.detail}"'
        elif state.health not in ("ok", "quiet"):
            yield f'{feed.feed} is {state.health}: "{state.detail}"'


def _id(one: Fared) -> str:
    return item_id(one.feed.feed, guid(one.feed.feed, one.entry.key))


def _name(one: Fared) -> str:
    return f"{one.feed.feed}/{one.entry.key}"
