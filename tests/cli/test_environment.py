"""Settings and secrets that come from the environment."""

from datetime import timedelta
from pathlib import Path

import pytest

from ceasewire.config.settings import Settings
from ceasewire.errors import ConfigurationError
from process.config_files import is_loopback, read_channel_list, read_settings, secrets_in
from process.environment import read_overlay, variable
from process.places import Places

KEY = "whsec_a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="


@pytest.fixture
def places(tmp_path: Path) -> Places:
    (tmp_path / "config").mkdir()
    return Places(config=tmp_path / "config", data=tmp_path / "data")


def faults(places: Places, environ: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read_settings(places, environ)
    return [str(fault) for fault in caught.value.faults]


def test_the_environment_goes_before_the_file(places: Places) -> None:
    (places.config / "settings.yml").write_text("desk:\n  port: 8000\n  allowed_hosts: [a.example]\n")
    settings = read_settings(
        places,
        {
            "CEASEWIRE_DESK__PORT": "8400",
            "CEASEWIRE_POLLING__TIMEOUT": "20 s",
            "CEASEWIRE_POLLING__ALLOW_PRIVATE": "10.0.0.0/8, 127.0.0.0/8",
            "CEASEWIRE_PACKS": "ukraine_russia",
            "CEASEWIRE_DESK__TOKEN": "1234567890123456",
            "PATH": "/bin",
            "CEASEWIRE_CONFIG": "elsewhere",
        },
    )
    assert settings.desk.port == 8400
    assert settings.desk.allowed_hosts == ("a.example",)
    assert settings.polling.timeout == timedelta(seconds=20)
    assert settings.polling.allow_private == ("10.0.0.0/8", "127.0.0.0/8")
    assert settings.desk.token is not None
    assert settings.desk.token.get_secret_value() == "1234567890123456"
    assert "1234567890123456" not in repr(settings)


def test_every_fault_of_the_environment_names_its_variable() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_overlay(
            {
                "CEASEWIRE_DESK__PRT": "1",
                "CEASEWIRE_DESK__PORT": "many",
                "CEASEWIRE_STORE__KEEP": "long",
                "CEASEWIRE_NOTHING__AT_ALL": "1",
            }
        )
    said = "\n".join(map(str, caught.value.faults))
    assert 'environment: CEASEWIRE_DESK__PRT: unknown key "prt"; did you mean "port"?' in said
    assert "environment: CEASEWIRE_DESK__PORT:" in said
    assert "environment: CEASEWIRE_STORE__KEEP: a duration like" in said
    assert "environment: CEASEWIRE_NOTHING:" in said
    assert len(caught.value.faults) == 4


def test_a_variable_is_named_after_its_setting() -> None:
    assert variable(("desk", "public_url")) == "CEASEWIRE_DESK__PUBLIC_URL"


@pytest.mark.parametrize("value", ["0.0.0.0", "192.168.1.5", "::", "desk.example.org"])
def test_a_desk_beyond_this_machine_needs_a_token(places: Places, value: str) -> None:
    (said,) = faults(places, {"CEASEWIRE_DESK__HOST": value})
    assert said.startswith("environment: CEASEWIRE_DESK__HOST: the desk listens beyond this machine")
    (places.config / "settings.yml").write_text(f"\ndesk:\n  host: '{value}'\n")
    (said,) = faults(places, {})
    assert said.startswith(f"{places.config}/settings.yml:3: desk.host: the desk listens beyond")
    assert read_settings(places, {"CEASEWIRE_DESK__TOKEN": "0123456789abcdef"}).desk.host == value


@pytest.mark.parametrize(
    ("host", "inside"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("0.0.0.0", False)],
)
def test_what_is_this_machine(host: str, inside: bool) -> None:
    assert is_loopback(host) is inside


def test_a_short_token_and_an_unknown_zone_are_refused(places: Places) -> None:
    (places.config / "settings.yml").write_text("desk:\n  token: tiny99\nalerts:\n  timezone: Europe/Kiyv\n")
    said = faults(places, {})
    assert [line.split(": ")[1] for line in said] == ["desk.token", "alerts.timezone"]
    assert "tiny99" not in "".join(said)


def write_channel(places: Places) -> None:
    (places.config / "channels.yml").write_text(
        "channels:\n  - id: hook\n    kind: webhook\n    url: https://a.example/${PART}\n    secret: ${HOOK_KEY}\n"
    )


def test_a_secret_from_the_environment(places: Places) -> None:
    write_channel(places)
    (channel,) = read_channel_list(places, {"PART": "in/here", "HOOK_KEY": KEY})
    assert channel.url.get_secret_value() == "https://a.example/in/here"
    assert secrets_in(channel) == {"https://a.example/in/here", KEY}
    assert KEY not in repr(channel)


def test_a_secret_from_a_file_of_its_owner(places: Places, tmp_path: Path) -> None:
    write_channel(places)
    file = tmp_path / "key"
    file.write_text(KEY + "\n")
    file.chmod(0o600)
    (channel,) = read_channel_list(places, {"PART": "x", "HOOK_KEY_FILE": str(file)})
    assert channel.secret is not None
    assert channel.secret.get_secret_value() == KEY


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_secret_file_that_others_can_read_is_refused(places: Places, tmp_path: Path, mode: int) -> None:
    write_channel(places)
    file = tmp_path / "key"
    file.write_text(KEY)
    file.chmod(mode)
    with pytest.raises(ConfigurationError) as caught:
        read_channel_list(places, {"PART": "x", "HOOK_KEY_FILE": str(file)})
    assert f"channels.yml:5: HOOK_KEY_FILE names {file}, which others can read: chmod 600" in str(caught.value)
    assert KEY not in str(caught.value)


def test_every_missing_secret_is_named(places: Places, tmp_path: Path) -> None:
    write_channel(places)
    with pytest.raises(ConfigurationError) as caught:
        read_channel_list(places, {"HOOK_KEY_FILE": str(tmp_path / "none")})
    first, second = map(str, caught.value.faults)
    assert first.endswith("channels.yml:4: the environment has neither PART nor PART_FILE")
    assert second.endswith("which cannot be read: No such file or directory")


def test_a_setting_may_come_from_a_secret_file(places: Places, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("0123456789abcdef\n")
    file.chmod(0o600)
    token = read_settings(places, {"CEASEWIRE_DESK__TOKEN_FILE": str(file)}).desk.token
    assert token is not None
    assert token.get_secret_value() == "0123456789abcdef"


def test_without_files_all_is_default(places: Places) -> None:
    assert read_settings(places, {}) == Settings()
