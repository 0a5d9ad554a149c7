"""Parts that Faust is given: how it logs in, an app without a folder, and a thread that holds up no end."""

import ssl
from typing import Any

import faust
from mode.threads import WorkerThread

from ceasewire.config.settings import KafkaSettings
from ceasewire.kafka_options import aiokafka_options, is_encrypted, tls_files


class Faust(faust.App):
    """An app that makes no folders: there are no tables, and the disk may be read-only."""

    def _create_directories(self) -> None: ...


class Daemon(WorkerThread):
    """A thread that does not keep a process from ending."""

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.daemon = True


def credentials(settings: KafkaSettings) -> Any:
    """What Faust's `broker_credentials` takes; None where the brokers ask for nothing."""
    context = None
    if is_encrypted(settings):
        files = tls_files(settings)
        context = ssl.create_default_context(cafile=files.get("cafile"))
        if "certfile" in files:
            context.load_cert_chain(files["certfile"], files.get("keyfile"))
    options = aiokafka_options(settings)
    if "sasl_mechanism" in options:
        return faust.SASLCredentials(
            mechanism=options["sasl_mechanism"],
            username=options["sasl_plain_username"],
            password=options["sasl_plain_password"],
            ssl_context=context,
        )
    return faust.SSLCredentials(context) if context is not None else None
