"""Process 3: from the topics into Elasticsearch."""
