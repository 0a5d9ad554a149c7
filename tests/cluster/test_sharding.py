"""Shares of the feeds: each feed has one owner, and a further producer takes over its part only."""

from collections import Counter

import pytest

from ceasewire.errors import ConfigurationError
from producers.sharding import Shard, read_shard

FEEDS = [f"feed_{number}" for number in range(2000)]


def owner(feed: str, count: int) -> int:
    [number] = [number for number in range(1, count + 1) if Shard(number, count).owns(feed)]
    return number


@pytest.mark.parametrize("count", [1, 2, 4, 7])
def test_every_feed_has_one_owner_and_each_has_its_part(count: int) -> None:
    counts = Counter(owner(feed, count) for feed in FEEDS)
    assert set(counts) == set(range(1, count + 1))
    assert min(counts.values()) > 0.8 * len(FEEDS) / count


def test_a_further_producer_takes_over_its_part_and_nothing_else_moves() -> None:
    moved = [feed for feed in FEEDS if owner(feed, 4) != owner(feed, 5)]
    assert {owner(feed, 5) for feed in moved} == {5}
    assert len(moved) == pytest.approx(len(FEEDS) / 5, rel=0.2)


def test_the_owner_is_the_same_in_each_process_and_version() -> None:
    assert [owner(feed, 4) for feed in FEEDS[:12]] == [3, 3, 2, 2, 2, 4, 3, 4, 2, 4, 3, 4]


@pytest.mark.parametrize(
    ("asked", "environ", "host", "shard"),
    [
        (None, {}, "laptop", Shard(1, 1)),
        ("2/4", {"CEASEWIRE_SHARD": "1/4", "CEASEWIRE_SHARDS": "9"}, "producer-3", Shard(2, 4)),
        (None, {"CEASEWIRE_SHARD": "3/4", "CEASEWIRE_SHARDS": "9"}, "producer-1", Shard(3, 4)),
        (None, {"CEASEWIRE_SHARDS": "4"}, "producer-0", Shard(1, 4)),
        (None, {"CEASEWIRE_SHARDS": "4"}, "ceasewire-producer-3.ceasewire.svc", Shard(4, 4)),
        (None, {"CEASEWIRE_SHARDS": "1"}, "d3adb33f", Shard(1, 1)),
    ],
)
def test_the_share_comes_from_option_environment_or_host(
    asked: str | None, environ: dict[str, str], host: str, shard: Shard
) -> None:
    assert read_shard(asked, environ, host) == shard


@pytest.mark.parametrize(
    ("asked", "environ", "host", "words"),
    [
        ("2", {}, "h", '--shard: "2" is no share of the feeds: write 2/4'),
        ("", {}, "h", "is no share of the feeds"),
        ("0/4", {}, "h", "0/4 is no share"),
        ("5/4", {}, "h", "5/4 is no share"),
        ("2/4/1", {}, "h", "is no share of the feeds"),
        (None, {"CEASEWIRE_SHARD": "a/b"}, "h", "CEASEWIRE_SHARD"),
        (None, {"CEASEWIRE_SHARDS": "four"}, "producer-1", "is no number of producers"),
        (None, {"CEASEWIRE_SHARDS": "0"}, "producer-1", "is no number of producers"),
        (None, {"CEASEWIRE_SHARDS": "4"}, "d3adb33f", "does not end in an ordinal"),
        (None, {"CEASEWIRE_SHARDS": "4"}, "producer-4", "one more than the 4 producers"),
    ],
)
def test_unknown_forms_are_refused_in_words(asked: str | None, environ: dict[str, str], host: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_shard(asked, environ, host)
    assert words in str(refused.value)
