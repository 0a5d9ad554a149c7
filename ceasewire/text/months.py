"""Names of months in the languages that the packs know, in the forms that stand beside a day or a year."""

_NAMES = {
    "en": """
        january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sept sep
        |october oct|november nov|december dec
        """,
    "uk": """
        січень січня січні|лютий лютого лютому|березень березня березні|квітень квітня квітні|травень травня травні
        |червень червня червні|липень липня липні|серпень серпня серпні|вересень вересня вересні
        |жовтень жовтня жовтні|листопад листопада листопаді|грудень грудня грудні
        """,
    "ru": """
        январь января январе янв|февраль февраля феврале фев|март марта марте|апрель апреля апреле апр|май мая мае
        |июнь июня июне|июль июля июле|август августа августе авг|сентябрь сентября сентябре сент
        |октябрь октября октябре окт|ноябрь ноября ноябре ноя|декабрь декабря декабре дек
        """,
    "de": """
        januar jänner januars jan|februar februars feb|märz|april aprils apr|mai|juni jun|juli jul|august aug
        |september sept sep|oktober okt|november nov|dezember dez
        """,
    "fr": """
        janvier janv|février fév févr|mars|avril avr|mai|juin|juillet juil|août|septembre sept|octobre oct
        |novembre nov|décembre déc
        """,
    "es": """
        enero ene|febrero feb|marzo mar|abril abr|mayo|junio jun|julio jul|agosto ago|septiembre setiembre sept sep
        |octubre oct|noviembre nov|diciembre dic
        """,
    "pl": """
        styczeń stycznia styczniu|luty lutego lutym|marzec marca marcu|kwiecień kwietnia kwietniu|maj maja maju
        |czerwiec czerwca czerwcu|lipiec lipca lipcu|sierpień sierpnia sierpniu|wrzesień września wrześniu
        |październik października październiku|listopad listopada listopadzie|grudzień grudnia grudniu
        """,
}
_NEAR = {
    "en": "today tomorrow yesterday monday tuesday wednesday thursday friday saturday sunday",
    "uk": "сьогодні завтра вчора понеділок понеділка вівторок вівторка середу середи четвер четверга п'ятницю п'ятниці "
    "суботу суботи неділю неділі",
    "ru": "сегодня завтра вчера понедельник понедельника вторник вторника среду среды четверг четверга пятницу пятницы "
    "субботу субботы воскресенье воскресенья",
    "de": "heute morgen gestern montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag",
    "fr": "aujourd'hui demain hier lundi mardi mercredi jeudi vendredi samedi dimanche",
    "es": "hoy mañana ayer lunes martes miércoles jueves viernes sábado domingo",
    "pl": "dziś dzisiaj jutro wczoraj poniedziałek poniedziałku wtorek wtorku środę środy czwartek czwartku piątek "
    "piątku sobotę soboty niedzielę niedzieli",
}

MONTHS: dict[str, dict[str, int]] = {
    language: {word: number for number, words in enumerate(names.split("|"), 1) for word in words.split()}
    for language, names in _NAMES.items()
}
"""By language: each form in lower case, with the number of its month."""
ANY_MONTH: dict[str, int] = {word: number for names in reversed(MONTHS.values()) for word, number in names.items()}
"""All languages at once; where they share a form they share the month, too."""
NEAR_DAYS: frozenset[str] = frozenset(word for words in _NEAR.values() for word in words.split())
"""Words that mean a day of these days, in lower case."""
