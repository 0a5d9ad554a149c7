"""The state of gathering as a fold of the log `relevant`: the same rows give the same stories, alerts and ids."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from ceasewire import gathering
from ceasewire.config.rules import Rule
from ceasewire.gathering import Gathered, Gathering
from ceasewire.items import Tagged
from ceasewire.stories import Member


class Folding:
    """What is remembered of the rows so far. `judge` changes nothing that later rows could see, `take` does."""

    def __init__(self, rules: Callable[[], Mapping[str, Rule]]) -> None:
        self._rules = rules
        self._judged_by = rules()
        """The rules of the last row: those in force, but where these look farther back than what is known reaches."""
        self.state = Gathered.empty()

    @property
    def window(self) -> timedelta:
        """How far back a row looks."""
        return gathering.window(self._judged_by)

    @property
    def outdated(self) -> bool:
        """Whether a rule looks farther back by now: what it wants to know was let go of, or never read."""
        rules = self._rules()
        return rules is not self._judged_by and gathering.window(rules) > self.window

    def renew(self) -> bool:
        """Forgets all where it is outdated, so that the log is read anew by the rules in force; whether it did."""
        if not self.outdated:
            return False
        self._judged_by = self._rules()
        self.state = Gathered.empty()
        return True

    def known(self, item: str) -> Member | None:
        """What is remembered of the item."""
        return self.state.members.get(item)

    def judge(self, tagged: Tagged, now: datetime) -> Gathering:
        """What the item brings; `now` is when its row was appended.

        What is older than the window is let go of first, to the minute where it is the item's own: else a worker that
        has run for long would know more than one that has read the window of the log. While it is outdated, rows are
        judged by the rules of before.
        """
        if not self.outdated:
            self._judged_by = self._rules()
        rules = self._judged_by
        gathering.forget(self.state, now)
        known = self.known(tagged.item.id)
        if known is not None and known.at < now - gathering.window(rules):
            self.state.drop(known)
        return gathering.gather(self.state, tagged, rules, now)

    def take(self, changes: Gathering) -> None:
        """Remembers what `judge` gave."""
        gathering.apply(self.state, changes)
