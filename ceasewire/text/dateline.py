"""The head of an agency's text, which says where and when it was filed: "MOSCOW, May 3. /TASS/.", "PARIS (AFP) -"."""

import re

_CITY = r"[A-ZÀ-ÖØ-ÞĄĆĘŁŃÓŚŹŻА-ЯЁІЇЄҐ][\w.'’-]*(?:[ /-][A-ZÀ-ÖØ-ÞĄĆĘŁŃÓŚŹŻА-ЯЁІЇЄҐ][\w.'’-]*){0,3}"
_CAPITALS = r"[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ.'’ /-]{2,28}"
_LAND = r", [A-ZÀ-ÖØ-Þ][\w.'’ -]{2,24}"
_DAY = r"(?:\d{1,2}\.?\s+(?:de )?[^\W\d]{3,10}\.?|[^\W\d]{3,10}\.?\s+\d{1,2})(?:,?\s+\d{4})?"
_SLASHED = r"/[^/\n]{2,30}/"
_BRACKETED = r"\([A-ZÀ-ÖØ-ÞА-ЯЁІЇЄҐa-z][^()\n]{1,24}\)"
_AGENCY = (
    r"(?:AP|AFP|ANSA|ANI|APA|AGI|ATS|AAP|BTA|BNS|BELTA|Belga|Bloomberg|CNN|CNA|CTK|ČTK|dpa|DPA|EFE|epd|HINA|IANS|IRNA"
    r"|JTA|KNA|LETA|LUSA|MTI|NTB|PAP|PTI|QNA|RFE/RL|RIA(?: Novosti)?|RTR|SID|SPA|STT|TASR|TASS|UNB|UNIAN|UPI|VOA|WAM"
    r"|Anadolu(?: Agency)?|AA|ELTA|Europa Press|Jiji(?: Press)?|Kyodo(?: News)?|Axios|Reuters|Thomson Reuters[\w ]*"
    r"|Sputnik|Tanjug|Ukrinform|Xinhua|Yonhap|sda|Keystone-SDA|Interfax|INTERFAX"
    r"|ТАСС|РИА Новости|РБК|УНН|УНІАН|УНИАН|Укр[іи]нформ|УКР[ІИ]НФОРМ|ПРАЙМ|Прайм|[ИІ]нтерфакс|[ИІ]НТЕРФАКС|БЕЛТА"
    r"|БелТА|Спутник|REGNUM|КазТАГ|Арменпресс)(?:[-. ][\w.-]{2,16}){0,2}"
)
_BY_AGENCY = rf"\({_AGENCY}(?: ?[/,] ?{_AGENCY})*\)"
_NAMED = rf"(?:[–—-]{{1,2}}\s?)?{_AGENCY}(?:, [A-ZА-ЯЁІЇЄҐ]\w+ [A-ZА-ЯЁІЇЄҐ][\w-]+)?"
_DASH = r"\s*\.?\s*[–—-]{1,2}(?=\s)"
_SEATS = (
    "ABU DHABI|ANCHORAGE|ANKARA|ASTANA|ATHENS|ATHENES|ATHÈNES|BAKU|BEIJING|BEIRUT|BELGRADE|BERLIN|BERN|BERNE|BRUSSELS"
    "|BRÜSSEL|BRUXELLES|BRUSELAS|BUCHAREST|BUDAPEST|CAIRO|CHISINAU|COPENHAGEN|DAMASCUS|DAVOS|DOHA|DONETSK|DUBAI"
    "|GAZA CITY|GENEVA|GENÈVE|GENF|GINEBRA|HELSINKI|ISTANBUL|JERUSALEM|JEDDAH|KHARKIV|KHERSON|KIEV|KIEW|KRAMATORSK"
    "|KYIV|LONDON|LONDRES|LVIV|LYON|MADRID|MARIUPOL|MILAN|MINSK|MOSCOU|MOSCOW|MOSCÚ|MOSKAU|MUNICH|MÜNCHEN|NEW DELHI"
    "|NEW YORK|ODESA|ODESSA|OSLO|OTTAWA|PARIS|PRAGUE|RIGA|RIYADH|ROME|SOFIA|STOCKHOLM|STRASBOURG|TALLINN|TBILISI"
    "|TEHRAN|TEL AVIV|THE HAGUE|TOKYO|UNITED NATIONS|VARSOVIE|VATICAN CITY|VIENNA|VIENNE|VILNIUS|WARSAW|WARSCHAU"
    "|WARSZAWA|WASHINGTON|WIEN|YEREVAN|ZAPORIZHZHIA|ZURICH"
)
_COUNTRY = (
    "Ukraine|Russia|Belarus|Poland|Germany|France|Italy|Spain|Switzerland|Turkey|Türkiye|Romania|Moldova|Georgia"
    "|Armenia|Azerbaijan|Israel|Gaza Strip|West Bank|Lebanon|Syria|Iraq|Iran|Egypt|Jordan|Qatar|Saudi Arabia|Sudan"
    "|South Sudan|Congo|Ethiopia|India|Pakistan|Afghanistan|China|South Korea|Canada|Alaska|Fla|Florida"
)
_HEAD = re.compile(
    rf"\s*(?:{_CITY}(?:{_LAND})?[,.]\s+{_DAY}[.,]?\s*(?:{_SLASHED}|{_BRACKETED}|{_NAMED})(?:{_DASH}|[.:])"
    rf"|{_CITY}(?:{_LAND})?(?:,\s+{_DAY})?\s+{_BY_AGENCY}\s*[.:]?\s*[–—-]{{1,2}}(?=\s)"
    rf"|(?:{_CAPITALS}, (?:{_COUNTRY})|(?:{_SEATS})(?:{_LAND})?)\s+[–—]{{1,2}}(?=\s))"
)
"""Without a day the brackets must hold an agency, and without both the capitals a city: "UKRAINE – ..." is a topic,
"Merz (CDU): ..." a speaker."""
_LONGEST = 110


def find_dateline(text: str) -> tuple[int, int] | None:
    """The half-open span of such a head at the beginning of a text, with the name of the agency; None without one."""
    found = _HEAD.match(text[:_LONGEST])
    return found.span() if found else None
