"""The topics that the indexer reads, and the one for dead letters: its only place that knows Kafka."""

from indexers.consumer.letters import DeadLetters
from indexers.consumer.reading import GROUP, Reading

__all__ = ["GROUP", "DeadLetters", "Reading"]
