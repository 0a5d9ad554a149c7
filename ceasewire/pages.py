"""The pages that entries link to: which of them are wanted, and what follows when one was read or could not be.

The state of a page is part of what is remembered of its entry, so it is stored in the same transaction: a page that
is wanted stays so over a crash, and its text and the note that it was read are stored together or not at all. The
entry's fingerprint and that of the page's text are kept apart, so that a further poll of the same entry changes
nothing.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from ceasewire.config.feeds import Feed
from ceasewire.identity import fingerprint, normal_text
from ceasewire.items import Item, Tagged
from ceasewire.polling import FeedState, PageState

LONG = 1_500
"""Characters of an entry's text from which on its page is not wanted: the feed carries the whole."""
OLDEST = timedelta(hours=48)
"""Pages of entries that were published (or first seen) longer ago are not wanted, and no longer tried."""
MOST_WANTED = 100
"""Pages of one feed that are wanted at once, the newest; each keeps its entry's text in the feed's state."""
LEAST_MORE = 80
"""Characters by which a page must tell more than its entry, about a sentence."""
_STEM = 5
"""First letters by which words are compared, so that endings make no difference."""
_REPEATED = 80
"""Characters of the feed's text by which it is known in the page."""
_FEWEST_WORDS, _SHARED = 4, 0.35
TRIES = 3
WAITS = (timedelta(minutes=2), timedelta(minutes=10))
"""Time before the second and the third try."""
MINUTE = timedelta(minutes=1)
WANTED = "wanted"


class PageOutcome(StrEnum):
    """What a try to read a page came to; also the metric label. `WORDS` says each in a sentence."""

    READ = "read"
    # The page is not for us.
    ROBOTS = "robots"
    PAYWALL = "paywall"
    LOGIN_WANTED = "login_wanted"
    FORBIDDEN = "forbidden"
    PRIVATE_ADDRESS = "private_address"
    # There is no text to be had.
    NOT_HTML = "not_html"
    SCRIPT_ONLY = "script_only"
    STUB = "stub"
    UNRELATED = "unrelated"
    TOO_LARGE = "too_large"
    TOO_HEAVY = "too_heavy"
    PARSER_FAILED = "parser_failed"
    BAD_COMPRESSION = "bad_compression"
    NOT_FOUND = "not_found"
    GONE = "gone"
    REFUSED = "refused"
    BAD_ADDRESS = "bad_address"
    BAD_REDIRECT = "bad_redirect"
    REDIRECT_LOOP = "redirect_loop"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    BAD_CERTIFICATE = "bad_certificate"
    # Not tried, or not to the end.
    TOO_OLD = "too_old"
    TOO_MANY = "too_many"
    # It may pass.
    ROBOTS_UNREACHED = "robots_unreached"
    NO_ADDRESS = "no_address"
    NO_CONNECTION = "no_connection"
    PROXY_FAILED = "proxy_failed"
    TOO_SLOW = "too_slow"
    CUT_OFF = "cut_off"
    ASKED_TO_WAIT = "asked_to_wait"
    SERVER_ERROR = "server_error"
    BAD_ANSWER = "bad_answer"
    OUR_FAULT = "our_fault"


WORDS: Mapping[PageOutcome, str] = {
    PageOutcome.READ: "read",
    PageOutcome.ROBOTS: "the site's robots.txt forbids it",
    PageOutcome.PAYWALL: "the page says that it is not for free",
    PageOutcome.LOGIN_WANTED: "the site wants a login",
    PageOutcome.FORBIDDEN: "the site refuses us",
    PageOutcome.PRIVATE_ADDRESS: "the address leads into a private network, where we do not go",
    PageOutcome.NOT_HTML: "it is no web page",
    PageOutcome.SCRIPT_ONLY: "no text is found in it; its scripts are not run",
    PageOutcome.STUB: "it holds hardly more text than the feed gives",
    PageOutcome.UNRELATED: "it tells of something else: a request for consent, a home page",
    PageOutcome.TOO_LARGE: "it is larger than 2 MB",
    PageOutcome.TOO_HEAVY: "reading it took more time or memory than one page may have",
    PageOutcome.PARSER_FAILED: "it made the reader fail",
    PageOutcome.BAD_COMPRESSION: "it is compressed in a way that cannot be read",
    PageOutcome.NOT_FOUND: "there is nothing at its address",
    PageOutcome.GONE: "the outlet has taken it down",
    PageOutcome.REFUSED: "the server did not accept the request",
    PageOutcome.BAD_ADDRESS: "its address is not one that can be requested",
    PageOutcome.BAD_REDIRECT: "the server sends us to an address that is not requested",
    PageOutcome.REDIRECT_LOOP: "the server sends us round in a circle",
    PageOutcome.TOO_MANY_REDIRECTS: "the server sends us on more than 5 times",
    PageOutcome.BAD_CERTIFICATE: "the server's certificate is not valid",
    PageOutcome.TOO_OLD: "two days went by before it could be read",
    PageOutcome.TOO_MANY: "the feed brought too many entries at once",
    PageOutcome.ROBOTS_UNREACHED: "the site's robots.txt could not be read",
    PageOutcome.NO_ADDRESS: "the name of its server is not known",
    PageOutcome.NO_CONNECTION: "its server could not be reached",
    PageOutcome.PROXY_FAILED: "the proxy did not let us through",
    PageOutcome.TOO_SLOW: "its server did not answer in full in time",
    PageOutcome.CUT_OFF: "the connection ended before the page did",
    PageOutcome.ASKED_TO_WAIT: "the server asks us to come back later",
    PageOutcome.SERVER_ERROR: "the server has a fault of its own",
    PageOutcome.BAD_ANSWER: "the server's answer is not valid HTTP",
    PageOutcome.OUR_FAULT: "a fault of this program, which is in the log",
}

EXTENTS: Mapping[str, str] = {"summary": "summary only", "page": "page"}
"""How much of a text an item has, in words."""

UNREACHED = frozenset(
    {PageOutcome.NO_ADDRESS, PageOutcome.NO_CONNECTION, PageOutcome.PROXY_FAILED, PageOutcome.TOO_SLOW}
)
"""Outcomes that may as well lie in our own network as in the site."""
PASSING = UNREACHED | {
    PageOutcome.ROBOTS_UNREACHED,
    PageOutcome.CUT_OFF,
    PageOutcome.ASKED_TO_WAIT,
    PageOutcome.SERVER_ERROR,
    PageOutcome.BAD_ANSWER,
    PageOutcome.OUR_FAULT,
}
"""Outcomes after which the page is tried again."""


class PageRead(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one try to read a page: an expected failure is a value."""

    outcome: PageOutcome
    text: str = ""
    """Plain, where it was read."""
    retry_after: float | None = None
    """Seconds that the server asks us to wait."""
    counted: bool = True
    """False where the try says nothing of the page, as when no feed at all can be reached."""


class Settled(msgspec.Struct, frozen=True):
    """The feed's state after a try, and the item's new revision where the page was read."""

    state: FeedState
    item: Item | None = None


def names_something(tagged: Tagged) -> bool:
    """Whether the item names an actor, a place, an issue or a document of a pack, or meets a rule."""
    return bool(tagged.mentions or tagged.issues or tagged.actors or tagged.rules)


def want_pages(
    feed: Feed, items: Sequence[Item], state: FeedState, now: datetime, names: Callable[[Item], bool]
) -> FeedState:
    """The state after a poll that brought these items: with the pages that are wanted from now on.

    `names` says whether an item `names_something`; it is asked only of items whose page could be had and would say
    more than the feed does.
    """
    if not feed.page:
        return _counted(state)
    found = [item for item in items if _could_help(item, now) and names(item)]
    wanted = {item.id: item for item in found}
    if not wanted:
        return _counted(state)
    held = [(seen.page.item.at, seen.item) for seen in state.entries.values() if seen.page and seen.page.item]
    newest = sorted([*held, *((item.at, item.id) for item in found)], reverse=True)[:MOST_WANTED]
    kept = {id for _, id in newest}
    entries = dict(state.entries)
    for key, seen in state.entries.items():
        item = wanted.get(seen.item)
        if item is not None:
            page = PageState(item=item) if item.id in kept else PageState(outcome=PageOutcome.TOO_MANY.value)
            entries[key] = msgspec.structs.replace(seen, page=page)
        elif seen.page is not None and seen.page.wanted and seen.item not in kept:
            entries[key] = msgspec.structs.replace(seen, page=PageState(outcome=PageOutcome.TOO_MANY.value))
    return _counted(msgspec.structs.replace(state, entries=entries))


def settle_page(state: FeedState, key: str, entry: str, read: PageRead, now: datetime) -> Settled:
    """What follows from one try to read the page of the entry under `key`, whose fingerprint was `entry` then.

    Nothing, where the entry was edited, forgotten or settled meanwhile. The revision is made once, above the entry's.
    """
    seen = state.entries.get(key)
    if seen is None or seen.page is None or seen.page.item is None or seen.fingerprint != entry:
        return Settled(state)
    page, given = seen.page, seen.page.item
    outcome, item = read.outcome, None
    if outcome is PageOutcome.READ:
        item = _revised(given, seen.rev, read.text, now)
        page = PageState(outcome=outcome.value, tries=page.tries + 1, fingerprint=item.fingerprint)
        after = msgspec.structs.replace(seen, rev=item.rev, page=page)
    elif outcome not in PASSING or (read.counted and page.tries + 1 >= TRIES):
        page = PageState(outcome=outcome.value, tries=page.tries + 1)
        after = msgspec.structs.replace(seen, page=page)
    elif too_old(given, now):
        after = msgspec.structs.replace(seen, page=PageState(outcome=PageOutcome.TOO_OLD.value, tries=page.tries))
    else:
        tries = page.tries + 1 if read.counted else page.tries
        wait = WAITS[min(tries, len(WAITS)) - 1] if tries else MINUTE
        due = now + max(wait, timedelta(seconds=read.retry_after or 0))
        page = msgspec.structs.replace(page, outcome=outcome.value, tries=tries, due=due)
        after = msgspec.structs.replace(seen, page=page)
    changed = msgspec.structs.replace(state, entries={**state.entries, key: after})
    return Settled(_counted(changed), item)


def too_old(item: Item, now: datetime) -> bool:
    """Whether its page is no longer worth reading."""
    return item.at < now - OLDEST


def page_of(state: FeedState | None, item: str) -> PageState | None:
    """What became of the page of an item, as far as its feed's state still remembers it."""
    entries = state.entries.values() if state else ()
    return next((seen.page for seen in entries if seen.item == item), None)


def page_words(page: PageState) -> str:
    """What became of a page, in words."""
    why = WORDS[PageOutcome(page.outcome)] if page.outcome in set(PageOutcome) else page.outcome
    if not page.wanted:
        return why
    tried = f"; after try {page.tries}: {why}" if page.outcome else ""
    return f"still to be read{tried}"


def counts_in_words(pages: Mapping[str, int]) -> str:
    """How many pages of a feed were read, are wanted, and could not be had for which reason; empty where none was."""
    order = sorted(pages.items(), key=lambda one: (one[0] != PageOutcome.READ.value, one[0] != WANTED, -one[1], one[0]))
    return ", ".join(f"{count} {name}" for name, count in order)


def is_stub(text: str, item: Item) -> bool:
    """Whether a page's text holds hardly more than the feed gives: its title and summary, and the offer to pay."""
    title = normal_text(item.title)
    told = normal_text("\n".join(line for line in text.split("\n") if normal_text(line) != title))
    return len(told) < len(normal_text(item.text)) + LEAST_MORE


def tells_of(text: str, item: Item) -> bool:
    """Whether a page tells of what its entry tells: most longer words of the entry's headline and text stand in it."""
    wanted = _stems(f"{item.title} {item.text}")
    if len(wanted) < _FEWEST_WORDS:
        return True
    return len(wanted & _stems(text)) >= _SHARED * len(wanted)


def _stems(text: str) -> set[str]:
    return {word[:_STEM] for word in normal_text(text).split() if len(word) >= _STEM}


def _could_help(item: Item, now: datetime) -> bool:
    return item.url is not None and len(item.text) < LONG and not too_old(item, now)


def _revised(item: Item, rev: int, text: str, now: datetime) -> Item:
    head, _, rest = text.partition("\n")
    if rest.strip() and normal_text(head) == normal_text(item.title):
        text = rest.strip()
    # what the feed says stays, where the page does not repeat it: no tag of the entry is lost
    if normal_text(item.text)[:_REPEATED] not in normal_text(text):
        text = f"{item.text}\n\n{text}"
    return msgspec.structs.replace(
        item,
        rev=max(rev + 1, int(now.timestamp() * 1000)),
        fingerprint=fingerprint(item.title, text),
        text=text,
        seen=now,
        extent="page",
    )


def _counted(state: FeedState) -> FeedState:
    """The state with its pages counted anew."""
    pages = [seen.page for seen in state.entries.values() if seen.page is not None]
    counts = Counter(WANTED if page.wanted else page.outcome for page in pages)
    return state if counts == state.pages else msgspec.structs.replace(state, pages=dict(sorted(counts.items())))
