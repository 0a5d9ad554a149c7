"""A made-up news day for the desk: many languages, hostile titles, an edited item, failing feeds."""

from datetime import UTC, datetime, timedelta

from ceasewire.alerts import Action, Alert, Attempt, Decision, Delivery, Reason, State
from ceasewire.items import Item, Kind, Mention, MentionKind, Relevance, RuleHit, Source, Span, Tagged
from ceasewire.polling import FeedState, Health
from ceasewire.stories import Story
from ceasewire.views import FeedView

NOW = datetime(2026, 11, 21, 15, 42, 10, tzinfo=UTC)
HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)> talks "quoted" & more'


def source(feed: str, outlet: str, kind: Kind = "outlet", country: str | None = None, language: str = "en") -> Source:
    return Source(feed=feed, outlet=outlet, kind=kind, country=country, language=language)


WIRE = source("north_wire", "North Wire", "agency", "GB")
HERALD = source("harbour_herald", "Harbour Herald", "outlet", "US")
DNIPRO = source("dnipro_today", "Дніпро сьогодні", "outlet", "UA", "uk")
STATE = source("state_bulletin", "State Bulletin", "state media", "RU", "ru")
MINISTRY = source("ministry_readouts", "Ministry Readouts", "institution", "UA", "uk")
ABEND = source("abendpost", "Abendpost", "outlet", "DE", "de")
COURRIER = source("courrier_du_lac", "Courrier du Lac", "outlet", "CH", "fr")
PUERTO = source("el_puerto", "El Puerto", "outlet", "ES", "es")
WISLA = source("wisla_dziennik", "Dziennik Wiślany", "outlet", "PL", "pl")
ODD = source("odd_blog", "Odd Blog <b>&", "outlet", None)

Found = tuple[MentionKind, str, str]


def tagged(
    key: str,
    by: Source,
    minutes: float,
    title: str,
    text: str = "",
    *found: Found,
    language: str | None = None,
    relevance: Relevance = "main",
    url: str | None = "",
    rev: int = 1,
    dated: bool = True,
    baseline: bool = False,
    rules: tuple[str, ...] = (),
) -> Tagged:
    at = NOW - timedelta(minutes=minutes)
    seen = at + timedelta(seconds=74)
    mentions = []
    for kind, id, words in found:
        for field, body in (("title", title), ("text", text)):
            start = body.find(words)
            if start >= 0:
                mentions.append(
                    Mention(
                        kind=kind,
                        id=id,
                        field="title" if field == "title" else "text",
                        start=start,
                        end=start + len(words),
                        pattern=f"ukraine_russia/{id}#1",
                    )
                )
    item = Item(
        id=f"i_{key}",
        rev=int(seen.timestamp() * 1000) + rev,
        fingerprint=f"f{key}{rev}",
        source=by,
        url=f"https://{by.feed.replace('_', '-')}.example/{key}" if url == "" else url,
        title=title,
        text=text,
        published=at if dated else None,
        at=at,
        seen=seen,
        first_seen=seen,
        baseline=baseline,
    )
    hits = tuple(
        RuleHit(
            rule=rule,
            sentence=Span("title", 0, len(title)),
            words=tuple(Span("title", m.start, m.end) for m in mentions if m.field == "title" and m.kind == "issue"),
        )
        for rule in rules
    )
    return Tagged(
        item=item,
        edition=3,
        language=language or by.language or "und",
        relevance=relevance,
        conflict="ukraine_russia" if relevance != "none" else None,
        issues=tuple(dict.fromkeys(m.id for m in mentions if m.kind == "issue")),
        actors=tuple(dict.fromkeys(m.id for m in mentions if m.kind == "actor")),
        mentions=tuple(mentions),
        rules=hits,
    )


CEASEFIRE: Found = ("issue", "ceasefire", "ceasefire")
LEAD = "Envoys agree on a 30-day ceasefire draft at lakeside talks"
BODY = (
    "GENEVA - Envoys of Ukraine and Russia left the hotel by the lake after nine hours with a shared paper on a "
    "30-day ceasefire, two people in the room said. The paper leaves open who would watch the line of contact. "
    "Kyiv wants security guarantees before any pause begins; the Kremlin said that it had not yet seen the text. "
    "A further round is planned for Tuesday, and an exchange of prisoners could come before it."
)
FOUND: tuple[Found, ...] = (
    CEASEFIRE,
    ("actor", "ukraine", "Ukraine"),
    ("actor", "russia", "Russia"),
    ("actor", "kremlin", "Kremlin"),
    ("issue", "security_guarantees", "security guarantees"),
    ("issue", "prisoner_exchange", "exchange of prisoners"),
    ("place", "geneva", "GENEVA"),
)
EARLIER = (
    "GENEVA - Envoys of Ukraine and Russia left the hotel by the lake after nine hours without a shared paper, "
    "two people in the room said. A further round is planned for Tuesday."
)

ITEMS: tuple[Tagged, ...] = (
    tagged("wire1", WIRE, 12, LEAD, BODY, *FOUND, rules=("ceasefire",), rev=2),
    tagged("herald1", HERALD, 9, LEAD, BODY, *FOUND, rules=("ceasefire",)),
    tagged("abend1", ABEND, 4, "Unterhändler einigen sich auf Entwurf für 30-tägige Waffenruhe",
        "Die Delegationen der Ukraine und Russlands haben am See einen gemeinsamen Entwurf verabredet. Über die "
        "Überwachung der Waffenruhe wird am Dienstag weiter gesprochen.",
        ("issue", "ceasefire", "Waffenruhe"), ("actor", "ukraine", "Ukraine"), ("actor", "russia", "Russlands"),
        ("issue", "verification_monitoring", "Überwachung der Waffenruhe"), rules=("ceasefire",)),
    tagged("dnipro1", DNIPRO, 31, "Зеленський: перемир’я неможливе без гарантій безпеки",
        "Президент заявив, що Україна готова говорити про перемир’я лише тоді, коли партнери письмово підтвердять "
        "гарантії безпеки. Він також нагадав про обмін полоненими.",
        ("actor", "zelensky", "Зеленський"), ("issue", "ceasefire", "перемир’я"),
        ("issue", "security_guarantees", "гарантій безпеки"), ("issue", "prisoner_exchange", "обмін полоненими"),
        ("actor", "ukraine", "Україна"), rules=("ceasefire",)),
    tagged("state1", STATE, 48, "В Кремле заявили, что текста о прекращении огня пока не видели",
        "Официальный представитель сказал журналистам, что Москва изучит документ, когда получит его, и что вопрос "
        "о территориях остаётся главным.",
        ("actor", "kremlin", "Кремле"), ("issue", "ceasefire", "прекращении огня"), ("actor", "russia", "Москва"),
        ("issue", "territory", "вопрос о территориях"), rules=("ceasefire",)),
    tagged("courrier1", COURRIER, 65, "Avoirs gelés : Bruxelles cherche une garantie pour la Belgique",
        "La Commission propose un mécanisme commun afin que les avoirs russes gelés servent à la reconstruction.",
        ("issue", "frozen_assets", "Avoirs gelés"), ("actor", "european_commission", "Commission"),
        ("issue", "reconstruction", "reconstruction")),
    tagged("puerto1", PUERTO, 92, "España ofrece tropas para una misión de verificación tras un alto el fuego",
        "Madrid condiciona el envío a un mandato de Naciones Unidas y a un acuerdo firmado por Kiev y Moscú.",
        ("issue", "ceasefire", "alto el fuego"), ("issue", "peacekeepers", "misión de verificación"),
        ("actor", "united_nations", "Naciones Unidas"), rules=("ceasefire",)),
    tagged("wisla1", WISLA, 118, "Warszawa: rozejm nie może oznaczać uznania okupacji",
        "Minister spraw zagranicznych powiedział, że Polska poprze rozejm tylko bez ustępstw terytorialnych.",
        ("issue", "ceasefire", "rozejm"), ("issue", "territory", "ustępstw terytorialnych"),
        ("actor", "poland", "Polska"), rules=("ceasefire",)),
    tagged("ministry1", MINISTRY, 150, "Readout: call between the foreign ministers",
        "The ministers discussed guarantees, the return of abducted children and the date of the next meeting.",
        ("issue", "abducted_children", "abducted children"), ("issue", "security_guarantees", "guarantees"),
        language="en", dated=False),
    tagged("odd1", ODD, 171, HOSTILE,
        '"><svg/onload=alert(2)> ceasefire {{7*7}} ${7*7} <iframe src=javascript:alert(3)>',
        CEASEFIRE, url="javascript:alert(4)"),
    tagged("odd2", ODD, 180, "", "No title, and a ceasefire only in the text.", CEASEFIRE),
    tagged("cup1", HERALD, 200, "Harbour Rovers reach the cup final after a late truce on pay",
        "The strike at the club ended hours before kick-off.", relevance="none"),
    tagged("other1", WIRE, 230, "Ceasefire elsewhere: island factions sign a paper",
        "The two factions of the island signed after a week of talks.", CEASEFIRE, relevance="none",
        rules=("ceasefire_anywhere",)),
    tagged("herald0", HERALD, 1500, "Prisoner swap frees 150 on each side, families say",
        "It is the largest exchange of prisoners of the year. Ukraine and Russia confirmed it within the hour.",
        ("issue", "prisoner_exchange", "exchange of prisoners"), ("actor", "ukraine", "Ukraine"),
        ("actor", "russia", "Russia"), baseline=True),
    tagged("wire0", WIRE, 1620, "Nuclear watchdog asks for a quiet zone round the plant",
        "Inspectors counted two blackouts in a week. A local ceasefire would let crews mend the line.",
        ("issue", "nuclear_safety", "quiet zone round the plant"), CEASEFIRE),
)  # fmt: skip
FIRST_VERSION = Item(
    id="i_wire1", rev=1, fingerprint="f0", source=WIRE, url=ITEMS[0].item.url, title="Envoys leave lakeside talks",
    text=EARLIER, published=NOW - timedelta(minutes=12), at=NOW - timedelta(minutes=12),
    seen=NOW - timedelta(minutes=11), first_seen=NOW - timedelta(minutes=11),
)  # fmt: skip

STORY = Story(
    id="i_wire1", title=LEAD, first=NOW - timedelta(minutes=12), last=NOW - timedelta(minutes=4),
    items=("i_wire1", "i_herald1", "i_abend1"), outlets=("North Wire", "Harbour Herald", "Abendpost"),
    languages=("en", "de"), conflicts=("ukraine_russia",),
    issues=("ceasefire", "security_guarantees", "prisoner_exchange", "verification_monitoring"),
    actors=("ukraine", "russia", "kremlin"), causes=("ceasefire|first",), copies={"ceasefire": 2},
)  # fmt: skip
STORIES: tuple[Story, ...] = (
    STORY,
    *(
        Story(
            id=one.item.id, title=one.item.title, first=one.item.at, last=one.item.at, items=(one.item.id,),
            outlets=(one.item.source.outlet,), languages=(one.language,), issues=one.issues, actors=one.actors,
            conflicts=("ukraine_russia",), causes=("ceasefire|first",) if one.rules else (),
        )
        for one in ITEMS
        if one.relevance == "main" and one.item.id not in STORY.items
    ),
)  # fmt: skip


def alert(one: Tagged, rule: str = "ceasefire", channels: tuple[str, ...] = ("newsroom", "watch_room")) -> Alert:
    hit = next(hit for hit in one.rules if hit.rule == rule)
    return Alert(
        id=f"a_{one.item.id[2:]}", rule=rule, story=one.item.id, conflict="ukraine_russia", item=one.item.id,
        rev=one.item.rev, hit=hit, channels=channels, at=one.item.seen + timedelta(seconds=1),
    )  # fmt: skip


ALERTS: tuple[Alert, ...] = tuple(
    alert(one) for one in ITEMS if "ceasefire" in {hit.rule for hit in one.rules} and one.item.id not in STORY.items[1:]
)


def _attempt(minutes: float, outcome: str, status: int | None, detail: str = "") -> Attempt:
    return Attempt(at=NOW - timedelta(minutes=minutes), outcome=outcome, status=status, seconds=0.31, detail=detail)


_TRIED: dict[State, tuple[tuple[Attempt, ...], timedelta]] = {
    State.DELIVERED: ((_attempt(10, "delivered", 200),), timedelta(minutes=-10)),
    State.RETRY: (
        (_attempt(9, "timeout", None), _attempt(4, "server_error", 503, "<b>upstream</b> is away")),
        timedelta(minutes=6),
    ),
    State.PENDING: ((), timedelta(seconds=-1)),
    State.SENDING: ((), timedelta(seconds=-2)),
    State.SUSPENDED: ((_attempt(40, "gone", 410, "Gone"),), timedelta(minutes=-40)),
    State.EXPIRED: ((_attempt(70, "refused", None),), timedelta(minutes=-60)),
}


def delivery(of: Alert, channel: str, state: State) -> Delivery:
    attempts, due = _TRIED[state]
    return Delivery(
        id=f"msg_{of.id[2:]}_{channel}", alert=of.id, channel=channel, kind="slack" if "room" in channel else "webhook",
        state=state, created=of.at, due=NOW + due, body='{"type":"alert.created"}', seen=of.at,
        tries=len(attempts), attempts=attempts,
    )  # fmt: skip


DELIVERIES: tuple[Delivery, ...] = tuple(
    delivery(of, channel, state)
    for (of, channel), state in zip(
        ((of, channel) for of in ALERTS for channel in of.channels),
        (*_TRIED, *[State.DELIVERED] * 99),
        strict=False,
    )
)  # fmt: skip


def _decision(one: Tagged, action: Action, reason: Reason, alert: str | None, rule: str = "ceasefire") -> Decision:
    story = STORY.id if one.item.id in STORY.items else one.item.id
    return Decision(
        item=one.item.id, rev=one.item.rev, rule=rule, story=story, action=action, reason=reason,
        at=one.item.seen + timedelta(seconds=1), alert=alert,
    )  # fmt: skip


DECISIONS: tuple[Decision, ...] = (
    *(_decision(one, Action.HOLD, Reason.SAME_STORY, "a_wire1") for one in ITEMS if one.item.id in STORY.items[1:]),
    *(_decision(one, Action.SEND, Reason.FIRST, f"a_{one.item.id[2:]}")
      for one in ITEMS if any(alert.item == one.item.id for alert in ALERTS)),
    _decision(ITEMS[12], Action.HOLD, Reason.MUTED, None, "ceasefire_anywhere"),
    _decision(ITEMS[13], Action.HOLD, Reason.BASELINE, None),
    _decision(ITEMS[14], Action.HOLD, Reason.TOO_OLD, None),
)  # fmt: skip


def feed(by: Source, health: Health, week: float, reason: str = "", detail: str = "", failures: int = 0) -> FeedView:
    read = health not in ("new", "failing")
    state = FeedState(
        feed=by.feed, health=health, reason=reason, detail=detail, failures=failures,
        first_poll=NOW - timedelta(days=9) if health != "new" else None,
        last_poll=NOW - timedelta(minutes=3) if health != "new" else None,
        last_success=NOW - timedelta(minutes=3) if read else (NOW - timedelta(hours=7) if failures < 50 else None),
        next_poll=NOW + timedelta(minutes=2 if read else 24), title=by.outlet,
    )  # fmt: skip
    address = f"https://{by.feed.replace('_', '-')}.example/feed.xml"
    return FeedView(source=by, address=address, enabled=by is not PUERTO, state=state, items_a_week=week)


FEEDS: tuple[FeedView, ...] = (
    feed(WIRE, "ok", 412.4),
    feed(HERALD, "ok", 188),
    feed(DNIPRO, "ok", 233.1),
    feed(STATE, "failing", 96, "not_xml", "It answers with a web page instead of a feed.", 12),
    feed(MINISTRY, "quiet", 0.4, "no_new", "Nothing new for 9 days; it usually brings 3 a week."),
    feed(ABEND, "ok", 140),
    feed(COURRIER, "waiting", 61, "retry_after", "It asked us to come back in 20 min (429).", 1),
    feed(PUERTO, "ok", 77),
    feed(WISLA, "new", 0),
    feed(ODD, "empty", 3, "no_entries", "A valid feed without entries."),
)
