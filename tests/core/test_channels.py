"""channels.yml: every fault at its line, no secret in any."""

import pytest

from ceasewire.config.channels import Channel, read_channels
from ceasewire.config.lines import read_yaml
from ceasewire.errors import ConfigurationError

KEY = "whsec_a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="


def channels(*lines: str) -> tuple[Channel, ...]:
    text = "channels:\n  - id: hook\n" + "\n".join(f"    {line}" for line in lines)
    return read_channels(read_yaml(text, "channels.yml"))


def fault(*lines: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        channels(*lines)
    return str(caught.value)


def test_good_channels() -> None:
    assert channels("kind: webhook", "url: https://a.example/x", f"secret: {KEY}")[0].kind == "webhook"
    assert channels("kind: slack", "url: https://hooks.slack.com/services/x")[0].enabled
    assert channels("kind: slack", "url: http://127.0.0.1:8000/x", "allow_private: [127.0.0.0/8]")


@pytest.mark.parametrize(
    "key", ["whsec_", "whsec_AAAA", "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=", "whsec_*" + KEY[7:]]
)
def test_a_key_that_cannot_sign_is_refused_at_once(key: str) -> None:
    said = fault("kind: webhook", "url: https://a.example/x", f"secret: {key!r}")
    assert said.startswith("channels.yml:5:")
    assert "ceasewire alerts secret" in said
    assert key.removeprefix("whsec_")[:20] not in said or key == "whsec_"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://a.example/very-secret", "only http and https"),
        ("a.example/very-secret", "only http and https"),
        ("https:///very-secret", "no readable host"),
        ("http://10.1.2.3/very-secret", "name the network in allow_private"),
        ("http://a.example:25/very-secret", "another protocol"),
    ],
)
def test_an_address_that_cannot_be_reached_is_refused_at_once(url: str, words: str) -> None:
    said = fault("kind: slack", f"url: {url}")
    assert said.startswith("channels.yml:4:")
    assert words in said
    assert "very-secret" not in said


def test_what_does_not_fit_its_kind() -> None:
    assert 'a webhook needs "secret"' in fault("kind: webhook", "url: https://a.example/x")
    assert "Slack knows no signing key" in fault("kind: slack", "url: https://a.example/x", f"secret: {KEY}")
