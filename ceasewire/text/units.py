"""Words and signs beside a number, in the languages that the packs know: how many times it counts, and of what."""

_TIMES = {
    3: "thousand k tsd tausend mille mil tys tysiąc tysiące tysięcy тис тисяч тисячі тисяча тыс тысяч тысячи тысяча",
    6: "million millions m mn mio millionen millones millón mln milion miliony milionów млн мільйон мільйона мільйони "
    "мільйонів миллион миллиона миллионы миллионов",
    9: "billion billions bn mrd milliarden milliarde milliard milliards md mds miliard miliardy miliardów mld млрд "
    "мільярд мільярда мільярди мільярдів миллиард миллиарда миллиарды миллиардов",
    12: "trillion trillions tn trn bio billionen billones bilion biliony bilionów трлн трильйон трильйони трильйонів "
    "триллион триллиона триллионы триллионов",
}
_UNITS = {
    "%": "% percent prozent pourcent procent procenta procentów відсоток відсотка відсотки відсотків процент процента "
    "проценты процентов",
    "USD": "$ usd dollar dollars dólares dolar dolary dolarów долар долари доларів доллар доллара доллары долларов",
    "EUR": "€ eur euro euros євро евро",
    "GBP": "£ gbp pounds pfund funtów фунтів фунтов",
    "UAH": "₴ uah hryvnia hryvnias hrywna hrywien griwna гривня гривні гривень грн",
    "RUB": "₽ rub rubles roubles rubel rubli roubles rublos рублів рубль рубля рублей руб",
    "PLN": "pln zł złoty złote złotych злотих злотых",
    "CHF": "chf",
    "km": "km kilometres kilometers kilometer kilometern kilomètres kilómetros kilometrów км кілометрів километров "
    "кілометри километра",
    "t": "tonnes tons tonnen toneladas ton т тонн",
    "MW": "mw megawatts megawatt мвт",
    "GW": "gw gigawatts gigawatt гвт",
}
SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "₴": "UAH", "₽": "RUB"}
"""What may stand before a number."""
TIMES: dict[str, int] = {word: zeros for zeros, words in _TIMES.items() for word in words.split()}
"""Each word in lower case, with how many zeros it adds."""
UNITS: dict[str, str] = {word: unit for unit, words in _UNITS.items() for word in words.split()}
"""Each word in lower case, with the unit as it is written in ids."""
LONG_SCALE = {"es": {"billón": 12, "billones": 12}, "de": {"billion": 12}, "pl": {"bilion": 12}}
"""Words that count otherwise in one language than in English."""
