"""Settings of the broker as the Kafka libraries are given them."""

from pydantic import SecretStr

from ceasewire.config.settings import KafkaSettings
from ceasewire.kafka_options import aiokafka_options, kafka_python_options, shown, tls_files

PLAIN = KafkaSettings(bootstrap=("one:9092", "two:9092"))
SAFE = KafkaSettings(
    protocol="sasl_ssl",
    mechanism="SCRAM-SHA-256",
    username="ceasewire",
    password=SecretStr("forty-two-ducks"),
    ca_file="ca.pem",
)


def test_without_tls_and_log_in_there_are_only_addresses() -> None:
    wanted = {"bootstrap_servers": ["one:9092", "two:9092"], "security_protocol": "PLAINTEXT"}
    assert kafka_python_options(PLAIN) == aiokafka_options(PLAIN) == wanted
    assert tls_files(PLAIN) == {}
    assert shown(PLAIN) == "one:9092, two:9092"


def test_log_in_and_tls_are_given_as_each_library_names_them() -> None:
    options = kafka_python_options(SAFE)
    assert options["security_protocol"] == "SASL_SSL"
    assert options["sasl_mechanism"] == "SCRAM-SHA-256"
    assert options["sasl_plain_username"] == "ceasewire"
    assert options["sasl_plain_password"].encode() == b"forty-two-ducks"
    assert options["ssl_cafile"] == "ca.pem"
    assert "ssl_certfile" not in options
    assert tls_files(SAFE) == {"cafile": "ca.pem"}
    assert "ssl_cafile" not in aiokafka_options(SAFE)


def test_files_of_tls_count_only_where_it_is_spoken() -> None:
    settings = KafkaSettings(ca_file="ca.pem", certificate_file="own.pem", key_file="own.key")
    assert "ssl_cafile" not in kafka_python_options(settings)
    settings = settings.model_copy(update={"protocol": "ssl"})
    assert tls_files(settings) == {"cafile": "ca.pem", "certfile": "own.pem", "keyfile": "own.key"}
    assert "sasl_mechanism" not in kafka_python_options(settings)


def test_no_written_form_of_the_options_holds_the_password() -> None:
    for options in (kafka_python_options(SAFE), aiokafka_options(SAFE)):
        assert "forty-two-ducks" not in f"{options} {options!r} {dict(options)}"
