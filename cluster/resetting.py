"""Moves a stage to other offsets, while nobody works on it."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from ceasewire.config.settings import KafkaSettings
from ceasewire.errors import CeasewireError
from cluster.broker import Broker, Place
from cluster.stages import STAGES, places

Moment = Callable[[str], datetime]
"""Reads a time as people write it; raises ValueError in words."""


def reset(
    broker: Broker, settings: KafkaSettings, stage: str, to: str, moment: Moment
) -> Mapping[Place, tuple[int, int]]:
    """Lets the stage go on from `to`: earliest, latest, an offset or a time.

    Raises CeasewireError in words, also while workers are active: they would write their own offsets over it.
    """
    if stage not in STAGES:
        raise CeasewireError(f'there is no stage "{stage[:40]}"; there are {", ".join(STAGES)}')
    if workers := broker.workers(stage):
        names = ", ".join(sorted({f"{one.client}@{one.host}" for one in workers}))
        active = "1 worker is" if len(workers) == 1 else f"{len(workers)} workers are"
        raise CeasewireError(f"{active} active on {stage} ({names}): stop what works first")
    where = places(settings, STAGES[stage])
    begins, ends = broker.beginnings(where), broker.ends(where)
    wanted = _wanted(broker, where, begins, ends, to, moment)
    before = broker.committed(stage)
    broker.move(stage, wanted)
    return {place: (before.get(place, begins[place]), wanted[place]) for place in where}


def _wanted(
    broker: Broker,
    where: tuple[Place, ...],
    begins: Mapping[Place, int],
    ends: Mapping[Place, int],
    to: str,
    moment: Moment,
) -> dict[Place, int]:
    if to == "earliest":
        return dict(begins)
    if to == "latest":
        return dict(ends)
    if re.fullmatch(r"\d{1,18}", to):
        return {place: min(max(int(to), begins[place]), ends[place]) for place in where}
    try:
        at = moment(to)
    except ValueError as error:
        raise CeasewireError(f"--to is earliest, latest, an offset or a time: {error}") from None
    return broker.since(where, at)
