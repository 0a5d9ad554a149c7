"""A real Kafka broker and a real Elasticsearch node for the tests, of pinned files, on any machine with Java and Maven.

`python -m tests.services -- COMMAND` runs a command with both; the fixtures are in `fixtures.py`.
"""
