"""The intake over Kafka: what a poll brought goes to the topic `items`, then the feed's state to `feeds`."""

from producers.kafka_intake.intake import KafkaIntake

__all__ = ["KafkaIntake"]
