"""Case forms of names and nouns by ending rules of our own: Ukrainian, Russian, Polish; German genitives.

No dictionary: dictionaries take `Умеров` for a form of "die". The rules give a few forms too many, which costs hardly
any precision; the tables hold, for an ending of the nominative, what replaces it in each case.
Cases in order: nominative, genitive, dative, accusative, instrumental, locative, and a vocative where one exists.
A cell may hold several forms; `-` is no form, `_` the bare stem.
"""

_VOWELS = frozenset("аеиіоуюяєїыэaeiouyąęó")

_UK = """
ький     ький ького ькому ького ьким ькому,ькім
ий       ий ого ому ого,ий им ому,ім
ій       ій ього ьому ього,ій ім ьому,ім
ння      ння ння нню ння нням нні,нню
ття      ття ття ттю ття ттям тті,ттю
жжя      жжя жжя жжю жжя жжям жжі,жжю
лля      лля лля ллю лля ллям ллі,ллю
ія       ія ії ії ію ією ії іє
я        я і і ю ею,єю і е
жа       жа жі жі жу жею жі же
ча       ча чі чі чу чею чі че
ша       ша ші ші шу шею ші ше
ща       ща щі щі щу щею щі ще
ца       ца ці ці цу цею ці це
ка       ка ки ці ку кою ці ко
га       га ги зі гу гою зі го
ха       ха хи сі ху хою сі хо
ова      ова ови,ової ові,овій ову овою ові,овій ово
ева      ева еви,евої еві,евій еву евою еві,евій ево
єва      єва єви,євої єві,євій єву євою єві,євій єво
а        а и і у ою і о
ець      ець ця цю,цеві ця цем цю,цеві,ці цю
ень      ень ня ню,неві ня,ень нем ні,ню,неві
ль       ль ля,лі лю,лі,леві ля,ль лем,ллю лі,лю,леві
нь       нь ня,ні ню,ні,неві ня,нь нем,нню ні,ню,неві
сь       сь ся,сі сю,сі,севі ся,сь сем,ссю сі,сю,севі
ть       ть тя,ті тю,ті ть,тя тем,ттю ті,тю
ь        ь я,і ю,і я,ь ем,ю і,ю
ко       ко ка ку,кові ка,ко ком ку,кові ку
о        о а у о ом і,у
е        е я,а ю,у е ем,ям і,у
и        и ів,_ ам и,ів ами ах
ії       ії ій іям ії іями іях
ай       ай аю,ая аю,аєві ай,ая аєм аї,аю
ей       ей ею,ея ею,еєві ей,ея еєм еї,ею
їв       їв єва єву,євові їв,єва євом,євим єві,єву
ів       ів ова,ева ову,еву ів,ова овом,евом,овим ові,еві
ок       ок ка,ку ку,кові ок,ка ком ку
ов       ов ова ову,ові ова овим,овом ові,ову ове
ев       ев ева еву,еві ева евим,евом еві,еву
єв       єв єва єву,єві єва євим,євом єві,єву
ін       ін іна іну,інові іна іним,іном іні,іну іне
їн       їн їна їну,їнові їна їним,їном їні,їну їне
ин       ин ина ину,инові ина ином,иним ині,ину ине
к        к ка,ку ку,кові ка,к ком ку,кові ку
г        г га,гу гу,гові га,г гом гу,гові,зі гу
х        х ха,ху ху,хові ха,х хом ху,хові,сі ху
ж        ж жа жу,жеві жа жем жі,жу же
ч        ч ча чу,чеві ча чем чі,чу че
ш        ш ша шу,шеві ша шем ші,шу ше
щ        щ ща щу,щеві ща щем щі,щу ще
_        _ а,у у,ові а,_ ом і,ові,у е
"""

_RU = """
кий      кий кого кому кого,кий ким ком
гий      гий гого гому гого,гий гим гом
ский     ский ского скому ского ским ском
ший      ший шего шему шего шим шем
щий      щий щего щему щего щим щем
ый       ый ого ому ого,ый ым ом
ой       ой ого ому ого,ой ым,им ом
ий       ий ия,его ию,ему ия,ий ием,им ии,ем
ия       ия ии ии ию ией ии
ья       ья ьи ье ью ьей ье
я        я и е ю ей,ею е
ца       ца цы це цу цей це
ка       ка ки ке ку кой ке
га       га ги ге гу гой ге
ха       ха хи хе ху хой хе
жа       жа жи же жу жей же
ча       ча чи че чу чей че
ша       ша ши ше шу шей ше
а        а ы е у ой,ою е
ец       ец ца цу ца,ец цом,цем це
ень      ень ня ню ня,ень нем не
ль       ль ля,ли лю,ли ля,ль лем,лью ле,ли
ь        ь я,и ю,и я,ь ем,ью е,и
ко       ко
о        о а у о ом е
ие       ие ия ию ие ием ии
ье       ье ья ью ье ьем ье,ьи
е        е
ы        ы ов,_ ам ы,ов ами ах
ии       ии ий иям ии иями иях
й        й я ю я,й ем е,и
ок       ок ка,ока ку,оку ок,ка ком,оком ке,оке
ов       ов ова ову ов,ова овым,овом ове
ев       ев ева еву ев,ева евым,евом еве
ин       ин ина ину ин,ина иным,ином ине
ын       ын ына ыну ын,ына ыным,ыном ыне
ж        ж жа жу жа,ж жем,жом же
ч        ч ча чу ча,ч чем,чом че
ш        ш ша шу ша,ш шем,шом ше
щ        щ ща щу ща,щ щем,щом ще
ц        ц ца цу ца,ц цем,цом це
_        _ а у а,_ ом е
"""

_PL = """
ski      ski skiego skiemu skiego skim skim
cki      cki ckiego ckiemu ckiego ckim ckim
ki       ki kiego kiemu kiego kim kim
ny       ny nego nemu nego nym nym
ja       ja ji ji ję ją ji jo
ia       ia ii,i ii,i ię ią ii,i io
ka       ka ki ce kę ką ce ko
ga       ga gi dze gę gą dze go
ra       ra ry rze rę rą rze ro
ta       ta ty cie tę tą cie to
da       da dy dzie dę dą dzie do
wa       wa wy wie wę wą wie wo
owa      owa owy,owej owie,owej owę,ową ową owie,owej owo
na       na ny nie nę ną nie no
a        a y,i ie,y ę ą ie,y o
ów       ów owa owowi ów,owa owem owie
ew       ew ewa ewowi ew,ewa ewem ewie
ek       ek ka kowi ka kiem ku
iec      iec ca cowi ca cem cu
eń       eń nia niowi nia niem niu
ń        ń nia niowi nia niem niu
k        k ka kowi ka,k kiem ku
g        g ga gowi ga,g giem gu
ch       ch cha chowi cha,ch chem chu
l        l la lowi la,l lem lu
j        j ja jowi ja,j jem ju
t        t ta towi ta,t tem cie
d        d da dowi da,d dem dzie
r        r ra rowi ra,r rem rze
ł        ł ła łowi ła,ł łem le
cz       cz cza czowi cza,cz czem czu
sz       sz sza szowi sza,sz szem szu
enko     enko enki,enka ence,enkowi,enku enkę,enka enką,enkiem ence,enku enko
o        o a u,owi o,a em,iem u,ie
e        e
y        y ego emu ego ym ym
i        i iego iemu iego im im
_        _ a,u owi a,_ em ie,u
"""

_ADJECTIVES = {
    "uk": ("ий", "ого ому им ім а ої ій у ою е і их им ими"),
    "ru": ("ий", "ого ому им ом ая ой ую ою ое ие их ими"),
    "pl": ("ski", "skiego skiemu skim ska skiej ską skie scy skich skimi"),
}
"""The endings of lower-case adjectives, which have all genders and numbers."""


def _table(text: str) -> list[tuple[str, list[list[str]]]]:
    rows = [line.split() for line in text.strip().splitlines()]
    table = [("" if row[0] == "_" else row[0], [cell.split(",") for cell in row[1:]]) for row in rows]
    return sorted(table, key=lambda row: -len(row[0]))


_TABLES = {"uk": _table(_UK), "ru": _table(_RU), "pl": _table(_PL)}
INFLECTED = frozenset({*_TABLES, "de"})
"""The languages that have rules here."""


def case_forms(word: str, language: str) -> tuple[str, ...]:
    """All case forms of a word given in its nominative, the word itself first; only itself where no rule applies."""
    if language == "de":
        return (word,) if word[-1:] in "sßxz" or not word[-1:].isalpha() else (word, word + "s")
    table = _TABLES.get(language)
    if table is None or not word or word.isupper() or not word[-1].isalpha() or len(word) < 3:
        return (word,)
    adjective = _adjective(word, language)
    if adjective:
        return adjective
    for ending, cases in table:
        if not word.endswith(ending) or len(word) - len(ending) < 2:
            continue
        if not ending and word[-1].lower() in _VOWELS:
            return (word,)
        stem = word[: len(word) - len(ending)]
        found = [stem + ("" if form == "_" else form) for case in cases for form in case]
        return tuple(dict.fromkeys([word, *found]))
    return (word,)


def _adjective(word: str, language: str) -> tuple[str, ...]:
    ending, forms = _ADJECTIVES[language]
    if word[0].isupper() or not word.endswith(ending):
        return ()
    stem = word[: len(word) - len(ending)]
    return tuple(dict.fromkeys([word, *(stem + form for form in forms.split())]))
