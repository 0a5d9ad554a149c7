"""Images of Kafka and Elasticsearch from the pinned files of the tests, and a stand-in for Kibana.

They are for `make compose-check` where no registry gives the real ones. What is here runs in them, with Python alone.
"""
