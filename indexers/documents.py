"""From what lies on a topic to the documents of the index: values in, documents out."""

import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import msgspec

from ceasewire.alerts import Alert, Decision, Delivery, State
from ceasewire.codec import decode
from ceasewire.crossings import Judgement
from ceasewire.errors import CodecError
from ceasewire.identity import canonical_url, decision_id
from ceasewire.items import Item, Source, Tagged
from ceasewire.pairs import keys, pairs
from ceasewire.polling import FeedState
from ceasewire.stories import Story
from ceasewire.text.folding import fold
from ceasewire.text.sentences import lede_end
from ceasewire.topics import ALERTS, DELIVERIES, FEEDS, STORIES, TAGGED
from indexers.analysis import field_language
from indexers.templates import Kind

EDITIONS = 1_000
"""Editions of one revision: the version of an item's document is rev x 1,000 + edition."""
HIGHEST = 2**63 - 1
"""The highest version that the index takes."""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One document of the index, ready to be sent."""

    kind: Kind
    id: str
    version: int
    body: bytes
    tagging: str = ""
    """Of an item: a hash of what tagging says of it. The same revision and edition should have the same."""


class Unfit(msgspec.Struct, frozen=True, kw_only=True):
    """Why something can be no document, as a named reason and in words."""

    reason: str
    detail: str


def documents(topic: str, value: bytes, now: datetime) -> tuple[Document, ...] | Unfit:
    """The documents of a row; `topic` is without prefix, `now` is what `event.ingested` says."""
    try:
        found = _OF[topic](value, now)
    except CodecError as error:
        return Unfit(reason="undecodable", detail=str(error))
    for one in found:
        if not one.id or len(one.id.encode()) > 512:
            return Unfit(reason="unfit_id", detail=f"an id of the index has 1 to 512 bytes, this one {len(one.id)}")
        if not 0 <= one.version <= HIGHEST:
            return Unfit(reason="unfit_version", detail=f"{one.version} is no version that the index takes")
    return found


def address_key(url: str) -> str:
    """What an item is found by when asked for by its address: canonical, without the scheme, since sites move."""
    return (canonical_url(url) or url).partition(":")[2]


def source_key(name: str) -> str:
    """An outlet's name as `source.key` has it."""
    return fold(name).text


def _tagged(value: bytes, now: datetime) -> tuple[Document, ...]:
    tagged = decode(value, Tagged)
    item = tagged.item
    said = tagging_hash(tagged)
    return (
        # the earlier text first: what is there once the item is, was there before
        version_of(item),
        Document(
            kind="items",
            id=item.id,
            version=item.rev * EDITIONS + tagged.edition,
            body=_body(_item(tagged, said, now) | {"tagged": tagged}),
            tagging=said,
        ),
    )


def version_of(item: Item) -> Document:
    """One text of an item, which stays when a later one takes its place."""
    body = {
        "@timestamp": item.at,
        "first_seen": item.first_seen,
        "item": item.id,
        "rev": item.rev,
        "whole": item,
    }
    return Document(kind="versions", id=f"{item.id}:{item.rev}", version=item.rev, body=_body(body))


def tagging_hash(tagged: Tagged) -> str:
    """Twenty letters that differ where tagging says something else of a text, or the text is another."""
    said = (
        tagged.item.fingerprint,
        tagged.language,
        tagged.relevance,
        tagged.conflict,
        tagged.issues,
        tagged.actors,
        tagged.mentions,
        tagged.rules,
        tagged.marks,
        tagged.unsupported,
        tagged.figures,
    )
    return sha256(msgspec.json.encode(said)).hexdigest()[:20]


def _item(tagged: Tagged, said: str, now: datetime) -> dict[str, Any]:
    item = tagged.item
    end = lede_end(item.text)
    title, text = _composed(item.title), _composed(item.text)
    lede, rest = _composed(item.text[:end]), _composed(item.text[end:])
    language = field_language(tagged.language)
    return {
        "@timestamp": item.at,
        "published": item.published,
        "seen": item.seen,
        "first_seen": item.first_seen,
        "event": {"ingested": now},
        "id": item.id,
        "rev": item.rev,
        "edition": tagged.edition,
        "tagging": said,
        "title": title,
        "text": text,
        "url": _url(item.url) | {"key": address_key(item.url)} if item.url else None,
        "source": _source(item.source),
        **_tags(tagged),
        "places": _named(tagged, "place"),
        "documents": _named(tagged, "document"),
        "marks": tuple(dict.fromkeys(tagged.marks)),
        "pairs": keys(pairs(tagged)),
        "rules": tuple(dict.fromkeys(hit.rule for hit in tagged.rules)),
        "counted": tagged.counted,
        "gathered": tagged.gathered,
        "baseline": item.baseline,
        "extent": item.extent,
        "delay_seconds": _delay(item),
        # lists: words that stand side by side stand in one of the parts
        "search": {language: [title, lede, rest]},
        "in_title": {"words": {language: title}, **_zone(tagged, 0)},
        "in_lede": {"words": {language: [title, lede]}, "plain": [title, lede], **_zone(tagged, end)},
    }


def _zone(tagged: Tagged, end: int) -> dict[str, Any]:
    """The issues and actors that are named in the title or before `end` of the text."""
    named = {(one.kind, one.id) for one in tagged.mentions if one.field == "title" or one.start < end}
    return {
        "issues": [issue for issue in dict.fromkeys(tagged.issues) if ("issue", issue) in named],
        "actors": [actor for actor in dict.fromkeys(tagged.actors) if ("actor", actor) in named],
    }


def _tags(tagged: Tagged) -> dict[str, Any]:
    return {
        "lang": tagged.language,
        "conflict": tagged.conflict,
        "relevance": tagged.relevance,
        "issues": tuple(dict.fromkeys(tagged.issues)),
        "actors": tuple(dict.fromkeys(tagged.actors)),
    }


def _named(tagged: Tagged, kind: str) -> tuple[str, ...]:
    return tuple(sorted({mention.id for mention in tagged.mentions if mention.kind == kind}))


def _delay(item: Item) -> float | None:
    """From the feed's date to our first sight; nothing for what was there before we first looked."""
    if item.published is None or item.baseline:
        return None
    return max((item.first_seen - item.published).total_seconds(), 0.0)


def _story(value: bytes, now: datetime) -> tuple[Document, ...]:
    story = decode(value, Story)
    body = {
        "@timestamp": story.last,
        "id": story.id,
        "title": _composed(story.title),
        "url": _url(story.url) if story.url else None,
        "first": story.first,
        "last": story.last,
        "items": story.items,
        "size": len(story.items),
        "outlets": story.outlets,
        "languages": story.languages,
        "conflicts": story.conflicts,
        "issues": story.issues,
        "actors": story.actors,
        "causes": story.causes,
        "merged_into": story.merged_into,
        "thread": story.began,
        "version": story.version,
        "story": story,
    }
    return (Document(kind="stories", id=story.id, version=story.version, body=_body(body)),)


def _judgement(value: bytes, now: datetime) -> tuple[Document, ...]:
    judgement = decode(value, Judgement)
    found = []
    if judgement.alert is not None:
        found.append(_alert(judgement.alert, judgement.tagged))
    if judgement.decision is not None:
        found.append(_decision(judgement.decision, judgement.title))
    if not found:
        raise CodecError("not a Judgement: it holds neither an alert nor a decision")
    return tuple(found)


def _alert(alert: Alert, tagged: Tagged | None) -> Document:
    body: dict[str, Any] = {
        "@timestamp": alert.at,
        "id": alert.id,
        "rule": alert.rule,
        "story": alert.story,
        "cause": alert.cause,
        "follows": alert.follows,
        "item": alert.item,
        "rev": alert.rev,
        "channels": alert.channels,
        "alert": alert,
    }
    if tagged is not None:
        item = tagged.item
        body |= _tags(tagged) | {
            "title": _composed(item.title),
            "url": _url(item.url) if item.url else None,
            "source": _source(item.source),
            "tagged": tagged,
        }
    body["conflict"] = alert.conflict
    return Document(kind="alerts", id=alert.id, version=alert.rev, body=_body(body))


def _decision(decision: Decision, title: str) -> Document:
    key = decision_id(decision.item, decision.rule, decision.rev)
    body = {
        "@timestamp": decision.at,
        "id": key,
        "item": decision.item,
        "rev": decision.rev,
        "rule": decision.rule,
        "story": decision.story,
        "action": decision.action,
        "reason": decision.reason,
        "alert": decision.alert,
        "title": _composed(title),
        "decision": decision,
    }
    return Document(kind="decisions", id=key, version=decision.rev, body=_body(body))


def _delivery(value: bytes, now: datetime) -> tuple[Document, ...]:
    delivery = decode(value, Delivery)
    delivered = delivery.due if delivery.state == State.DELIVERED else None
    body = {
        "@timestamp": delivery.created,
        "id": delivery.id,
        "alert": delivery.alert,
        "channel": delivery.channel,
        "kind": delivery.kind,
        "state": delivery.state,
        "outcome": delivery.attempts[-1].outcome if delivery.attempts else None,
        "tries": delivery.tries,
        "created": delivery.created,
        "due": delivery.due,
        "published": delivery.published,
        "seen": delivery.seen,
        "delay_seconds": _seconds(delivery.published, delivered),
        "own_delay_seconds": _seconds(delivery.seen, delivered),
        "version": delivery.version,
        "delivery": delivery,
    }
    return (Document(kind="deliveries", id=delivery.id, version=delivery.version + 1, body=_body(body)),)


def _feed(value: bytes, now: datetime) -> tuple[Document, ...]:
    state = decode(value, FeedState)
    # what a poll remembers of each entry is of use to producers only, and long
    shown = msgspec.structs.replace(state, entries={}, aliases={})
    body = {
        "@timestamp": state.last_poll,
        "feed": state.feed,
        "title": _composed(state.title or ""),
        "health": state.health,
        "reason": state.reason,
        "detail": state.detail,
        "failures": state.failures,
        "first_poll": state.first_poll,
        "last_poll": state.last_poll,
        "last_success": state.last_success,
        "last_new": state.last_new,
        "next_poll": state.next_poll,
        "state": shown,
    }
    version = int(state.last_poll.timestamp() * 1_000) if state.last_poll else 0
    return (Document(kind="feeds", id=state.feed, version=version, body=_body(body)),)


_OF: Mapping[str, Callable[[bytes, datetime], tuple[Document, ...]]] = {
    TAGGED: _tagged,
    STORIES: _story,
    ALERTS: _judgement,
    DELIVERIES: _delivery,
    FEEDS: _feed,
}
TOPICS = tuple(_OF)
"""The topics that are indexed."""


def _source(source: Source) -> dict[str, Any]:
    return {
        "feed": source.feed,
        "outlet": source.outlet,
        "key": source_key(source.outlet),
        "kind": source.kind,
        "country": source.country,
        "language": source.language,
    }


def _url(url: str) -> dict[str, Any]:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    return {"full": url, "domain": host.removeprefix("www.")}


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return max((end - start).total_seconds(), 0.0) if start and end else None


def _composed(text: str) -> str:
    """Letters with their marks in one: no analyzer that every node has can do it."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _body(fields: Mapping[str, Any]) -> bytes:
    """The document without what is empty."""
    return _encoder.encode({name: value for name, value in fields.items() if not _empty(value)})


def _empty(value: Any) -> bool:
    return value is None or value == "" or value == ()


_encoder = msgspec.json.Encoder()
