# What stands in for Kibana, for compose_check.py, from a folder that images.py lays out.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm
FROM ${PYTHON_IMAGE}
# hadolint ignore=DL3008
RUN command -v curl \
    || (apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*)
RUN mkdir -p /usr/share/kibana/data && chown 1000:1000 /usr/share/kibana/data
COPY start.py /opt/start.py
USER 1000:1000
CMD ["python3", "/opt/start.py"]
