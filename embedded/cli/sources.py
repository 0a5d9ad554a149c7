"""Queries that name a source: whether there is one."""

import os
from typing import TYPE_CHECKING

from ceasewire.errors import ConfigurationError
from ceasewire.grammar import leaves
from ceasewire.known import unknown
from ceasewire.query import Has
from ceasewire.views import Ask
from embedded.cli.output import fail
from process.config_files import Reading

if TYPE_CHECKING:
    from ceasewire.ports import Search
    from process.places import Places


async def refuse_unknown_sources(places: "Places", searching: "Search", ask: Ask) -> None:
    """Ends with 2 where the query names a source that is no feed of the list, and that no stored item has."""
    wanted = [leaf for leaf in (leaves(ask.node) if ask.node else ()) if isinstance(leaf, Has)]
    wanted = [leaf for leaf in dict.fromkeys(wanted) if leaf.name == "source"]
    if not wanted:
        return
    try:
        feeds = Reading(places, os.environ, sends=False).done(Reading.feeds)
    except ConfigurationError:
        return
    known = {"source": {name.casefold() for feed in feeds for name in (feed.id, feed.outlet)}}
    for leaf in wanted:
        faults = unknown(leaf, known)
        if faults and not (await searching.search(Ask(node=leaf, limit=1))).hits:
            fail(f"{faults[0]}\nthose that there are: ceasewire feeds list")
