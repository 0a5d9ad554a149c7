# Elasticsearch of the pinned files, for compose_check.py, from a folder that images.py lays out.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm
FROM ${PYTHON_IMAGE}
# hadolint ignore=DL3008
RUN command -v curl \
    || (apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*)
COPY java /opt/java
COPY --chown=1000:0 files /usr/share/elasticsearch
RUN mkdir -p /usr/share/elasticsearch/data /usr/share/elasticsearch/logs \
    && chown 1000:0 /usr/share/elasticsearch /usr/share/elasticsearch/data /usr/share/elasticsearch/logs
COPY start.py /opt/start.py
USER 1000:0
CMD ["python3", "/opt/start.py"]
