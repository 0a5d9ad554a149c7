"""Logs: one plain line each, without secrets or bodies, and no flood."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from ceasewire.config.settings import LogSettings
from process.logs import Redaction, configure, escape, show_address

SECRETS = (
    "whsec_a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=",
    "https://hooks.slack.com/services/T000/B000/abcdefghijklmnop",
    "https://user:hunter2pass@feeds.example.org/rss",
    "https://feeds.example.org/rss?key=feedkey123456",
    "http://proxyuser:proxypass1@proxy.example.org:3128",
    "desk-token-0123456789abcdef",
    "header-value-9876543210",
    "xoxb-123456789012-abcdefghijkl",
    "Bearer eyJhbGciOiJIUzI1NiJ9.e30.abc",
    "plain secret with blanks",
    "ключ-доступа-12345",
    'quoted"secret\\with\\marks',
)


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


class Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def setup(form: str = "json", level: str = "debug", clock: Clock | None = None) -> tuple[io.StringIO, Redaction]:
    stream, redaction = io.StringIO(), Redaction()
    settings = LogSettings.model_validate({"form": form, "level": level})
    configure(settings, redaction, stream, clock or Clock())
    return stream, redaction


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize("secret", SECRETS)
def test_no_planted_secret_is_written(form: str, secret: str) -> None:
    stream, redaction = setup(form)
    redaction.know(SECRETS)
    log = structlog.get_logger()
    log.info("event", value=secret, nested={"inner": [secret]}, detail=f"before {secret} after")
    try:
        raise RuntimeError(f"cannot reach {secret}")
    except RuntimeError:
        log.exception("failed")
    logging.getLogger("aiohttp.client").warning("could not open %s", secret)
    written = stream.getvalue()
    assert "before" in written
    assert "after" in written
    assert "cannot reach" in written
    assert "could not open" in written
    assert secret not in written
    assert secret not in repr(redaction)
    for part in ("hunter2pass", "feedkey123456", "proxypass1", "abcdefghijklmnop"):
        assert part not in written


def test_unknown_addresses_are_cut_to_their_host() -> None:
    stream, _ = setup()
    structlog.get_logger().info("event", url="https://a.example/hook/never-told?x=1")
    assert json.loads(stream.getvalue())["url"] == "https://a.example"
    assert show_address("http://u:p@[2001:db8::1]:81/x") == "http://[2001:db8::1]:81"
    assert show_address("http://[bad") == "***"


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_line_stays_one_line(form: str) -> None:
    stream, _ = setup(form)
    structlog.get_logger().info("event", detail="one\ntwo\r\x1b[31mred\u202etfel\x00")
    written = stream.getvalue()
    assert written.count("\n") == 1
    assert "\x1b[31mred" not in written
    assert "\u202e" not in written
    assert "\x00" not in written
    assert escape("a\tb") == "a\\tb"


def test_an_exception_cannot_fake_a_line() -> None:
    stream, _ = setup("console")
    try:
        raise RuntimeError("x\n12:00:00 [info] all is well")
    except RuntimeError:
        structlog.get_logger().exception("failed")
    lines = stream.getvalue().splitlines()
    assert not [line for line in lines[1:] if line and not line.startswith("    ")]


def test_bodies_are_never_written() -> None:
    stream, _ = setup()
    structlog.get_logger().info("event", title="A headline", text="words", item="i_1")
    line = json.loads(stream.getvalue())
    assert line["title"] == "<10 characters>"
    assert line["text"] == "<5 characters>"
    assert line["item"] == "i_1"


def test_lines_about_one_feed_are_not_repeated_within_ten_minutes() -> None:
    clock = Clock()
    stream, _ = setup(clock=clock)
    log = structlog.get_logger()
    for _ in range(50):
        log.warning("feed", feed="a", reason="timeout")
        clock.at += 1
    log.warning("feed", feed="b", reason="timeout")
    log.warning("feed", feed="a", reason="not_xml")
    clock.at += 600
    log.warning("feed", feed="a", reason="timeout")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(line["feed"], line["reason"]) for line in lines] == [
        ("a", "timeout"),
        ("b", "timeout"),
        ("a", "not_xml"),
        ("a", "timeout"),
    ]
    assert [line.get("left_out", 0) for line in lines] == [0, 49, 0, 0]


def test_each_delivery_is_told() -> None:
    stream, _ = setup()
    for number in range(30):
        structlog.get_logger().info("delivered", delivery=f"msg_{number}", channel="team", tries=1)
        structlog.get_logger().warning("delivery_failed", delivery=f"msg_{number}", channel="team", outcome="timeout")
    assert len(stream.getvalue().splitlines()) == 60


def test_many_feeds_with_one_trouble_are_told_in_few_lines() -> None:
    clock = Clock()
    stream, _ = setup(clock=clock)
    for number in range(77):
        structlog.get_logger().warning("feed", feed=f"f{number}", reason="no_address")
    clock.at = 61
    structlog.get_logger().warning("feed", feed="last", reason="no_address")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert len(lines) == 11
    assert lines[-1]["left_out"] == 67


def test_a_log_that_no_person_reads_has_what_was_said_too() -> None:
    stream, _ = setup()
    structlog.get_logger().info("started", address="http://127.0.0.1:1", in_words=True)
    line = json.loads(stream.getvalue())
    assert (line["event"], "in_words" in line) == ("started", False)


def test_the_level_is_kept() -> None:
    stream, _ = setup(level="warning")
    structlog.get_logger().info("quiet")
    logging.getLogger("uvicorn.access").info("quiet")
    structlog.get_logger().warning("loud")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["loud"]


def test_other_letters_stay_as_they_are() -> None:
    stream, _ = setup()
    structlog.get_logger().info("event", detail="перемир'я")
    assert "перемир'я" in stream.getvalue()
