"""Whether talks between the parties of a conflict are told from other news of the same parties."""

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
    "title",
    [
        "Witkoff flies to Moscow with reply from Kyiv",
        "Putin aide says Kremlin studying Washington's amended text",
        "Zelensky and Vance agree to send teams to Doha",
        "Moscow sets out conditions for leaders' meeting",
        "Ukraine says it will not cede Donbas under any deal",
        "Kremlin: no deal without recognition of Crimea",
        "Rubio and Lavrov to meet in Vienna next week",
        "US and Russian officials hold second day of consultations",
        "Iran and US envoys trade proposals through Oman",
        "Israel and Lebanon agree on indirect border talks",
        "Rwanda and Congo presidents sign accord in Washington",
        "Thailand, Cambodia leaders meet in Kuala Lumpur to stop border fighting",
        "Maduro and Trump hold phone call as fleet waits offshore",
        "Hamas weighs reply to Israeli offer",
        "Зеленський готовий до зустрічі з Путіним без умов",
        "Москва передала Києву свої вимоги через Анкару",
        "Умєров і Віткофф узгодили наступні кроки",
        "Кремль назвав умову для телефонної розмови Путіна і Трампа",
        "Лавров: Москва ждет от Вашингтона ответа на предложения",
        "Зеленский и Трамп поговорили по телефону о гарантиях",
        "Делегация Украины вылетела в Женеву на встречу с россиянами",
        "Баку и Ереван согласовали текст договора",
        "Moskau und Kiew beraten in Istanbul über Gefangenenaustausch",
        "Putin und Trump telefonieren erneut zur Ukraine",
        "Kreml stellt Bedingungen für Treffen mit Selenskyj",
        "Witkoff reçu au Kremlin pour la sixième fois",
        "Kiev et Moscou reprennent leurs discussions à Istanbul",
        "Kiev refuse de céder le Donbass",
        "Kiev y Moscú retoman el diálogo en Estambul",
        "El enviado de Trump viaja a Moscú con una nueva propuesta",
        "Putin i Trump rozmawiali przez telefon o Ukrainie",
        "Kijów odrzuca żądania Moskwy w sprawie Donbasu",
        "Wysłannik Trumpa jedzie do Moskwy",
    ],
)
def test_talks_between_parties(engine: Engine, title: str) -> None:
    assert tag(engine, title).relevance == "main"


@pytest.mark.parametrize(
    "title",
    [
        "Russian missile kills five in Odesa hours after Putin spoke of victory",
        "Zelensky thanks Trump for new batch of interceptors",
        "Ukraine and US sign agreement on joint drone production",
        "Macron and Zelensky discuss delivery of Mirage jets",
        "EU leaders discuss new tariffs on Russian fertiliser",
        "Putin meets Xi in Beijing, gas pipeline deal signed",
        "Kyiv denies drone strike on Putin's residence",
        "Russia and India agree to expand trade in roubles",
        "US fines bank over deals with Russian oligarch",
        "Moscow rejects US claim that it jams satellites",
        "Ukrainian and Russian wrestlers refuse to shake hands at Olympics",
        "Iran executes man accused of spying for Israel",
        "Israeli strike kills Hezbollah commander near Tyre",
        "Pakistan and India swap lists of nuclear sites, as every year",
        "Venezuela oil exports to US rise",
        "Ukraine appoints new ambassador to Washington",
        "Russian court sentences American to ten years for spying",
        "Trump says inflation will fall, blames Biden",
        "Zelensky meets soldiers near Pokrovsk",
        "Sudan's RSF shells market in El Fasher, dozens dead",
        "Armenia and Azerbaijan to play football friendly",
        "Росія вдарила по Харкову шахедами, є загиблі",
        "Зеленський обговорив з Трампом постачання Patriot",
        "Путин и Си обсудили торговлю и туризм",
        "Песков: Россия отвергает обвинения США в кибератаках",
        "Россия и Иран подписали договор о поставках газа",
        "Russland und China vereinbaren Gasvertrag",
        "Selenskyj spricht mit Merz über Flugabwehr",
        "Kiew meldet 90 abgeschossene russische Drohnen",
        "Zelensky rencontre des soldats près de Pokrovsk",
        "La Russie frappe Kharkiv, Washington condamne",
        "Rusia ataca Kiev y deja tres muertos",
        "Rosja zaatakowała Lwów, Polska poderwała myśliwce",
        "Ukraina i USA podpisały umowę o dronach",
        "Former envoy to Moscow publishes memoir",
        "EU envoy to Ukraine opens school in Lviv",
    ],
)
def test_other_news_of_the_same_parties(engine: Engine, title: str) -> None:
    assert tag(engine, title).relevance != "main"


@pytest.mark.parametrize(
    ("title", "conflict"),
    [
        ("Islamabad and Kabul agree on border talks", "pakistan_afghanistan"),
        ("Yerevan answers Baku's draft of a treaty", "armenia_azerbaijan"),
        ("Washington and Beijing prolong tariff truce", None),
        ("Serbian students clash with police over elections", None),
        ("Enerhodar lost power after an attack", "ukraine_russia"),
        ("Ushakov spoke with Witkoff about the draft", "ukraine_russia"),
    ],
)
def test_conflict(engine: Engine, title: str, conflict: str | None) -> None:
    assert tag(engine, title).conflict == conflict


def test_words_of_everyday_senses_need_a_war(engine: Engine) -> None:
    assert "mediation" not in tag(engine, "Mediators help in quarrel over parking").issues
    assert "mediation" in tag(engine, "Mediators press rebels and the army").issues


@pytest.mark.parametrize(
    ("issue", "peace", "war"),
    [
        (
            "energy_infrastructure",
            "El apagón dejó sin red eléctrica a media España",
            "Un ataque ruso dejó sin red eléctrica a Járkov",
        ),
        (
            "accountability_war_crimes",
            "Gericht in Köln erlässt Haftbefehl gegen Bankräuber",
            "Haftbefehl gegen Putin wegen des Krieges",
        ),
        (
            "humanitarian_access",
            "Pomoc humanitarna w Maroku po trzęsieniu ziemi",
            "Pomoc humanitarna nie dociera do oblężonej Gazy",
        ),
        (
            "nuclear_safety",
            "Франция строит новую атомную станцию",
            "Обстрел лишил атомную станцию в Энергодаре тока",
        ),
    ],
)
def test_the_name_of_a_state_shows_no_war(engine: Engine, issue: str, peace: str, war: str) -> None:
    assert issue not in tag(engine, peace).issues
    assert issue in tag(engine, war).issues


def test_words_of_war_alone_need_no_other_sign_of_it(engine: Engine) -> None:
    assert "humanitarian_access" in tag(engine, "Червоний Хрест просить про гуманітарний коридор").issues


def test_a_position_with_no_other_side_is_no_talks(engine: Engine) -> None:
    assert tag(engine, "Moscow was ready to join NATO once, says Putin").relevance != "main"
    assert tag(engine, "Moscow rejects NATO membership for Kyiv, Zelensky insists on it").relevance == "main"


@pytest.mark.parametrize(
    ("text", "actors"),
    [
        ("СОФИЯ, 7 июн – РИА Новости. Премьер Черногории позвонил Зеленскому.", {"montenegro", "zelenskyy"}),
        ("WARSAW (AFP) - Kyiv has sent its reply to Trump.", {"ukraine", "trump"}),
        ("Байден розкритикував путіна, а кремль звинуватив росію в усьому.", {"biden", "putin", "russia"}),
        ("Hungary today vetoes the loan, writes Hungary Today.", {"hungary"}),
        ("Moscow exchange of prisoners ends at noon.", {"russia"}),
        ("In Paris the US open talks, and nobody plays at the US Open.", {"us"}),
        ("Секретарь Данилов и посол Литвиненко ждут ответа Киева.", {"ukraine"}),
        ("Friedrich Merz (CDU): Moskau muss verhandeln.", {"merz", "russia"}),
        ("Глава банка Андрей Костин и офицер Александр Литвиненко не знали Захарченко.", set()),
        ("Спортсмена увінчали лавровим вінком у Львові.", set()),
        ("Prezydent Lech Kaczyński zginął w katastrofie.", set()),
        ("Francesca Albanese and Cindy McCain spoke yesterday.", set()),
        ("Президент Ібрагім Раїсі зустрів Олену Зеленську.", {"raisi", "zelenska"}),
    ],
)
def test_who_acts(engine: Engine, text: str, actors: set[str]) -> None:
    found = set(tag(engine, "", text).actors)
    assert found - {"danilov", "lytvynenko"} == actors


def test_towns_have_places_of_their_own(engine: Engine) -> None:
    places = {one.id for one in tag(engine, "Bucha and Kupiansk remember their dead").mentions if one.kind == "place"}
    assert places == {"bucha", "kupiansk"}
