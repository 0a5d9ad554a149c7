"""Settings of the broker as the Kafka libraries spell them. Values only: nothing is opened or connected here."""

from typing import Any

from ceasewire.config.settings import KafkaSettings


class Hidden(str):
    """A password: a text like any other that shows as *** where a library writes its configuration into a log."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


def kafka_python_options(settings: KafkaSettings) -> dict[str, Any]:
    """How every client of kafka-python reaches the brokers: addresses, TLS and log-in."""
    options: dict[str, Any] = _log_in(settings)
    if is_encrypted(settings):
        options["ssl_check_hostname"] = True
        options |= {f"ssl_{name}": path for name, path in tls_files(settings).items()}
    return options


def aiokafka_options(settings: KafkaSettings) -> dict[str, Any]:
    """How every client of aiokafka reaches the brokers; where `tls_files` gives any, `ssl_context` made of them too."""
    return _log_in(settings)


def tls_files(settings: KafkaSettings) -> dict[str, str]:
    """cafile, certfile and keyfile as far as they are set; nothing where brokers are not spoken to by TLS."""
    if not is_encrypted(settings):
        return {}
    named = {"cafile": settings.ca_file, "certfile": settings.certificate_file, "keyfile": settings.key_file}
    return {name: path for name, path in named.items() if path}


def is_encrypted(settings: KafkaSettings) -> bool:
    """Whether brokers are spoken to by TLS."""
    return settings.protocol in ("ssl", "sasl_ssl")


def _log_in(settings: KafkaSettings) -> dict[str, Any]:
    options: dict[str, Any] = {
        "bootstrap_servers": list(settings.bootstrap),
        "security_protocol": settings.protocol.upper(),
    }
    if settings.protocol.startswith("sasl"):
        options["sasl_mechanism"] = settings.mechanism
        options["sasl_plain_username"] = settings.username or ""
        options["sasl_plain_password"] = Hidden(settings.password.get_secret_value() if settings.password else "")
    return options


def shown(settings: KafkaSettings) -> str:
    """The brokers as a line for people."""
    return ", ".join(settings.bootstrap)
