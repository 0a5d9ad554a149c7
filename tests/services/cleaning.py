"""Deletes what a test left in a shared service.

The client of Kafka is imported where there is a broker: the tests of the embedded edition run without it.
"""

import json
import urllib.request
from importlib import import_module

from tests.services.node import status


def clean_kafka(bootstrap: str, prefix: str) -> None:
    """Delete the topics whose names begin so; what groups committed there goes with them."""
    admin = import_module("kafka").KafkaAdminClient(bootstrap_servers=bootstrap.split(","))
    try:
        topics = [topic for topic in admin.list_topics() if topic.startswith(prefix)]
        if topics:
            admin.delete_topics(topics)
    finally:
        admin.close()


def clean_elasticsearch(url: str, prefix: str) -> None:
    """Delete the indices, templates and pipelines whose names begin so."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{url}/_cat/indices/{prefix}*?format=json&h=index&expand_wildcards=all", timeout=30) as answer:
        indices = [row["index"] for row in json.load(answer)]
    for index in indices:
        status(f"{url}/{index}", "DELETE")
    for kind in ("_index_template", "_component_template", "_ingest/pipeline"):
        status(f"{url}/{kind}/{prefix}*", "DELETE")
