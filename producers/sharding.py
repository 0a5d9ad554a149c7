"""Which feeds belong to this producer, where several share the list."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from ceasewire.errors import ConfigurationError, Fault

MOST = 1000
_FORM = re.compile(r"(\d{1,4})/(\d{1,4})")
_ORDINAL = re.compile(r".*-(\d{1,4})")


@dataclass(frozen=True)
class Shard:
    """One share of the feeds: the `number`th of `count`, from 1."""

    number: int = 1
    count: int = 1

    def owns(self, feed: str) -> bool:
        """Whether the feed belongs here: exactly one of the shares owns it.

        The share with the highest hash wins, so that a further producer takes over its part only and all other feeds
        stay where they are.
        """
        return self.number == max(range(1, self.count + 1), key=lambda number: _weight(feed, number))

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


def read_shard(asked: str | None, environ: Mapping[str, str], host: str) -> Shard:
    """The share that the option, CEASEWIRE_SHARD or, with CEASEWIRE_SHARDS, the ordinal of the host's name gives.

    The host is one of a stateful set then: producer-0 of 4 has the share 1/4. Raises ConfigurationError in words.
    """
    if asked is not None:
        return _read(asked, "--shard")
    if text := environ.get("CEASEWIRE_SHARD"):
        return _read(text, "CEASEWIRE_SHARD")
    if not (text := environ.get("CEASEWIRE_SHARDS")):
        return Shard()
    where = "CEASEWIRE_SHARDS"
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST:
        raise _refused(where, f'"{text[:40]}" is no number of producers from 1 to {MOST}')
    count = int(text)
    if count == 1:
        return Shard()
    ordinal = _ORDINAL.fullmatch(host.partition(".")[0])
    if ordinal is None:
        words = f'the host\'s name "{host[:80]}" does not end in an ordinal like producer-1: give --shard 2/{count}'
        raise _refused(where, words)
    if int(ordinal[1]) >= count:
        raise _refused(where, f"the host {host[:80]} is one more than the {count} producers that there are to be")
    return Shard(int(ordinal[1]) + 1, count)


def _read(text: str, where: str) -> Shard:
    parts = _FORM.fullmatch(text.strip())
    if parts is None:
        raise _refused(where, f'"{text[:40]}" is no share of the feeds: write 2/4 for the second of four')
    number, count = int(parts[1]), int(parts[2])
    if not 1 <= number <= count <= MOST:
        raise _refused(where, f"{text.strip()} is no share: the first of four is 1/4, the last 4/4, at most {MOST}")
    return Shard(number, count)


def _refused(where: str, words: str) -> ConfigurationError:
    return ConfigurationError([Fault(where, None, words)])


def _weight(feed: str, number: int) -> bytes:
    return sha256(f"{feed}|{number}".encode()).digest()
