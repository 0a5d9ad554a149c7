"""Way to run 2: each process on its own, over Kafka and Elasticsearch."""
