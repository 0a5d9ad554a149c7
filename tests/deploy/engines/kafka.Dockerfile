# Kafka of the pinned files, for compose_check.py, from a folder that images.py lays out.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm
FROM ${PYTHON_IMAGE}
RUN mkdir -p /opt/kafka/bin /opt/kafka/config /var/lib/kafka/data \
    && printf '#!/bin/sh\nexec python3 /opt/kafka/bin/start.py --ask "$@"\n' > /opt/kafka/bin/kafka-broker-api-versions.sh \
    && chmod 755 /opt/kafka/bin/kafka-broker-api-versions.sh \
    && chown -R 1000:1000 /opt/kafka/config /var/lib/kafka
COPY java /opt/java
COPY files /opt/kafka/libs
COPY log4j2.properties /opt/kafka/log4j2.properties
COPY start.py /opt/kafka/bin/start.py
USER 1000:1000
CMD ["python3", "/opt/kafka/bin/start.py"]
