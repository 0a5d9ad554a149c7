"""rules/*.yml, a rule in each file: which items raise an alert, how old they may be, where the alert goes."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from functools import cached_property

from pydantic import Field, field_validator

from ceasewire.config.kinds import Duration, Id, Line
from ceasewire.config.lines import Lines, Strict
from ceasewire.errors import Fault, QueryError
from ceasewire.grammar import meets_nearly_all, parse, small_operator
from ceasewire.known import unknown
from ceasewire.query import Node

LONGEST_AGE = timedelta(days=14)


class Example(Strict):
    """A text that a rule must meet, or must not."""

    title: str = Field(min_length=1, max_length=1000, description="The headline")
    text: str = Field("", max_length=20_000, description="The text under it")
    source: str | None = Field(None, description="The feed's id or the outlet's name, for rules that ask for a source")


class Rule(Strict):
    """One rule. It sends one alert per story."""

    id: Id = Field(description="The name of the rule, never changed: alert ids are made from it")
    name: Line = Field(description="How alerts call the rule")
    description: str = Field("", max_length=1000, description="What the rule is for")
    query: str = Field(
        min_length=1,
        max_length=2000,
        description="Which items meet it, like: issue:ceasefire conflict:ukraine_russia in:lede",
    )
    max_age: Duration | None = Field(
        None, description='Published no longer ago than this, like "24 h"; without it any age, and items without a date'
    )
    channels: tuple[Id, ...] = Field((), description="Where alerts go besides the desk: ids of channels.yml")
    enabled: bool = Field(True, description="false: the rule raises no alerts")
    must_match: tuple[Example, ...] = Field((), description="Texts that the rule must meet, checked at each load")
    must_not_match: tuple[Example, ...] = Field((), description="Texts that it must not meet, checked at each load")

    @field_validator("query")
    @classmethod
    def _readable(cls, query: str) -> str:
        try:
            node = parse(query)
        except QueryError as error:
            raise ValueError(str(error)) from None
        if small := small_operator(query):
            raise ValueError(f"column {small.column}: {small.hint}")
        if meets_nearly_all(node):
            raise ValueError("nearly every item would meet it; add a word, issue, actor, conflict or source")
        return query

    @field_validator("max_age")
    @classmethod
    def _bounded(cls, age: timedelta | None) -> timedelta | None:
        if age is not None and not timedelta(minutes=1) <= age <= LONGEST_AGE:
            raise ValueError(f"an age from 1 m to {LONGEST_AGE.days} d is wanted")
        return age

    @cached_property
    def node(self) -> Node:
        """The query as a tree."""
        return parse(self.query)


def read_rule(lines: Lines) -> Rule:
    """The rule of a file; raises ConfigurationError with every fault, a query that cannot be read among them."""
    return lines.check(Rule)


def check_names(rule: Rule, known: Mapping[str, Collection[str]], lines: Lines | None = None) -> list[Fault]:
    """A fault for each property of the query whose value is not among those that are known, with the nearest one.

    `known` gives the values of a property, like issue, actor or conflict; others are not checked.
    """
    lines = lines or Lines(f"{rule.id}.yml", None)
    return [lines.fault(("query",), f"query: {words}") for words in unknown(rule.node, known)]
