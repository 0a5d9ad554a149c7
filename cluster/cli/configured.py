"""What the commands need of the configuration, and how they meet its faults."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ceasewire.errors import CeasewireError
from embedded.cli.output import fail
from process.places import Places

if TYPE_CHECKING:
    from ceasewire.config.feeds import Feed
    from ceasewire.config.settings import Settings
    from process.configuration import Configuration


def settings_and_feeds(places: Places) -> "tuple[Settings, tuple[Feed, ...]]":
    """settings.yml and feeds.yml alone, which are quickly read; raises ConfigurationError."""
    from process.config_files import Reading

    reading = Reading(places, os.environ, False)
    settings, feeds = reading.settings(), reading.feeds()
    reading.stop()
    return settings, feeds


def whole(places: Places) -> "Configuration":
    """All of the configuration, with the engine; raises ConfigurationError."""
    from process.configuration import read_configuration

    return read_configuration(places, os.environ, sends=False)


@contextmanager
def said_in_words() -> Iterator[None]:
    """What cannot be done ends the command with 2, in words; the libraries' own lines are left out."""
    for name in ("kafka", "elastic_transport", "elasticsearch"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        yield
    except CeasewireError as error:
        fail(error)
