"""Generated feeds: RSS documents in four languages whose entries have a wanted length and share of negotiations.

The sentences are made of parts, so that no two entries are alike; the same seed gives the same documents.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape

LANGUAGES = ("en", "uk", "ru", "de")

_PLACES = {
    "en": ("the harbour town", "the northern district", "a mountain village", "the old market", "the river valley"),
    "uk": ("портовому місті", "північному районі", "гірському селі", "старому ринку", "долині річки"),
    "ru": ("портовом городе", "северном районе", "горном посёлке", "старом рынке", "долине реки"),
    "de": ("der Hafenstadt", "dem Nordbezirk", "einem Bergdorf", "dem alten Markt", "dem Flusstal"),
}
_PLAIN = {
    "en": (
        "The council of {place} voted on a new tram line with {n} stops",
        "Farmers near {place} expect a harvest of {n} tonnes after a dry spring",
        "A school in {place} opened {n} classrooms for the autumn term",
        "The museum in {place} shows {n} paintings that were thought to be lost",
        "The football club of {place} sold {n} tickets for the cup match",
    ),
    "uk": (
        "Рада у {place} проголосувала за нову трамвайну лінію на {n} зупинок",
        "Фермери біля {place} чекають урожай у {n} тонн після сухої весни",
        "Школа у {place} відкрила {n} класних кімнат до осені",
        "Музей у {place} показує {n} картин, які вважали втраченими",
        "Футбольний клуб у {place} продав {n} квитків на кубковий матч",
    ),
    "ru": (
        "Совет в {place} проголосовал за новую трамвайную линию на {n} остановок",
        "Фермеры близ {place} ждут урожай в {n} тонн после сухой весны",
        "Школа в {place} открыла {n} классных комнат к осени",
        "Музей в {place} показывает {n} картин, которые считали утерянными",
        "Футбольный клуб в {place} продал {n} билетов на кубковый матч",
    ),
    "de": (
        "Der Rat in {place} stimmte für eine neue Straßenbahn mit {n} Haltestellen",
        "Bauern bei {place} erwarten nach trockenem Frühling eine Ernte von {n} Tonnen",
        "Eine Schule in {place} öffnete {n} Klassenzimmer für den Herbst",
        "Das Museum in {place} zeigt {n} Gemälde, die als verloren galten",
        "Der Fußballverein in {place} verkaufte {n} Karten für das Pokalspiel",
    ),
}
_TALKS = {
    "en": (
        "Ukraine and Russia discussed a ceasefire for {n} days, envoys said after talks in {place}",
        "Kyiv rejected territorial demands of Moscow in point {n} of the draft, mediators said",
        "Negotiators in {place} agreed on an exchange of {n} prisoners between Russia and Ukraine",
    ),
    "uk": (
        "Україна і Росія обговорили припинення вогню на {n} днів, сказали посланці після переговорів у {place}",
        "Київ відкинув територіальні вимоги Москви у пункті {n} проєкту, сказали посередники",
        "Переговорники у {place} погодили обмін {n} полоненими між Росією та Україною",
    ),
    "ru": (
        "Украина и Россия обсудили прекращение огня на {n} дней, сообщили посланники после переговоров в {place}",
        "Киев отверг территориальные требования Москвы в пункте {n} проекта, сообщили посредники",
        "Переговорщики в {place} согласовали обмен {n} пленными между Россией и Украиной",
    ),
    "de": (
        "Die Ukraine und Russland sprachen über eine Waffenruhe von {n} Tagen, hieß es nach Gesprächen in {place}",
        "Kiew wies territoriale Forderungen Moskaus in Punkt {n} des Entwurfs zurück, sagten Vermittler",
        "Unterhändler in {place} vereinbarten den Austausch von {n} Gefangenen zwischen Russland und der Ukraine",
    ),
}


class Generator:
    """Makes entries one after another."""

    def __init__(self, length: int, share: float, start: datetime, step: timedelta, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._length = length
        self._share = share
        self._at = start
        self._step = step
        self._made = 0

    @property
    def now(self) -> datetime:
        """The moment at which the newest entry was published."""
        return self._at

    def documents(self, count: int, entries: int) -> Iterator[tuple[str, bytes]]:
        """Language and RSS document, so many documents of so many entries each; languages take turns."""
        for number in range(count):
            language = LANGUAGES[number % len(LANGUAGES)]
            parts = [self._entry(language) for _ in range(entries)]
            yield (
                language,
                (
                    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Generated</title>'
                    f"<link>https://bench.example/</link>{''.join(parts)}</channel></rss>"
                ).encode(),
            )

    def _entry(self, language: str) -> str:
        self._made += 1
        self._at += self._step
        about = self._random.random() < self._share
        title = self._sentence(language, about)
        text = self._sentence(language, about)
        while len(text) < self._length:
            text += " " + self._sentence(language, about and self._random.random() < 0.2)
        return (
            f"<item><title>{escape(title[:-1])}</title><link>https://bench.example/{self._made}</link>"
            f'<guid isPermaLink="false">{self._made}</guid><description>{escape(text[: self._length])}</description>'
            f"<pubDate>{format_datetime(self._at)}</pubDate></item>"
        )

    def _sentence(self, language: str, about: bool) -> str:
        form = self._random.choice((_TALKS if about else _PLAIN)[language])
        return form.format(place=self._random.choice(_PLACES[language]), n=self._random.randrange(2, 99_999)) + "."
