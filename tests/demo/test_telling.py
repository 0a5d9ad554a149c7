"""What the terminal says: each arrival readable, and at the end what came in, went out, was held, and where to look."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console

from ceasewire.alerts import Action, Alert, Decision, Delivery, Reason, State
from ceasewire.config.channels import Channel
from ceasewire.config.settings import AlertSettings
from ceasewire.items import Item, RuleHit, Source, Span, Tagged
from ceasewire.polling import FeedState
from ceasewire.stories import Story
from ceasewire.views import AlertView, FeedView
from embedded.demo.outcome import Outcome
from embedded.demo.receiver import Arrival
from embedded.demo.sample import read_day
from embedded.demo.staging import sample_places
from embedded.demo.telling import tell_arrival, tell_end, tell_step, tell_where
from streams.notify.wording import word

_AT = datetime(2025, 3, 4, 9, 0, tzinfo=UTC)
_SEEN = _AT + timedelta(minutes=3)
_TEXT = "Both sides [agree] on a ceasefire from midnight."
_SOURCE = Source(feed="rupor", outlet="Sample State TV", kind="state media", country="RU", language="en")
_ITEM = Item(
    id="i_1", rev=1, fingerprint="f", source=_SOURCE, title="Talks end [draft]", text=_TEXT, published=_AT, at=_AT,
    seen=_SEEN, first_seen=_SEEN,
)  # fmt: skip
_HIT = RuleHit(rule="ceasefire", sentence=Span("text", 0, len(_TEXT)), words=(Span("text", 24, 33),))
_TAGGED = Tagged(item=_ITEM, edition=1, language="en", relevance="main", issues=("ceasefire",), rules=(_HIT,))
_ALERT = Alert(id="a_1", rule="ceasefire", story="i_1", item="i_1", rev=1, hit=_HIT, at=_AT)
_STORY = Story(id="i_1", title=_ITEM.title, first=_AT, last=_AT, items=("i_1",))


class _Names:
    """Names that can be told from ids."""

    def issue(self, id: str) -> str:
        return id.title()

    actor = conflict = issue


class _Rule:
    id = "ceasefire"
    name = "Ceasefire talk"


def _console() -> tuple[Console, StringIO]:
    file = StringIO()
    return Console(file=file, width=160, no_color=True, highlight=False), file


def _body(kind: str) -> Any:
    channel = Channel.model_validate(
        {
            "id": "c",
            "kind": kind,
            "url": "http://127.0.0.1/x",
            **({"secret": "whsec_AAAA"} if kind == "webhook" else {}),
        }
    )
    text = word(_ALERT, _TAGGED, _STORY, _Rule(), channel, _Names(), AlertSettings(), None)
    return msgspec.json.decode(text)


def test_a_webhook_is_told_in_full() -> None:
    console, file = _console()
    tell_arrival(console, Arrival(channel="webhook", at=_SEEN, id="msg_1", signed=True, body=_body("webhook")))
    told = file.getvalue()
    for part in (
        "Ceasefire talk",
        "signature right",
        "Talks end [draft]",
        _TEXT,
        "STATE MEDIA",
        "English",
        "3 min ago",
    ):
        assert part in told, told


def test_slack_is_told_in_a_line_and_a_forged_post_as_refused() -> None:
    console, file = _console()
    tell_arrival(console, Arrival(channel="slack", at=_AT, id=None, signed=True, body=_body("slack")))
    assert file.getvalue().count("\n") == 1
    assert "Talks end [draft]" in file.getvalue()
    tell_arrival(console, Arrival(channel="webhook", at=_AT, id="msg_1", signed=False, body=None))
    assert "refused" in file.getvalue()


def test_a_slack_line_begins_with_the_headline_whatever_it_holds() -> None:
    body = {"text": "Mediator: both sides: ready to talk (Sample Wire): Ceasefire talk · Nordland", "blocks": []}
    console, file = _console()
    tell_arrival(console, Arrival(channel="slack", at=_AT, id=None, signed=True, body=body))
    assert "slack    Mediator: both sides: ready to talk (Sample Wire)" in file.getvalue()


def test_each_step_is_told() -> None:
    console, file = _console()
    for step in range(read_day().steps):
        tell_step(console, read_day(), step)
    told = file.getvalue()
    assert "step 1 of 12" in told
    assert "1 is edited" in told
    assert "Pine County Gazette is repaired" in told


def test_the_end_tells_everything() -> None:
    delivery = Delivery(
        id="msg_1", alert="a_1", channel="c", kind="webhook", state=State.DELIVERED, created=_AT,
        due=_AT + timedelta(minutes=3, seconds=2), body="{}",
        published=_AT, seen=_SEEN,
    )  # fmt: skip
    held = Decision(
        item="i_2", rev=1, rule="ceasefire", story="i_1", action=Action.HOLD, reason=Reason.SAME_STORY, at=_AT
    )
    failing = FeedState(feed="gable", health="failing", reason="server_error", detail="the server answers 500")
    outcome = Outcome(
        fared=(),
        alerts=(AlertView(alert=_ALERT, tagged=_TAGGED, decisions=(), deliveries=(delivery,)),),
        decisions=((held, "A copy"),),
        feeds=[FeedView(source=_SOURCE, address="http://x", enabled=True, state=failing, items_a_week=0)],
        stored=1,
    )
    console, file = _console()
    tell_end(console, outcome, _Names(), 61.0, 900)
    tell_where(console, outcome, "http://127.0.0.1:1", sample_places(Path("data")), "ceasewire")
    told = file.getvalue()
    for part in (
        "after 61 s", "900 items of 30 earlier days", "1 went out: 1 post delivered", _ITEM.title, "2.0 s", "3 min",
        "another copy of a story that was already sent", "“A copy”", "the server answers 500", "http://127.0.0.1:1",
        "--data data/sample why i_1", "from publication p50 3 min 2 s, p95 3 min 2 s", "our own share p50 2.0 s",
    ):  # fmt: skip
        assert part in told, (part, told)
