"""The configuration that the sample day of the cluster writes: commands find its broker and its node by it."""

from pathlib import Path

from ceasewire.config.settings import Settings
from cluster.demo.play import write_cluster
from process.config_files import read_settings
from process.places import Places


def test_commands_find_the_broker_and_the_node(tmp_path: Path) -> None:
    places = Places(config=tmp_path / "config", data=tmp_path)
    places.config.mkdir()
    settings = Settings.model_validate(
        {
            "kafka": {"bootstrap": ["127.0.0.1:9999"], "prefix": "demo-a-", "password": "not written"},
            "elasticsearch": {"url": "http://127.0.0.1:9998", "prefix": "demo-a"},
        }
    )
    write_cluster(places, settings, 8400)
    read = read_settings(places, {})
    assert (read.kafka.bootstrap, read.kafka.prefix) == (settings.kafka.bootstrap, "demo-a-")
    assert (read.elasticsearch.url, read.elasticsearch.prefix, read.desk.port) == (
        "http://127.0.0.1:9998",
        "demo-a",
        8400,
    )
    assert "not written" not in (places.config / "settings.yml").read_text()
