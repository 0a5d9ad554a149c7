"""Values that no file may hold: each is refused at its line, in words, and no secret shows."""

import pytest

from ceasewire.config.channels import read_channels
from ceasewire.config.feeds import read_feeds
from ceasewire.config.lines import Lines, read_yaml
from ceasewire.config.settings import Settings
from ceasewire.errors import ConfigurationError


def said(lines: Lines, read: object) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read(lines)  # type: ignore[operator]
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("store:\n  keep: 0 s", "2: store.keep: a duration from 14 d to 3650 d is wanted"),
        ("store:\n  keep: 13 d", "2: store.keep: a duration from 14 d to 3650 d is wanted"),
        ("store:\n  keep: 99999999 d", "2: store.keep: at most 3650 d are taken"),
        ("store:\n  keep: 9999999999999999 d", "2: store.keep: at most 3650 d are taken"),
        (f"store:\n  keep: {'9' * 400} d", "2: store.keep: at most 3650 d are taken"),
        ("kafka:\n  keep_items: 0 s", "2: kafka.keep_items: a duration from 14 d to 3650 d is wanted"),
        ("alerts:\n  timeout: 0 s", "2: alerts.timeout: a duration from 1 s to 5 m is wanted"),
        ("alerts:\n  timeout: 9 d", "2: alerts.timeout: a duration from 1 s to 5 m is wanted"),
        ("polling:\n  timeout: 0 s", "2: polling.timeout: a duration from 1 s to 10 m is wanted"),
        ("polling:\n  proxy: socks5://u:very-secret@h:1", "2: polling.proxy: the address of an HTTP proxy is wanted"),
        ("desk:\n  public_url: https://[::1", "2: desk.public_url: an address that starts with http"),
        ("desk:\n  public_url: https://desk.example:port", "2: desk.public_url: an address that starts with http"),
        ('desk:\n  public_url: "https://desk.example/\\nx"', "2: desk.public_url: an address that starts with http"),
    ],
)
def test_settings(text: str, fault: str) -> None:
    (found,) = said(read_yaml(text, "settings.yml"), lambda lines: lines.check(Settings))
    assert found.startswith(f"settings.yml:{fault}")
    assert "very-secret" not in found


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("interval: 0 s", "5: feeds.f.interval: a duration from 1 s to 1 d is wanted"),
        ("interval: 2 d", "5: feeds.f.interval: a duration from 1 s to 1 d is wanted"),
        ("max_interval: 99999999 d", "5: feeds.f.max_interval: at most 3650 d are taken"),
        ("max_interval: 1 m", "5: feeds.f.max_interval: it stretches the interval, and must not be less than it"),
        ("headers: {Host: x}", "5: feeds.f.headers.Host: the header Host is ours to set"),
        ("headers: {Bad Name: x}", "5: feeds.f.headers.Bad Name: the name of a header has no blanks"),
        ('headers: {"X\\nY": x}', "5: feeds.f.headers.X\nY: the name of a header has no blanks"),
        ('headers: {X-Key: "very-secret\\nb: c"}', "5: feeds.f.headers.X-Key: the value of a header is text on one"),
        ('headers: {X-Key: " "}', "5: feeds.f.headers.X-Key: the value of a header is text on one line"),
        ("proxy: socks5://u:very-secret@h:1", "5: feeds.f.proxy: the address of an HTTP proxy is wanted"),
        ("proxy: http://", "5: feeds.f.proxy: the address of an HTTP proxy is wanted"),
        ("outlet: '   '", "5: feeds.f.outlet: string should have at least 1 character"),
        ("url: https://[::1", "5: feeds.f.url: an address that starts with http"),
    ],
)
def test_feeds(line: str, fault: str) -> None:
    rest = [one for one in ("url: https://a.example/", "outlet: A") if one.partition(":")[0] != line.partition(":")[0]]
    text = "\n    ".join(["feeds:\n  - id: f", *rest, *[f"# {number}" for number in range(2 - len(rest))], line])
    (found,) = said(read_yaml(text, "feeds.yml"), read_feeds)
    assert found.startswith(f"feeds.yml:{fault}")
    assert "very-secret" not in found


def test_a_long_interval_alone_is_no_fault() -> None:
    text = "feeds:\n  - {id: f, url: https://a.example/, outlet: ' A ', interval: 1 h, headers: {X-Key: opens}}"
    (feed,) = read_feeds(read_yaml(text, "feeds.yml"))
    assert feed.interval > feed.max_interval
    assert feed.outlet == "A"


@pytest.mark.parametrize(
    "value", ["!!int abc", "!!float abc", "!!timestamp x", "9" * 5000, "!!bool maybe", "!!binary é", "!!int ''"]
)
def test_what_yaml_cannot_make_of_a_value_is_a_fault_at_its_line(value: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_yaml(f"desk:\n  port: {value}\n", "settings.yml")
    (fault,) = caught.value.faults
    assert (fault.file, fault.line) == ("settings.yml", 2)
    assert "not YAML" in fault.text


def test_faults_of_all_kinds_in_one_list_are_told_at_once() -> None:
    """An unknown key in one entry hides neither a doubled id nor what is wrong with another entry."""
    feeds = """\
feeds:
  - {id: a, url: 'https://a.example/', outlet: A, foo: 1}
  - {id: a, url: 'https://b.example/', outlet: B}
  - {id: c, url: 'ftp://c.example/', outlet: C}
  - {id: d, url: 'https://b.example/', outlet: D, langauge: en}
"""
    assert [line.partition(": ")[::2] for line in said(read_yaml(feeds, "feeds.yml"), read_feeds)] == [
        ("feeds.yml:2", 'unknown key "foo"'),
        ("feeds.yml:3", "the id a stands already at line 2"),
        (
            "feeds.yml:4",
            "feeds.c.url: an address that starts with http:// or https:// is wanted, with a host that can be read",
        ),
        ("feeds.yml:5", 'unknown key "langauge"; did you mean "language"?'),
        ("feeds.yml:5", "the address https://b.example/ stands already at line 3"),
    ]
    channels = """\
channels:
  - {id: a, kind: slack, url: 'https://a.example/x', foo: 1}
  - {id: b, kind: slack, url: 'ftp://b.example/x'}
  - {id: c, kind: webhook, url: 'https://c.example/x', secrett: whsec_AAAA}
  - {id: d, kind: pigeon, url: 'ftp://d.example/x'}
"""
    found = said(read_yaml(channels, "channels.yml"), read_channels)
    for begin in (
        'channels.yml:2: unknown key "foo"',
        "channels.yml:3: only http and https",
        'channels.yml:4: unknown key "secrett"; did you mean "secret"?',
        "channels.yml:4: the key is not whsec_",
        "channels.yml:5: channels.d.kind:",
    ):
        assert sum(line.startswith(begin) for line in found) == 1, (begin, found)
    assert len(found) == 5
