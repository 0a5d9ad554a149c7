"""A second play of the sample day under one name begins with nothing of the first, and touches nothing else."""

from contextlib import closing

from ceasewire import topics
from ceasewire.config.settings import ElasticsearchSettings, KafkaSettings, Settings
from cluster.broker import Broker
from cluster.demo.sweeping import sweep
from cluster.setup_index import Indices
from cluster.topics_setup import Topics
from indexers.elastic import Elastic


def named(kafka: str, elasticsearch: str, name: str) -> Settings:
    return Settings(
        kafka=KafkaSettings(bootstrap=(kafka,), prefix=f"{name}-"),
        elasticsearch=ElasticsearchSettings(url=elasticsearch, prefix=name),
    )


def there(settings: Settings) -> tuple[set[str], set[str]]:
    """Topics and indices of these names."""
    with Broker(settings.kafka) as broker:
        found = set(broker.topics([topic.name for topic in topics.topics(settings.kafka)]))
    with closing(Elastic(settings.elasticsearch)) as elastic:
        return found, set(elastic.indices(f"{settings.elasticsearch.prefix}-*"))


def test_topics_and_indices_of_one_name_are_deleted_and_made_anew(kafka: str, elasticsearch: str, prefix: str) -> None:
    one, other = (named(kafka, elasticsearch, f"{prefix}{part}") for part in ("one", "other"))
    for settings in (one, other):
        assert not Topics(settings.kafka, "0" * 32).run().refusals
        assert not Indices(settings.elasticsearch).run().refusals
    before = there(one), there(other)
    assert all(before[0])
    sweep(one)
    assert there(one) == (set(), set())
    assert there(other) == before[1]
    sweep(one)
    assert not Topics(one.kafka, "0" * 32).run().refusals
    assert not Indices(one.elasticsearch).run().refusals
    assert there(one) == before[0]
