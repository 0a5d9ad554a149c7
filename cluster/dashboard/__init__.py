"""The dashboard for Kibana, made by code: `ndjson` gives the file that Kibana imports."""

from cluster.dashboard.board import ndjson, objects

__all__ = ["ndjson", "objects"]
