"""Tells a person at the terminal what happens on the sample day: each arrival, each step, and all of it at the end."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ceasewire.alerts import WORDS, Delivery, Reason, State
from ceasewire.delays import delays
from ceasewire.places import country, language
from ceasewire.views import FeedView
from embedded.demo.outcome import Outcome
from embedded.demo.receiver import Arrival
from embedded.demo.sample import SampleDay
from process.places import Places


class Naming(Protocol):
    """Names of pack ids."""

    def issue(self, id: str) -> str:
        """Name of an issue."""


_STATES = {"ok": "green", "quiet": "green", "empty": "yellow", "new": "yellow", "waiting": "yellow", "failing": "red"}


def tell_arrival(console: Console, arrival: Arrival) -> None:
    """One post as the receiver took it: a webhook in full, a Slack post in one line."""
    at = f"[dim]{arrival.at.astimezone():%H:%M:%S}[/]"
    if arrival.channel == "slack":
        line = Text.from_markup(f"{at}  [magenta]slack  [/]  ").append(_headline(arrival.body))
        console.print(line, no_wrap=True, overflow="ellipsis", soft_wrap=False)
        return
    if not arrival.signed:
        console.print(f"{at}  [cyan]webhook[/]  [red]refused: wrong signature[/]")
        return
    told = arrival.body["data"]
    item, sentence = told["item"], told["sentence"]
    console.print(f"{at}  [cyan]webhook[/]  [bold]{escape(told['rule']['name'])}[/]  [dim]signature right[/]")
    lines = [Text(item["title"], style="bold")]
    marked = Text("“" + sentence["text"] + "”")
    for start, end in sentence["words"]:
        marked.stylize("bold yellow", start + 1, end + 1)
    if sentence["text"] != item["title"]:
        lines.append(marked)
    else:
        lines[0].stylize("not bold")
        for start, end in sentence["words"]:
            lines[0].stylize("bold yellow", start, end)
    kind = "STATE MEDIA" if item["kind"] == "state media" else item["kind"]
    where = ", ".join(part for part in (kind, country(item["country"])) if part)
    age = (
        "published " + _span(datetime.fromisoformat(item["published"]), arrival.at) + " ago"
        if item["published"]
        else "no date in the feed"
    )
    issues = ", ".join(issue["name"] for issue in told["issues"])
    lines += [
        Text(f"{item['outlet']} ({where}) · {language(item['language'])} · {age}", style="dim"),
        Text(f"issues: {issues}", style="dim"),
    ]
    for line in lines:
        _indented(console, line, 10)


def tell_step(console: Console, day: SampleDay, step: int) -> None:
    """One line on what appears in the feeds at a step of the day."""
    new = Counter(feed.outlet for feed, entry in day.entries() if entry.step == step)
    edited = [entry for _, entry in day.entries() for edit in entry.edits if edit.step == step]
    verbs = ("entry appears", "entries appear") if step else ("entry is there", "entries are there")
    words = _count(sum(new.values()), *verbs) + f" in {_count(len(new), 'feed', 'feeds')}"
    words += "" if step else " when they are first read"
    if edited:
        words += ", " + _count(len(edited), "is edited", "are edited")
    repaired = [feed.outlet for feed in day.feeds if feed.fails_before == step]
    if step and repaired:
        words += f", {', '.join(repaired)} is repaired"
    console.print(f"[dim]step {step + 1} of {day.steps}: {escape(words)}[/]")


def tell_end(console: Console, outcome: Outcome, names: Naming, seconds: float, past: int) -> None:
    """What came in, was tagged, went out, was held and why, and how the feeds are."""
    console.print(f"\n[bold underline]The sample day is over[/] [dim]after {seconds:.0f} s[/]")
    _tell_intake(console, outcome, past)
    _tell_tags(console, outcome, names)
    _tell_alerts(console, outcome)
    _tell_held(console, outcome)
    _tell_feeds(console, outcome.feeds)


def tell_where(console: Console, outcome: Outcome, address: str, places: Places, command: str) -> None:
    """Where a person finds the day now, and what to try in another terminal."""
    there = f"{command} --config {places.config} --data {places.data}"
    console.print("\n[bold]Where to look[/]")
    console.print(f"  the desk: [bold]{address}[/]")
    console.print("  in another terminal:")
    console.print(f"    {there} search 'issue:prisoner_exchange lang:uk'", markup=False)
    for view in outcome.alerts[-1:]:
        console.print(f"    {there} why {view.alert.item}", markup=False)


def _tell_intake(console: Console, outcome: Outcome, past: int) -> None:
    came = outcome.came_in
    edited = sum(len(one.way.versions) > 1 for one in came if one.way)
    tongues = ", ".join(f"{language(code)} {count}" for code, count in outcome.languages.most_common())
    feeds = len({one.feed.feed for one in came})
    console.print(f"\n[bold]Came in[/]: {len(came)} entries of {feeds} feeds, {edited} of them edited later")
    console.print(f"  {tongues}")
    if past:
        console.print(
            f"  before them {past} items of 30 earlier days, imported: they fill the charts and raise no alert"
        )


def _tell_tags(console: Console, outcome: Outcome, names: Naming) -> None:
    tagged = [one.way.tagged for one in outcome.came_in if one.way]
    main = sum(one.relevance == "main" for one in tagged)
    console.print(f"\n[bold]Tagged[/]: {main} entries are about negotiations, {len(tagged) - main} are not")
    issues = outcome.issues.most_common(12)
    console.print("  " + ", ".join(f"{names.issue(issue)} {count}" for issue, count in issues))


def _tell_alerts(console: Console, outcome: Outcome) -> None:
    posts = Counter(delivery.state for delivery in outcome.deliveries)
    counted = ", ".join(f"{_count(count, 'post', 'posts')} {state}" for state, count in posts.items()) or "no posts"
    rules = ", ".join(dict.fromkeys(view.alert.rule for view in outcome.alerts))
    channels = " and ".join(dict.fromkeys(delivery.channel for delivery in outcome.deliveries))
    console.print(f"\n[bold]Alerts[/]: {len(outcome.alerts)} went out: {counted}")
    if not outcome.alerts:
        return
    console.print(f"  rule {rules}, to {channels} and the desk")
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for title in ("since published", "our share"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("")
    for view in outcome.alerts:
        item = view.tagged.item
        done = max((at for delivery in view.deliveries if (at := _delivered(delivery))), default=None)
        headline = Text(item.title).append(f"  {item.source.outlet}", style="dim")
        table.add_row(_span(item.published, done), _span(item.seen, done), headline)
    _indented(console, table, 2)
    console.print("  [dim]until the last channel had it; our share: from our fetch on[/]")
    if took := delays(outcome.deliveries).words:
        console.print(f"  all posts: {took}")


def _tell_held(console: Console, outcome: Outcome) -> None:
    held = outcome.held
    console.print(f"\n[bold]Held[/]: {sum(map(len, held.values()))}, each for a reason, such as")
    for reason, titles in sorted(held.items(), key=lambda pair: len(pair[1])):
        console.print(f"  {len(titles):>4}  {WORDS[Reason(reason)]}")
        _indented(console, Text(f"“{titles[-1]}”", style="dim"), 8)


def _tell_feeds(console: Console, views: Sequence[FeedView]) -> None:
    states = Counter(view.state.health for view in views)
    told = ", ".join(f"[{_STATES[health]}]{count} {health}[/]" for health, count in states.most_common())
    console.print(f"\n[bold]Feeds[/]: {told}")
    for view in views:
        if view.state.health in ("failing", "waiting"):
            console.print(f"  [red]{escape(view.source.outlet)}[/]: {escape(view.state.detail or view.state.reason)}")


def _delivered(delivery: Delivery) -> datetime | None:
    return delivery.due if delivery.state == State.DELIVERED else None


def _span(start: datetime | None, end: datetime | None) -> str:
    if start is None or end is None:
        return "–"
    seconds = (end - start).total_seconds()
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds / 60:.0f} min"


def _headline(body: Any) -> str:
    """What a Slack post says: its headline and outlet, then what the desk calls it."""
    text = str(body.get("text", "")) if isinstance(body, dict) else ""
    return " ".join(text.split()) or "(no text)"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _indented(console: Console, what: RenderableType, columns: int) -> None:
    console.print(Padding(what, (0, 0, 0, columns), expand=False), soft_wrap=False)
