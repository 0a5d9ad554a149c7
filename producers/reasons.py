"""Why a poll failed or what was odd in it: one name each (also the metric label), with words that say what to do."""

from enum import StrEnum


class Reason(StrEnum):
    """What came of a poll, where it was not simply well."""

    # Nothing reached.
    NO_ADDRESS = "no_address"
    NO_CONNECTION = "no_connection"
    TOO_SLOW = "too_slow"
    BAD_CERTIFICATE = "bad_certificate"
    PROXY_FAILED = "proxy_failed"
    # We do not go there.
    BAD_ADDRESS = "bad_address"
    PRIVATE_ADDRESS = "private_address"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    REDIRECT_LOOP = "redirect_loop"
    BAD_REDIRECT = "bad_redirect"
    # The server said no.
    LOGIN_WANTED = "login_wanted"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    GONE = "gone"
    ASKED_TO_WAIT = "asked_to_wait"
    SERVER_ERROR = "server_error"
    REFUSED = "refused"
    BAD_ANSWER = "bad_answer"
    # A body that cannot be taken.
    TOO_LARGE = "too_large"
    BAD_COMPRESSION = "bad_compression"
    EMPTY_BODY = "empty_body"
    WEB_PAGE = "web_page"
    NOT_A_FEED = "not_a_feed"
    CUT_OFF = "cut_off"
    ENTITY_BOMB = "entity_bomb"
    TAG_TOO_LONG = "tag_too_long"
    TOO_HEAVY = "too_heavy"
    PARSER_FAILED = "parser_failed"
    # Read, and something is odd.
    TRUNCATED = "truncated"
    TOO_MANY_ENTRIES = "too_many_entries"
    ENTRIES_SKIPPED = "entries_skipped"
    WRONG_CHARSET = "wrong_charset"
    UNSTABLE_IDS = "unstable_ids"
    REPEATED_IDS = "repeated_ids"
    POSSIBLE_GAP = "possible_gap"
    MOVED = "moved"
    FAULTY_XML = "faulty_xml"
    NO_ENTRIES = "no_entries"
    QUIET = "quiet"
    # Ours.
    NO_FILE = "no_file"
    STORE_FAILED = "store_failed"
    OUR_FAULT = "our_fault"


WORDS: dict[Reason, str] = {
    Reason.NO_ADDRESS: "The name of the server is not known. Check the address, or this machine's network.",
    Reason.NO_CONNECTION: "The server cannot be reached. It may be down, or a firewall is in between.",
    Reason.TOO_SLOW: "The server did not answer in full in time. It is tried again.",
    Reason.BAD_CERTIFICATE: "The server's certificate is not valid. Check the address, or this machine's clock.",
    Reason.PROXY_FAILED: "The proxy did not let us through. Check `proxy` of the feed or in settings.yml.",
    Reason.BAD_ADDRESS: "The address is not one that can be requested. Check its scheme, host and port in feeds.yml.",
    Reason.PRIVATE_ADDRESS: "The address leads into a private network, where we do not go. "
    "If that is meant, name the network under `allow_private` of the feed.",
    Reason.TOO_MANY_REDIRECTS: "The server sends us on more than 5 times. Put the final address into feeds.yml.",
    Reason.REDIRECT_LOOP: "The server sends us round in a circle. Open the address in a browser and take the one "
    "that works.",
    Reason.BAD_REDIRECT: "The server sends us to an address that is not requested: no web address, or a port "
    "of something else.",
    Reason.LOGIN_WANTED: "The server wants a login. Give it under `headers` of the feed, or drop the feed.",
    Reason.FORBIDDEN: "The server refuses us. Some outlets let only browsers in: ask them, or set `contact`.",
    Reason.NOT_FOUND: "There is nothing at this address. Look for the new one: `ceasewire feeds add SITE`.",
    Reason.GONE: "The outlet has taken this feed down for good. Look for a new one: `ceasewire feeds add SITE`.",
    Reason.ASKED_TO_WAIT: "The server asks us to come back later. `ceasewire feeds check --force` asks at once.",
    Reason.SERVER_ERROR: "The server has a fault of its own. It is tried again.",
    Reason.REFUSED: "The server did not accept the request.",
    Reason.BAD_ANSWER: "The server's answer is not valid HTTP, or not one to our question.",
    Reason.TOO_LARGE: "The document is too large. The limits are `polling` in settings.yml.",
    Reason.BAD_COMPRESSION: "The body is compressed in a way that cannot be read.",
    Reason.EMPTY_BODY: "The server sends an empty document.",
    Reason.WEB_PAGE: "This is a web page, not a feed. `ceasewire feeds add` finds the feeds that a page names.",
    Reason.NOT_A_FEED: "This is neither RSS, Atom nor JSON Feed. Check the address.",
    Reason.CUT_OFF: "The document breaks off before its first entry is whole. It is tried again.",
    Reason.ENTITY_BOMB: "The document defines entities out of entities, as attacks on readers do. It is not read.",
    Reason.TAG_TOO_LONG: "The document holds a tag of more than 64 KB. It is not read.",
    Reason.TOO_HEAVY: "Reading the document took more time or memory than one feed may have.",
    Reason.PARSER_FAILED: "The document made the reader fail. Please report its address to us.",
    Reason.TRUNCATED: "The document breaks off; the entries that are whole were taken.",
    Reason.TOO_MANY_ENTRIES: "The document holds too many entries; the newest were taken, or the first ones.",
    Reason.ENTRIES_SKIPPED: "Some entries could not be read and were skipped; the others were taken.",
    Reason.WRONG_CHARSET: "The document is not in the character set that it claims; it was read as what it is.",
    Reason.UNSTABLE_IDS: "The feed gives its entries new ids or links at each poll; they are matched by their text.",
    Reason.REPEATED_IDS: "The feed gives the same id to several entries; they are told apart by id and link.",
    Reason.POSSIBLE_GAP: "No entry of the last poll was left, so some may have come and gone in between. "
    "A shorter `interval` helps.",
    Reason.MOVED: "The feed has moved for good. Put the new address into feeds.yml.",
    Reason.FAULTY_XML: "The XML has faults; it was read leniently.",
    Reason.NO_ENTRIES: "The feed is readable but holds no entries.",
    Reason.QUIET: "Nothing new for much longer than usual. The outlet may have changed its address.",
    Reason.NO_FILE: "The file cannot be read.",
    Reason.STORE_FAILED: "What was read could not be stored; it is kept and tried again by itself.",
    Reason.OUR_FAULT: "A fault of this program, which is in the log. The feed is tried again.",
}
"""Each reason in words, with what an operator can do."""

UNREACHED = frozenset({Reason.NO_ADDRESS, Reason.NO_CONNECTION, Reason.PROXY_FAILED, Reason.TOO_SLOW})
"""Reasons that may as well lie in our own network as in the feed."""

SOFT = UNREACHED | {Reason.SERVER_ERROR, Reason.CUT_OFF, Reason.EMPTY_BODY, Reason.OUR_FAULT, Reason.STORE_FAILED}
"""Reasons that often pass by themselves: they lengthen the interval half as fast."""


def explain(reason: Reason, detail: str = "") -> str:
    """The reason in words, with what was seen."""
    return f"{WORDS[reason]} ({detail})" if detail else WORDS[reason]
