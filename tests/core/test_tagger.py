"""Items to tags: who, what, which conflict, and whether it is about negotiations."""

import pytest

from ceasewire.engine import Engine
from ceasewire.items import Tagged
from tests.core.tagging_samples import make_engine, make_item


@pytest.fixture(scope="module")
def engine() -> Engine:
    return make_engine()


def tag(engine: Engine, title: str, text: str = "") -> Tagged:
    return engine.tagger.tag(make_item(title, text))


@pytest.mark.parametrize(
    ("title", "actors"),
    [
        ("US envoy Witkoff meets Zelenskyy’s team", {"us", "witkoff", "zelenskyy"}),
        ("They told us about the talks again", set()),
        ("U.S.-backed draft reaches the Kremlin's desk", {"us", "russia"}),
        ("Умєрову передали відповідь Києва", {"umerov", "ukraine"}),
        ("Сибізі відповіли у Варшаві", {"sybiha"}),
        ("Кремль ждет Уиткоффа и Кушнера", {"russia", "witkoff", "kushner"}),
        ("Многие солдаты умерли той зимой", set()),
        ("Selenskyjs Berater reist zu Merz", {"zelenskyy", "merz"}),
        ("Macron et Starmer répondent, Moscou se tait", {"macron", "starmer", "russia"}),
        ("Sikorskiego pytano o rozmowy z Putinem", {"sikorski", "putin"}),
        ("EE. UU. presiona a Rusia, según Zelenski", {"us", "russia", "zelenskyy"}),
        ("NATO’s Rutte calls the European Commission", {"nato", "rutte", "european_commission"}),
        ("The Washington Post names its new editor", set()),
        ("Western allies and European leaders wait", {"western_allies", "european_states"}),
        ("A chief of staff resigned yesterday", set()),
    ],
)
def test_actors(engine: Engine, title: str, actors: set[str]) -> None:
    assert set(tag(engine, title).actors) == actors


@pytest.mark.parametrize(
    "title",
    [
        "Delegations gathered for a long meeting in the Kremlin",
        "Envoys land in Abu Dhabi for talks",
        "Geneva talks enter their second day",
        "The group prepares for Moscow discussions",
    ],
)
def test_a_venue_is_no_actor(engine: Engine, title: str) -> None:
    tagged = tag(engine, title)
    assert tagged.actors == ()
    assert [mention.kind for mention in tagged.mentions if mention.kind != "issue"] == ["place"]


def test_a_name_alone_counts_only_beside_the_full_one(engine: Engine) -> None:
    assert "graham" not in tag(engine, "Graham crackers come from a new bakery").actors
    assert "graham" in tag(engine, "Lindsey Graham speaks in Munich", "Graham was late.").actors


def test_a_name_that_is_a_place_elsewhere_is_no_person_there(engine: Engine) -> None:
    assert "vance" not in tag(engine, "Vance County gets a new bridge").actors
    assert "vance" in tag(engine, "Vance: no guarantees for Kyiv without Europe").actors


@pytest.mark.parametrize(
    ("title", "issues"),
    [
        ("Kyiv hopes to join NATO within ten years", {"nato_membership"}),
        ("Brussels debates what to do with the Russian assets that it froze", {"frozen_assets"}),
        ("Soldiers swapped at the border: 120 prisoners of war are home", {"prisoner_exchange"}),
        ("Bakers of the town raise prices", set()),
    ],
)
def test_issues_whose_words_stand_apart(engine: Engine, title: str, issues: set[str]) -> None:
    assert set(tag(engine, title).issues) == issues


@pytest.mark.parametrize(
    ("title", "conflict"),
    [
        ("Ceasefire in Gaza holds, mediators say", "gaza"),
        ("Putin offers a three-day truce for the holiday", "ukraine_russia"),
        ("Moscow calls for a ceasefire in Sudan", "sudan"),
        ("India and Pakistan agree to stop shelling along the Line of Control", "india_pakistan"),
        ("Перемирие в секторе Газа нарушено", "gaza"),
        ("Selenskyj antwortet auf Vorschlag zur Feuerpause", "ukraine_russia"),
        ("Putin opens a new gas pipeline with a speech", None),
        ("Village choir wins the contest", None),
    ],
)
def test_conflict(engine: Engine, title: str, conflict: str | None) -> None:
    assert tag(engine, title).conflict == conflict


@pytest.mark.parametrize(
    ("title", "text", "relevance"),
    [
        ("Ukraine and Russia open a new round of talks", "", "main"),
        ("У Женеві тривають переговори України та Росії", "", "main"),
        ("Reprise des pourparlers entre Kiev et Moscou", "", "main"),
        ("Coalition talks fail in The Hague", "The parties will meet again.", "none"),
        ("Drones hit a depot near the Ukrainian border", "", "none"),
        ("Brazil and China propose a six-point peace plan", "", "main"),
        ("Peace plan for the landlords of Brazil: trade unions and banks agree", "", "none"),
        (
            "Russian drones hit a depot in Ukraine",
            "A fire broke out at night. Crews came from three towns. Nobody was hurt. The mayor thanked them. "
            "Elsewhere the peace talks went on.",
            "passing",
        ),
    ],
)
def test_relevance(engine: Engine, title: str, text: str, relevance: str) -> None:
    assert tag(engine, title, text).relevance == relevance


def test_every_mention_cites_the_text(engine: Engine) -> None:
    title, text = "Київ’s  “cease\u00adfire” offer", "The\u00a0U.S. and  Zelenskyy’s team met.\n\nPutin\u200b refused."
    tagged = tag(engine, title, text)
    cited = {(title if one.field == "title" else text)[one.start : one.end] for one in tagged.mentions}
    assert {"cease\u00adfire", "U.S.", "Zelenskyy", "Putin"} <= cited
    assert all(mention.pattern for mention in tagged.mentions)


def test_noise_gives_no_tags(engine: Engine) -> None:
    text = (
        "The mayor opened the new library of the town on Monday morning with a speech about the age of its walls.\n"
        "Read also: Zelensky and Putin to discuss a ceasefire\n"
        "Share this article\nPopular\n“Russia rejects ceasefire”\nMoscow said on Tuesday that..."
    )
    tagged = tag(engine, "Library opens", text)
    assert (tagged.issues, tagged.actors, tagged.conflict) == ((), (), None)


def test_repeated_titles_change_nothing(engine: Engine) -> None:
    title, text = "Kyiv seeks security guarantees", "Russia answers on Friday.\nThe talks in Geneva go on."
    once = tag(engine, title, text)
    again = tag(engine, title, f"{title}\n{text}\n{title}")
    assert (once.issues, once.actors, once.relevance) == (again.issues, again.actors, again.relevance)


def test_the_same_item_has_the_same_tags(engine: Engine) -> None:
    item = make_item("Talks on a ceasefire between Ukraine and Russia", "Turkey offers mediation.")
    assert engine.tagger.tag(item) == engine.tagger.tag(item)


def test_empty_and_odd_texts(engine: Engine) -> None:
    for title, text in [("", ""), ("\n", " "), ("\u200b", "\ufeff"), ("...", "!!!"), ("a" * 5000, "b " * 5000)]:
        assert tag(engine, title, text).issues == ()
