"""What form a text has, and what a headline names that its text never bears out."""

from datetime import UTC, datetime

import msgspec
import pytest

from ceasewire.engine import Engine
from ceasewire.errors import ConfigurationError
from ceasewire.items import Item
from ceasewire.pack.labels import Label, label_words, read_label
from ceasewire.pack.load import load_pack
from ceasewire.pack.patterns import PatternError
from ceasewire.tagging.examples import check_examples
from tests.core.tagging_samples import make_engine, make_item

LONG = "The hall was full from the morning on, and outside the carts of the market stood in long rows. " * 8
"""A body of more than 600 characters that names nobody and nothing."""
UKRAINIAN = "Зала була повна від самого ранку, а надворі довгими рядами стояли вози з ринку. " * 9
HEAD = "id: small\nname: Small\nversion: 1\n"


@pytest.fixture(scope="module")
def engine() -> Engine:
    return make_engine()


def at(item: Item, url: str) -> Item:
    return msgspec.structs.replace(item, url=url)


@pytest.mark.parametrize(
    ("title", "marks"),
    [
        ("Opinion: a border drawn by tired men", ("opinion",)),
        ("OPINION | A border drawn by tired men", ("opinion",)),
        ("A border drawn by tired men - Op-Ed", ("opinion",)),
        ("(Opinion) A border drawn by tired men", ("opinion",)),
        ("Live - Delegations take their seats", ("live_blog",)),
        ("Ukraine war live: delegations take their seats", ("live_blog",)),
        ("Explainer: who would watch a truce", ("explainer",)),
        ("Q&A: who would watch a truce", ("explainer",)),
        ("Interview: the woman who drew the line", ("interview",)),
        ("Opinion | Explainer", ("opinion", "explainer")),
        ("Думка: кордон втомлених людей", ("opinion",)),
        ("Текстовий онлайн: делегації сіли за стіл", ("live_blog",)),
        ("Інтерв’ю. Жінка, яка провела лінію", ("interview",)),
        ("Мнение | Граница усталых людей", ("opinion",)),
        ("Онлайн: делегации сели за стол", ("live_blog",)),
        ("Интервью: женщина, которая провела линию", ("interview",)),
        ("Gastbeitrag: Eine Grenze müder Leute", ("opinion",)),
        ("Newsblog – Delegationen nehmen Platz", ("live_blog",)),
        ("Interview: Die Frau, die die Linie zog", ("interview",)),
        ("Édito : une frontière tracée par des hommes las", ("opinion",)),
        ("En direct – les délégations prennent place", ("live_blog",)),
        ("Grand entretien : la femme qui traça la ligne", ("interview",)),
        ("Tribuna: una frontera de hombres cansados", ("opinion",)),
        ("En vivo | Las delegaciones toman asiento", ("live_blog",)),
        ("Entrevista: la mujer que trazó la línea", ("interview",)),
        ("Felieton: granica zmęczonych ludzi", ("opinion",)),
        ("Na żywo – delegacje zajmują miejsca", ("live_blog",)),
        ("Wywiad: kobieta, która narysowała linię", ("interview",)),
        # the same words, but no label
        ("Opinion on the truce is split in the capital", ()),
        ("A second opinion: doctors check on freed prisoners", ()),
        ("Live shells found near a school", ()),
        ("Towns where soldiers live: a count", ()),
        ("Explained away: how a delegation left early", ()),
        ("Envoy interview: three claims about the map", ()),
        ("10:30 and no word from the hall", ()),
        ("Громадська думка змінюється", ()),
        ("Переговори онлайн: делегації не приїхали", ()),
        ("Посол дав інтерв’ю: угода близько", ()),
        ("Особое мнение судьи опубликовано", ()),
        ("Онлайн-переговоры: делегации не приехали", ()),
        ("Немецкая разведка в интервью: войска стоят", ()),
        ("Ohne Kommentar: Delegation reist ab", ()),
        ("Meinungen gehen auseinander: Gipfel vertagt", ()),
        ("Außenminister treffen sich im Gespräch: Gipfel vertagt", ()),
        ("Ligne directe : les capitales se parlent", ()),
        ("Entretien Paris-Moscou : une heure au téléphone", ()),
        ("Línea directa: las capitales se hablan", ()),
        ("Cambio de opinión: el enviado vuelve", ()),
        ("Niemiecki wywiad: wojska stoją przy granicy", ()),
        ("Zmiana opinii: wysłannik wraca", ()),
        ("", ()),
        (": | -", ()),
    ],
)
def test_a_label_of_the_title_is_told_from_its_words(engine: Engine, title: str, marks: tuple[str, ...]) -> None:
    assert engine.tag(make_item(title)).marks == marks


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("OPINION\nThe line was drawn by tired men.", ("opinion",)),
        ("The line was drawn by tired men.\n\nThe views expressed are the author's own.", ("opinion",)),
        ("Was bleibt?\nDas Interview führte Lena Wald.", ("interview",)),
        ("Welcome to our live coverage of the second day.\nThe doors are open.", ("live_blog",)),
        ("Analyse\nDie Linie ist alt.", ("explainer",)),
        ("In his opinion the line is old. The interview lasted an hour.", ()),
        ("They followed it live.\nNobody explained why.", ()),
        ("First.\nSecond.\nThird.\nFourth.\nFifth.\nOpinion\n" + "Words went on and on. " * 60, ()),
    ],
)
def test_a_line_at_the_edge_of_the_text(engine: Engine, text: str, marks: tuple[str, ...]) -> None:
    assert engine.tag(make_item("The line", text)).marks == marks


@pytest.mark.parametrize(
    ("url", "marks"),
    [
        ("https://paper.example/opinion/2026/the-line", ("opinion",)),
        ("https://paper.example/World/LIVE/2026/may/15/the-line", ("live_blog",)),
        ("https://paper.example/news/interviews/the-line", ("interview",)),
        ("https://paper.example/explainers/the-line?page=2#top", ("explainer",)),
        ("https://gazeta.example/id%C3%A9es/la-ligne", ("opinion",)),
        ("https://opinion.example/news/the-line", ()),
        ("https://paper.example/news/opinion", ()),
        ("https://paper.example/news/live-shells-found/", ()),
        ("https://paper.example/news/a?from=/opinion/b", ()),
        ("https://[broken/opinion/a", ()),
    ],
)
def test_a_folder_of_the_address(engine: Engine, url: str, marks: tuple[str, ...]) -> None:
    assert engine.tag(at(make_item("The line"), url)).marks == marks


@pytest.mark.parametrize(
    ("title", "body", "missing"),
    [
        ("Russia rejects ceasefire", LONG, ("actor:russia", "issue:ceasefire")),
        ("Russia rejects ceasefire", f"{LONG} Moscow said no to any truce.", ()),
        ("Russia rejects ceasefire", f"{LONG} Lavrov left the hall. The ceasefire was not mentioned again.", ()),
        ("Kremlin rejects ceasefire", f"{LONG} The ceasefire is off, the hosts said.", ("actor:russia",)),
        ("Zelenskyy speaks of ceasefire", f"{LONG} Ukraine wants a ceasefire, a minister said.", ()),
        ("Macron speaks of ceasefire", f"{LONG} Germany wants a ceasefire.", ("actor:macron",)),
        ("Macron speaks of ceasefire", f"{LONG} Merz wants a ceasefire.", ("actor:macron",)),
        ("Trump speaks of ceasefire", f"{LONG} The envoy Witkoff wants a ceasefire.", ()),
        ("Ukraine: prisoner exchange on 15 May", f"{LONG} Ukraine: the prisoner exchange was agreed.", ("date:05-15",)),
        ("Ukraine: prisoner exchange on 15 May", f"{LONG} Ukraine: a prisoner exchange for May 15.", ()),
        ("Ukraine: prisoner exchange in May 2026", f"{LONG} Ukraine: a prisoner exchange on 3 May 2026.", ()),
        ("Росія відхилила перемир'я", UKRAINIAN, ("actor:russia", "issue:ceasefire")),
        ("Россия отвергла перемирие", f"{LONG} В Москве против перемирия.", ()),
        ("Russland lehnt Waffenruhe ab", f"{LONG} Moskau will keine Waffenruhe.", ()),
        # what can't be told
        ("Will Russia reject a ceasefire?", LONG, ()),
        ("Russia rejects ceasefire", LONG[:400], ()),
        ("Russia rejects ceasefire", f"{LONG[:-1]} and more…", ()),
        ("Russia rejects ceasefire", "", ()),
        ("", f"Russia rejects ceasefire\n{LONG}", ()),
        ("The hall", LONG, ()),
    ],
)
def test_what_the_text_never_bears_out(engine: Engine, title: str, body: str, missing: tuple[str, ...]) -> None:
    tagged = engine.tag(make_item(title, body))
    assert set(tagged.unsupported) == set(missing)
    assert ("headline_unsupported" in tagged.marks) is bool(missing)


def test_a_repeated_title_bears_nothing_out(engine: Engine) -> None:
    title = "Russia rejects ceasefire in the hall"
    assert "headline_unsupported" in engine.tag(make_item(title, f"{title}\n\n{LONG}")).marks


def test_a_day_of_the_week_may_be_the_date_of_the_title(engine: Engine) -> None:
    def missing(body: str, day: int) -> tuple[str, ...]:
        when = datetime(2026, 5, day, tzinfo=UTC)
        item = msgspec.structs.replace(
            make_item("Ukraine and Russia to talk of a ceasefire on 15 May", body), published=when
        )
        return engine.tag(item).unsupported

    assert missing(f"{LONG} Ukraine and Russia meet about a ceasefire on Friday.", 13) == ()
    assert missing(f"{LONG} Ukraine and Russia meet about a ceasefire on Friday.", 1) == ("date:2026-05-15",)
    assert missing(f"{LONG} Ukraine and Russia meet about a ceasefire soon.", 13) == ("date:2026-05-15",)


@pytest.mark.parametrize(
    ("source", "label"),
    [
        ("Op-Ed", Label("op ed", "whole")),
        ("Interview with *", Label("interview with", "begins")),
        ("* war  live", Label("war live", "ends")),
        ("*, explained", Label(", explained", "ends")),
        ("* the views of *", Label("the views of", "holds")),
    ],
)
def test_labels_are_read(source: str, label: Label) -> None:
    assert read_label(source) == label


@pytest.mark.parametrize("source", ["", "*", "* *", "liv*", "* live*", "a * b", ":", 7])
def test_labels_that_match_nothing_or_all_are_refused(source: object) -> None:
    with pytest.raises(PatternError):
        read_label(source)


def test_words_of_a_label() -> None:
    assert label_words("q&a: the deal, explained!") == "q a the deal , explained"


def faults(text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as raised:
        load_pack({"pack.yml": HEAD, "marks.yml": text})
    return [str(fault) for fault in raised.value.faults]


def test_faults_of_marks_are_told_at_their_lines() -> None:
    text = """
marks:
  - id: bare
    name: Bare
  - id: odd
    name: Odd
    labels:
      en: [fine, "fi*"]
    paths: [Upper, "a/b"]
  - id: odd
    name: Twice
    paths: [x]
"""
    assert faults(text) == [
        'marks.yml:10: the id "odd" stands already at marks.yml:5',
        'marks.yml:3: the mark "bare" has no words and no path',
        'marks.yml:8: "fi*": a star stands for whole words, at the beginning or the end, with a blank',
        'marks.yml:9: "Upper": one folder of a path is wanted, in lower case, without slashes',
        'marks.yml:9: "a/b": one folder of a path is wanted, in lower case, without slashes',
    ]
    assert "labels" in faults("marks:\n  - {id: a, name: A, label: {en: [x]}}\n")[0]


def test_examples_that_fail_are_told_at_their_lines(engine: Engine) -> None:
    text = """
marks:
  - id: opinion
    name: Opinion
    paths: [opinion]
    must:
      en:
        - {title: A, url: "https://a.example/opinion/b"}
        - Nothing of it
    must_not:
      en: ["Opinion: it is"]
"""
    pack = load_pack({"pack.yml": HEAD, "marks.yml": text})
    assert [str(fault) for fault in check_examples([pack], engine.tagger)] == [
        'marks.yml:9: the mark "opinion" is not found in "Nothing of it", which must names',
        'marks.yml:11: the mark "opinion" is found in "Opinion: it is", which must_not names',
    ]
