"""What every search must give: the store's and the fake's."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from secrets import token_hex

import pytest

from ceasewire.config.settings import ElasticsearchSettings
from ceasewire.grammar import parse
from ceasewire.items import Source, Span, Tagged
from ceasewire.ports import Search
from ceasewire.query import And, Has, In, Node, Not, Or, Phrase, Word
from ceasewire.views import Ask, Count
from cluster.search.client import Index, connect
from cluster.search.searching import ElasticSearch
from embedded.search import SqliteSearch
from tests.contract.elastic import filled, stocked
from tests.fakes.search import FakeSearch
from tests.store.making import NOON, Clock, make_store, make_tagged, put_all

EVENING = Source(feed="evening_post", outlet="Evening Post")
STOCK = [
    make_tagged(
        1,
        "Ceasefire talks resume in the lake town",
        "Envoys of both sides arrived. They spoke for hours. Nobody smiled. Later the grain corridor came up.",
        issues=["ceasefire", "grain"],
        actors=("russia",),
        relevance="main",
        conflict="ukraine_russia",
        at=NOON - timedelta(days=3),
    ),
    make_tagged(
        2,
        "Переговори тривають",
        "Делегації повернулися до переговорів. Про полонених не говорили.",
        language="uk",
        relevance="main",
        conflict="ukraine_russia",
        issues=["ceasefire"],
        source=EVENING,
        at=NOON - timedelta(days=2),
    ),
    make_tagged(3, "Football talk", "The striker left. The town is sad. Fans wept. A ceasefire in the dressing room."),
    make_tagged(
        4, "Prisoners come home", "An exchange took place near the border.", relevance="passing", source=EVENING
    ),
    make_tagged(5, "Peace, talks and the weather", "Rain.", language="und", at=NOON - timedelta(days=40)),
]


@asynccontextmanager
async def _sqlite(tagged: Sequence[Tagged], folder: Path) -> AsyncIterator[Search]:
    store = make_store(folder, Clock())
    await put_all(store, tagged)
    yield SqliteSearch(store)
    store.close()


@asynccontextmanager
async def _fake(tagged: Sequence[Tagged], folder: Path) -> AsyncIterator[Search]:
    yield FakeSearch(lambda: tagged, lambda: NOON)


Make = Callable[[Sequence[Tagged]], AbstractAsyncContextManager[Search]]


@pytest.fixture
def sqlite(tmp_path: Path) -> Make:
    return lambda stock: _sqlite(stock, tmp_path)


@pytest.fixture
def fake(tmp_path: Path) -> Make:
    return lambda stock: _fake(stock, tmp_path)


@pytest.fixture
def elastic(elasticsearch: str) -> Make:
    @asynccontextmanager
    async def make(stock: Sequence[Tagged]) -> AsyncIterator[Search]:
        async with filled(elasticsearch, f"t{token_hex(6)}", stock) as index:
            yield ElasticSearch(index, Clock())

    return make


KINDS = ["sqlite", "fake", pytest.param("elastic", marks=pytest.mark.elasticsearch)]


@pytest.fixture(params=KINDS)
def make(request: pytest.FixtureRequest) -> Make:
    """Opens a search over a stock of items, of each kind."""
    made: Make = request.getfixturevalue(request.param)
    return made


@pytest.fixture(scope="module")
def indexed(elasticsearch: str) -> Iterator[ElasticsearchSettings]:
    """The stock in a real index, for all tests that only read it."""
    with stocked(elasticsearch, f"t{token_hex(6)}", STOCK) as settings:
        yield settings


@pytest.fixture(params=KINDS)
async def search(request: pytest.FixtureRequest) -> AsyncIterator[Search]:
    """A search over the stock, of each kind."""
    if request.param == "elastic":
        settings: ElasticsearchSettings = request.getfixturevalue("indexed")
        async with connect(settings) as client:
            yield ElasticSearch(Index(client, settings), Clock())
        return
    make: Make = request.getfixturevalue(request.param)
    async with make(STOCK) as made:
        yield made


async def numbers(search: Search, node: Node | None, **ask: object) -> list[int]:
    found = await search.search(Ask(node=node, **ask))  # type: ignore[arg-type]
    assert found.total == len(found.hits) or ask
    return [int(hit.tagged.item.id[2:]) for hit in found.hits]


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (None, [4, 3, 2, 1, 5]),
        (Word("talks"), [3, 1, 5]),
        (Word("TALK"), [3, 1]),
        (Word("переговори"), [2]),
        (Word("переговорів"), [2]),
        (Word("nowhere"), []),
        (Word("—"), []),
        (Word('" OR title'), []),
        (Word("prison", prefix=True), [4]),
        (Word("prisoners", prefix=True), [4]),
        (Word("prisonersx", prefix=True), []),
        (Phrase("ceasefire talks"), [1]),
        (Phrase("talks ceasefire"), []),
        (Phrase("ceasefire talk"), []),
        (Phrase("Town is sad"), [3]),
        (In("title", Word("ceasefire")), [1]),
        (In("lede", Word("ceasefire")), [1]),
        (In("lede", Word("sad")), [3]),
        (In("lede", Phrase("grain corridor")), []),
        (In("title", Phrase("football talk")), [3]),
        (In("title", In("lede", Word("sad"))), []),
        (In("title", Has("issue", "ceasefire")), [1]),
        (In("title", Has("issue", "grain")), []),
        (In("lede", Has("issue", "grain")), []),
        (Has("issue", "grain"), [1]),
        (Has("issue", "ceasefire"), [2, 1]),
        (Has("actor", "russia"), [1]),
        (Has("conflict", "ukraine_russia"), [2, 1]),
        (Has("lang", "uk"), [2]),
        (Has("source", "evening_post"), [4, 2]),
        (Has("source", "Evening post"), [4, 2]),
        (Has("relevance", "main"), [2, 1]),
        (Has("relevance", "none"), [3, 5]),
        (And((Word("talks"), Word("lake"))), [1]),
        (And((Word("talks"), Not(Word("football")))), [1, 5]),
        (And((Word("town"), Not(Phrase("lake town")))), [3]),
        (Not(Word("talks")), [4, 2]),
        (Or((Word("football"), Word("lake"))), [3, 1]),
        (Or((Word("football"), Has("lang", "uk"))), [3, 2]),
        (Or((Phrase("lake town"), And((Word("exchange"), Has("source", "evening_post"))))), [4, 1]),
        (And((In("title", Or((Word("ceasefire"), Word("football")))), Has("lang", "en"))), [3, 1]),
        (Not(Or((Word("talks"), Not(Has("lang", "en"))))), [4]),
    ],
)
async def test_finds(search: Search, node: Node | None, expected: list[int]) -> None:
    assert await numbers(search, node) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("mark:opinion", [4, 2]),
        ("mark:live_blog", [3]),
        ("mark:explainer", [4]),
        ("mark:interview", []),
        ("-mark:opinion", [5, 3, 1]),
        ("talks -mark:opinion", [3, 1]),
        ("mark:opinion mark:explainer", [4]),
        ("mark:live_blog OR mark:explainer", [4, 3]),
        ("title:talks mark:opinion", [2]),
        ("(mark:opinion talks) in:title", [2]),
        ("extent:page", [5, 2]),
        ("extent:summary", [4, 3, 1]),
        ("-extent:page", [4, 3, 1]),
        ("extent:page -mark:opinion", [5]),
        ("extent:summary mark:opinion", [4]),
    ],
)
async def test_marks_and_the_extent_of_the_text(make: Make, query: str, expected: list[int]) -> None:
    stock = [
        make_tagged(1, "Talks open"),
        make_tagged(2, "Opinion: talks open", marks=("opinion",), extent="page"),
        make_tagged(3, "Live: talks open", marks=("live_blog",)),
        make_tagged(4, "Rain", marks=("opinion", "explainer")),
        make_tagged(5, "Rain", extent="page"),
    ]
    async with make(stock) as search:
        assert await numbers(search, parse(query)) == expected


async def test_a_span_of_days(search: Search) -> None:
    assert await numbers(search, None, since=NOON - timedelta(days=2)) == [4, 3, 2]
    assert await numbers(search, None, until=NOON) == [2, 1, 5]
    assert await numbers(search, Word("talks"), since=NOON - timedelta(days=5), until=NOON) == [1]
    assert await numbers(search, None, since=NOON + timedelta(days=1)) == []


async def test_pages_meet_each_item_once(search: Search) -> None:
    seen, after = [], None
    for _ in range(5):
        found = await search.search(Ask(limit=2, after=after))
        assert found.total == 5
        assert not found.total_is_least
        seen += [int(hit.tagged.item.id[2:]) for hit in found.hits]
        after = found.next
        if after is None:
            break
    assert seen == [4, 3, 2, 1, 5]


async def test_facets_count_the_matches(search: Search) -> None:
    facets = await search.facets(Ask(node=Has("conflict", "ukraine_russia")))
    assert (facets.counted, facets.all_counted) == (2, True)
    assert facets.issues == (Count("ceasefire", 2), Count("grain", 1))
    assert facets.actors == (Count("russia", 1),)
    assert facets.languages == (Count("en", 1), Count("uk", 1))
    assert facets.sources == (Count("evening_post", 1), Count("morning_wire", 1))
    assert facets.conflicts == (Count("ukraine_russia", 2),)
    assert facets.days == (Count("2026-03-08", 1), Count("2026-03-07", 1))


async def test_volume_has_every_day_of_the_span(search: Search) -> None:
    volume = await search.volume(Ask())
    assert len(volume.days) == 30
    assert (volume.days[0], volume.days[-1]) == (date(2026, 2, 9), date(2026, 3, 10))
    assert list(volume.issues) == ["ceasefire", "grain"]
    assert volume.issues["ceasefire"][-4:] == (1, 1, 0, 0)
    assert volume.issues["grain"][-4:] == (1, 0, 0, 0)
    assert volume.items[-4:] == (1, 1, 0, 0)


async def test_volume_of_a_query_and_a_span(search: Search) -> None:
    volume = await search.volume(Ask(node=Word("переговори"), since=NOON - timedelta(days=3), until=NOON))
    assert volume.days == tuple(date(2026, 3, day) for day in (7, 8, 9, 10))
    assert volume.items == (0, 1, 0, 0)
    whole = await search.volume(Ask(since=datetime(2026, 3, 7, tzinfo=UTC), until=datetime(2026, 3, 9, tzinfo=UTC)))
    assert whole.items == (1, 1)


async def test_volume_counts_issues_of_conflicts_also_where_nobody_negotiates(make: Make) -> None:
    stock = [
        make_tagged(1, "Frozen assets lent on", issues=["assets"], conflict="river_war"),
        make_tagged(2, "Assets of a bank", issues=["assets"]),
        make_tagged(3, "Shelling by the river", conflict="river_war"),
        make_tagged(4, "Talks open", relevance="main"),
    ]
    async with make(stock) as search:
        volume = await search.volume(Ask())
    assert (sum(volume.items), {issue: sum(counts) for issue, counts in volume.issues.items()}) == (2, {"assets": 1})


async def test_the_newest_by_date_come_first_however_late_they_came(make: Make) -> None:
    hours = (5, 1, 9, 2, 9)
    stock = [make_tagged(n, "Rain", at=NOON - timedelta(hours=hour)) for n, hour in enumerate(hours)]
    async with make(stock) as search:
        assert await numbers(search, None) == [1, 3, 0, 4, 2]
        assert await numbers(search, Word("rain")) == [1, 3, 0, 4, 2]
        assert await numbers(search, Has("lang", "en"), since=NOON - timedelta(hours=5)) == [1, 3, 0]


async def test_facets_stop_at_2000(make: Make) -> None:
    many = [make_tagged(n, "Rain") for n in range(2005)]
    async with make(many) as search:
        facets = await search.facets(Ask())
    assert (facets.counted, facets.all_counted) == (2000, False)
    assert facets.languages == (Count("en", 2000),)


async def test_an_empty_store(make: Make) -> None:
    async with make([]) as search:
        found = await search.search(Ask(node=Word("talks")))
        assert (found.hits, found.total, found.next) == ((), 0, None)
        assert (await search.facets(Ask())).counted == 0
        assert sum((await search.volume(Ask())).items) == 0


async def test_marks_on_latin_letters_make_no_difference(make: Make) -> None:
    stock = [
        make_tagged(1, "Erdoğan hosts talks in Ankara", language="en"),
        make_tagged(2, "Большой обмен", language="ru"),
    ]
    async with make(stock) as search:
        for node in (Word("Erdogan"), Word("erdoğan"), Phrase("Erdogan hosts"), Word("erdog", prefix=True)):
            (hit,) = (await search.search(Ask(node=node))).hits
            assert _cite(hit.tagged, hit.highlights[0]).startswith("Erdoğan")
        assert await numbers(search, Phrase("Большои")) == []
        assert await numbers(search, Phrase("большой обмен")) == [2]


async def test_words_with_an_apostrophe_are_whole(make: Make) -> None:
    async with make([make_tagged(1, "O'Neil's talks; peace 'now'")]) as search:
        assert await numbers(search, Phrase("neil's talks")) == []
        assert await numbers(search, Phrase("O’Neil's talks")) == [1]
        assert await numbers(search, Phrase("peace now")) == [1]
        assert await numbers(search, Phrase("talks peace")) == [1]


async def test_highlights_cite_the_words(search: Search) -> None:
    node = And((Word("talk"), Phrase("lake town"), Word("env", prefix=True), Not(Word("football"))))
    (hit,) = (await search.search(Ask(node=node))).hits
    cited = [_cite(hit.tagged, span) for span in hit.highlights]
    assert cited == ["talks", "lake town", "Envoys"]


async def test_overlapping_highlights_are_one(search: Search) -> None:
    node = Or((Phrase("lake town"), Word("town"), In("title", Word("lake"))))
    for hit in (await search.search(Ask(node=node))).hits:
        for field in ("title", "text"):
            spans = [span for span in hit.highlights if span.field == field]
            assert spans == sorted(spans, key=lambda span: span.start)
            assert all(one.end <= two.start for one, two in pairwise(spans))


@pytest.mark.parametrize("after", ["", "x", "9" * 300, "-1", "\x00"])
async def test_an_alien_cursor_starts_at_the_top(search: Search, after: str) -> None:
    assert await numbers(search, None, after=after) == [4, 3, 2, 1, 5]


def _cite(tagged: Tagged, span: Span) -> str:
    return (tagged.item.title if span.field == "title" else tagged.item.text)[span.start : span.end]
