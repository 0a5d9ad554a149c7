"""What stands in the YAML files of a pack."""

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from ceasewire.config.kinds import Id
from ceasewire.config.lines import Strict

Language = Literal["any", "en", "uk", "ru", "de", "fr", "es", "pl"]
PACK_LANGUAGES = ("en", "uk", "ru", "de", "fr", "es", "pl")
"""The languages that patterns and names are written in; `any` stands for all."""
PLOVER = frozenset(
    (
        "ACCUSE",
        "AGREE",
        "AID",
        "ASSAULT",
        "COERCE",
        "CONCEDE",
        "CONSULT",
        "COOPERATE",
        "MOBILIZE",
        "PROTEST",
        "REJECT",
        "REQUEST",
        "RETREAT",
        "SANCTION",
        "SUPPORT",
        "THREATEN",
    )
)
"""The sixteen classes of PLOVER, as NGEC names them."""
Words = dict[Language, tuple[Any, ...]]
Day = str


class Issue(Strict):
    """What talks are about."""

    id: Id
    name: str = Field(min_length=1)
    names: dict[Language, str] = Field({})
    definition: str = Field(min_length=1)
    pax: tuple[str, ...] | Literal["none"] = Field(description="Categories of the PA-X agreement database, or none")
    plover: tuple[str, ...] | Literal["none"] = Field(description="Classes of PLOVER that its moves fall in, or none")
    war: bool = Field(
        False, description="true: counts only in an item of armed conflict; its words have everyday senses"
    )
    calm: bool = Field(
        True, description="false: does not count in an item of peacetime matters that shows no armed conflict"
    )
    conflict: Id | None = Field(None, description="Counts only in an item about this conflict")
    settlement: bool | Literal["shared"] = Field(
        False,
        description="true: a matter of the settlement; where a party takes a position on it there are talks. "
        "shared: also a matter with others, like allies; a position alone is not enough",
    )
    process: float = Field(0, ge=0, le=5, description="How much a mention says that the item is about negotiations")
    patterns: Words
    must: dict[Language, tuple[str, ...]] = Field({}, description="Sentences that have it")
    must_not: dict[Language, tuple[str, ...]] = Field({}, description="Sentences that do not have it")

    @field_validator("patterns")
    @classmethod
    def _some(cls, patterns: Words) -> Words:
        if not any(patterns.values()):
            raise ValueError("an issue needs at least one pattern")
        return patterns

    @field_validator("plover")
    @classmethod
    def _classes(cls, plover: tuple[str, ...] | str) -> tuple[str, ...] | str:
        unknown = [] if isinstance(plover, str) else [one for one in plover if one not in PLOVER]
        if unknown:
            raise ValueError(f"no PLOVER class is named {', '.join(unknown)}; there are {', '.join(sorted(PLOVER))}")
        return plover


class Role(Strict):
    """What a person is, and when; open ends are left out."""

    title: str
    since: Day | None = Field(None, alias="from", pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")
    until: Day | None = Field(None, alias="to", pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")

    @model_validator(mode="after")
    def _forward(self) -> "Role":
        shared = min(len(self.since or ""), len(self.until or ""))  # 2024 and 2024-05 are in order either way
        if self.since and self.until and self.until[:shared] < self.since[:shared]:
            raise ValueError(f'the role "{self.title}" ends ({self.until}) before it begins ({self.since})')
        return self


class Actor(Strict):
    """A party, person, organisation or collective that may act."""

    id: Id
    name: str = Field(min_length=1)
    type: str = Field(min_length=1)
    sector: str | None = Field(None, description="PLOVER sector")
    side: str | None = None
    parent: Id | None = None
    roles: tuple[Role, ...] = ()
    names: Words = Field({})
    metonyms: Words = Field({}, description="Seats of power: an actor, unless the words tell of a place")
    short: Words = Field({}, description="Names that count only where one of `names` stands in the item too")


class Named(Strict):
    """A place or a document."""

    id: Id
    name: str = Field(min_length=1)
    names: Words


class Conflict(Strict):
    """An armed conflict, by what only it has (3), what it mostly has (2) and what speaks in others too (1)."""

    id: Id
    name: str = Field(min_length=1)
    own: tuple[Id, ...] = Field((), description="Actors and places that nearly always mean this conflict")
    shared: tuple[Id, ...] = Field((), description="Actors and places that take part in other things too")
    own_sides: tuple[str, ...] = Field((), description="Sides whose actors count as its own")
    shared_sides: tuple[str, ...] = Field((), description="Sides whose actors count as shared")
    beside: tuple[Id, ...] = Field((), description="Actors who fight or talk with its parties, or go between them")
    beside_sides: tuple[str, ...] = Field((), description="Sides whose actors do so")
    words: Words = Field({}, description="Further words that only this conflict has")


class MarkExample(Strict):
    """A text that has a mark, or has it not."""

    title: str = ""
    text: str = ""
    url: str | None = None


class Mark(Strict):
    """A form of text that is told from a plain report, by the labels that outlets put on it; see `pack.labels`."""

    id: Id
    name: str = Field(min_length=1)
    labels: dict[Language, tuple[str, ...]] = Field({}, description="Before or behind a sign that parts a title")
    titles: dict[Language, tuple[str, ...]] = Field({}, description="What a whole title is, begins or ends with")
    lines: dict[Language, tuple[str, ...]] = Field({}, description="Lines at the head or the foot of the text")
    paths: tuple[str, ...] = Field((), description="Folders in the path of an address")
    must: dict[Language, tuple[str | MarkExample, ...]] = Field({}, description="Titles, or texts, that have it")
    must_not: dict[Language, tuple[str | MarkExample, ...]] = Field({}, description="Those that do not have it")


class Head(Strict):
    """pack.yml: what the pack is."""

    id: Id
    name: str = Field(min_length=1)
    version: int = Field(ge=1)
    description: str = ""


class File(Strict):
    """Any further file of a pack: lists that are joined over all files."""

    sets: dict[Language, dict[str, tuple[str, ...]]] = Field(
        {}, description="Lists of words that patterns name as @set"
    )
    issues: tuple[Issue, ...] = ()
    actors: tuple[Actor, ...] = ()
    places: tuple[Named, ...] = ()
    documents: tuple[Named, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    marks: tuple[Mark, ...] = ()
    common: dict[Language, tuple[str, ...]] = Field(
        {}, description="Words that say nothing about what a text tells, with blanks between"
    )
    ignore: Words = Field({}, description="Phrases that name nobody, like the name of a newspaper")
    venue_before: dict[Language, tuple[str, ...]] = Field({}, description="Words before a metonym that make it a place")
    venue_after: dict[Language, tuple[str, ...]] = Field({}, description="Words after a metonym that make it a place")
    venue_unless_after: dict[Language, tuple[str, ...]] = Field(
        {}, description="Words after a metonym that make it an actor all the same"
    )
    talks: Words = Field({}, description="Negotiations under way or asked for: what makes them a matter of an item")
    war: Words = Field({}, description="Words of armed conflict, for conflicts that are in no pack")
    other_talks: Words = Field({}, description="Negotiations that are not about war: trade, coalitions, wages")
    envoys: Words = Field({}, description="Who goes between parties; counts in a sentence that names a party")
    settling: Words = Field({}, description="Words of a settlement; count where two sides stand in title or lede")
    contacts: Words = Field({}, description="Words of any contact; count where two sides stand in the same sentence")
    stances: Words = Field({}, description="Taking a position; counts beside an issue of a settlement and a party")
    violence: Words = Field({}, description="Words of fighting that have everyday senses, for news of known parties")
    other_matters: Words = Field({}, description="What else parties speak about; their contacts do not count there")
