"""The folder `config/` as one checked value: settings, feeds, rules, channels and the engine built from them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from ceasewire import bundled
from ceasewire.config.channels import Channel
from ceasewire.config.examples import check_examples
from ceasewire.config.feeds import Feed
from ceasewire.config.lines import Lines
from ceasewire.config.rules import Rule, read_rule
from ceasewire.config.settings import Settings
from ceasewire.engine import Engine, build_engine
from ceasewire.errors import ConfigurationError, Fault, QueryError
from ceasewire.grammar import parse
from ceasewire.known import unknown
from ceasewire.pack.names import Names
from ceasewire.query import Node
from ceasewire.text.language import LANGUAGES, UNKNOWN
from process.config_files import YAML, Reading, missing, secrets_in, unread_files
from process.first_start import write_starter
from process.places import Places

__all__ = ["Configuration", "read_configuration", "write_starter"]


@dataclass(frozen=True)
class Configuration:
    """Everything that `config/` says, checked; one value, so that all of it changes at once."""

    settings: Settings
    feeds: tuple[Feed, ...]
    rules: tuple[Rule, ...]
    channels: tuple[Channel, ...]
    engine: Engine
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    """Every secret in it, to take them out of logs and pages."""

    @property
    def channels_by_id(self) -> dict[str, Channel]:
        """The channels under the names that rules use."""
        return {channel.id: channel for channel in self.channels}


def read_configuration(
    places: Places,
    environ: Mapping[str, str],
    before: Configuration | None = None,
    sends: bool = True,
    fetches: bool = False,
) -> Configuration:
    """The whole folder; raises ConfigurationError with every fault of all files.

    Where there is no folder, it is what the program brings along; a folder that is there holds its own feeds and
    rules. `before` is what is in force: it lends its engine where nothing that it was built from has changed, and
    a folder that vanished is then a fault. Without `sends` secrets that are not set are no faults, save for
    those of feeds.yml where it `fetches`.
    """
    if before and not places.config.exists():
        raise ConfigurationError([Fault(str(places.config), None, "is missing; put the folder back")])
    reading = _Rules(places, environ, sends, fetches)
    reading.faults += unread_files(places.config)
    settings = reading.settings()
    named = len(reading.faults)
    feeds = reading.feeds()
    sources = feeds if len(reading.faults) == named else None
    named = len(reading.faults)
    channels = reading.channels()
    rules = reading.rules(channels if len(reading.faults) == named else None)
    engine = reading.engine(settings, [rule for rule, _ in rules], channels, before)
    if engine:
        reading.check_queries(engine.names, sources)
        for rule, lines in rules:
            reading.faults += check_examples(rule, engine, lines)
    reading.stop()
    assert engine is not None  # without faults there is an engine
    secrets = reading.secrets.union(*(secrets_in(part) for part in (settings, *feeds, *channels)))
    return Configuration(settings, feeds, tuple(rule for rule, _ in rules), channels, engine, frozenset(secrets))


class _Rules(Reading):
    """The reading with what needs packs: rules, their queries and examples, and the engine."""

    def __init__(self, places: Places, environ: Mapping[str, str], sends: bool, fetches: bool) -> None:
        super().__init__(places, environ, sends, fetches)
        self._queries: list[tuple[Node, Lines]] = []

    def rules(self, channels: Sequence[Channel] | None) -> list[tuple[Rule, Lines]]:
        found: list[tuple[Rule, Lines]] = []
        known: dict[str, str] = {}
        channel_ids = None if channels is None else {channel.id for channel in channels} | {"desk"}
        for file, text in self._rule_texts():
            lines = self.lines(file, text, secrets=False)
            if lines is None:
                continue
            rule = self.attempt(partial(read_rule, lines), None) or lines.usable(Rule)
            if channel_ids is not None:  # a broken channels.yml is told once
                self._check_channels(lines, channel_ids)
            node = rule.node if rule else _readable_query(lines)
            if node is not None:
                self._queries.append((node, lines))
            if rule is None:
                continue
            if rule.id in known:
                self.faults.append(lines.fault(("id",), f'the id "{rule.id}" stands already in {known[rule.id]}'))
                continue
            known[rule.id] = file
            found.append((rule, lines))
        return found

    def _check_channels(self, lines: Lines, known: Collection[str]) -> None:
        """Looks at what the file says, so that a rule with other faults is checked too."""
        named = lines.data.get("channels") if isinstance(lines.data, dict) else None
        for index, channel in enumerate(named if isinstance(named, list) else ()):
            if isinstance(channel, str) and channel not in known:
                text = f'no channel is named "{channel[:60]}" in {self.places.config / "channels.yml"}'
                self.faults.append(lines.fault(("channels", index), text))

    def _rule_texts(self) -> list[tuple[str, str]]:
        if not self.places.config.exists():
            return [(f"rules/{name}", text) for name, text in bundled.rule_texts().items()]
        folder = self.places.config / "rules"
        if not folder.is_dir():
            self.faults.append(missing(folder))
            return []
        paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in YAML and not p.name.startswith("."))
        return [(str(path), self.own(path) or "") for path in paths]

    def engine(
        self, settings: Settings, rules: Sequence[Rule], channels: Sequence[Channel], before: Configuration | None
    ) -> Engine | None:
        if before and (settings.packs, tuple(rules), tuple(channels)) == (
            before.settings.packs,
            before.rules,
            before.channels,
        ):
            return before.engine
        try:
            packs = bundled.packs(settings.packs)
        except ConfigurationError as error:
            at = self.settings_lines
            self.faults += [at.fault(("packs",), one.text) if at and one.line is None else one for one in error.faults]
            return None
        return self.attempt(lambda: build_engine(packs, rules, channels), None)

    def check_queries(self, names: Names, feeds: Sequence[Feed] | None) -> None:
        """Without `feeds`, where their file has faults, the sources that rules name are not looked up."""
        known: dict[str, Collection[str]] = {
            "issue": names.known_issues(),
            "actor": names.known_actors(),
            "conflict": names.known_conflicts(),
            "mark": names.known_marks(),
            "lang": (*LANGUAGES, UNKNOWN),
        }
        if feeds is not None:
            known["source"] = {word.casefold() for feed in feeds for word in (feed.id, feed.outlet)}
        for node, lines in self._queries:
            self.faults += [lines.fault(("query",), f"query: {words}") for words in unknown(node, known)]


def _readable_query(lines: Lines) -> Node | None:
    """The query of a rule that has other faults."""
    query = lines.data.get("query") if isinstance(lines.data, dict) else None
    try:
        return parse(query) if isinstance(query, str) else None
    except QueryError:
        return None  # that is one of its faults
