"""What queries mean, how they are written back, and what is said of those that cannot be read."""

import pytest

from ceasewire.errors import QueryError
from ceasewire.grammar import leaves, meets_nearly_all, parse, small_operator, write
from ceasewire.query import And, Has, In, Node, Not, Or, Phrase, Word

A, B, C = Word("a"), Word("b"), Word("c")


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("ceasefire", Word("ceasefire")),
        ("cease*", Word("cease", prefix=True)),
        ('"security  guarantees"', Phrase("security guarantees")),
        ("“security guarantees”", Phrase("security guarantees")),
        ("«гарантії безпеки»", Phrase("гарантії безпеки")),
        ("a b", And((A, B))),
        ("a AND b", And((A, B))),
        ("a OR b", Or((A, B))),
        ("a OR b c", Or((A, And((B, C))))),
        ("(a OR b) c", And((Or((A, B)), C))),
        ("a (b c)", And((A, B, C))),
        ("-a b", And((Not(A), B))),
        ("NOT a b", And((Not(A), B))),
        ("NOT NOT a", A),
        ("-(a OR b) c", And((Not(Or((A, B))), C))),
        ("cease-fire", Word("cease-fire")),
        ("and or not", And((Word("and"), Word("or"), Word("not")))),
        ("issue:ceasefire", Has("issue", "ceasefire")),
        ("Issue:Ceasefire", Has("issue", "ceasefire")),
        ('source:"Kyiv Post"', Has("source", "Kyiv Post")),
        ("lang:und", Has("lang", "und")),
        ("mark:Live_blog", Has("mark", "live_blog")),
        ("-mark:opinion extent:page", And((Not(Has("mark", "opinion")), Has("extent", "page")))),
        ("title:talks", In("title", Word("talks"))),
        ('title:"peace talks" a', And((In("title", Phrase("peace talks")), A))),
        ("title:(a OR b)", In("title", Or((A, B)))),
        ("a in:lede", In("lede", A)),
        ("a OR b in:lede", In("lede", Or((A, B)))),
        ("in:lede a b", In("lede", And((A, B)))),
        ("(a in:title) b", And((In("title", A), B))),
        ("(a in:title) b in:lede", In("lede", And((In("title", A), B)))),
        ("U.S., (talks!)", And((Word("U.S"), Word("talks")))),
        ("12:30", Word("12:30")),
        ("Zelensky: talks", And((Word("Zelensky"), Word("talks")))),
        ("a\u200bb\x00c", And((A, B, C))),
    ],
)
def test_reading(text: str, node: Node) -> None:
    assert parse(text) == node
    assert parse(write(node)) == node


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("truce or ceasefire", ("or", 7)),
        ('"a b" And (c OR d)', ("And", 7)),
        ("issue:ceasefire not football", ("not", 17)),
        ('truce "or" ceasefire', None),
        ("truce OR ceasefire", None),
        ("or", None),
        ("d'or et argent", None),
        ("or noir", None),
    ],
)
def test_a_small_operator_between_words_is_found(text: str, found: tuple[str, int] | None) -> None:
    assert small_operator(text) == found


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("", 1, "the query is empty"),
        (" \t ", 1, "the query is empty"),
        ("ceasefire (a OR b", 11, "the bracket at column 11 is not closed"),
        ("(", 2, "the bracket at column 1 is not closed"),
        ("a) b", 2, "never opened"),
        ("a ()", 4, "these brackets are empty"),
        ('a "b c', 3, "a quote is open"),
        ('a "..."', 3, "no letter or digit"),
        ("a - b", 3, "no letter or digit"),
        ("a OR", 5, "OR needs something on both sides"),
        ("OR a", 1, "OR needs something on both sides"),
        ("AND a", 1, "AND needs something on both sides"),
        ("a AND OR b", 3, "AND needs something on both sides"),
        ("a NOT", 3, "NOT needs something after it"),
        ("-in:title a", 1, "NOT needs something after it"),
        ("in:title", 1, "in:title needs words beside it"),
        ("a OR in:title", 6, "in:title needs words beside it"),
        ("a in:title in:lede", 12, "one pair of brackets takes one in:"),
        ("a in:text", 3, "in: takes title or lede"),
        ("a isue:x", 3, "did you mean issue:?"),
        ("a foo:bar", 3, "put it in quotes"),
        ("a issue:", 3, "needs a value"),
        ("a issue: b", 3, "needs a value"),
        ("issue:(a OR b)", 1, "write (issue:a OR issue:b)"),
        ("issue:cease*", 1, "takes an id"),
        ("lang:ukr", 1, "two letters"),
        ("relevance:some", 1, "takes main, passing, none"),
        ("title:issue:a", 1, "title: needs a word"),
        ("title: a", 1, "title: needs a word"),
        ("a*b", 1, "only at the end"),
        ("x*", 1, "at least two letters"),
        ("*", 1, "no letter or digit"),
    ],
)
def test_faults_name_the_column_and_the_cure(text: str, column: int, says: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert caught.value.column == column
    assert says in caught.value.text
    assert str(caught.value).startswith(f"column {column}: ")


@pytest.mark.parametrize(
    "text",
    ["x" * 2001, "(" * 21 + "a" + ")" * 21, "NOT " * 25 + "a", "a " * 101, "( " * 900, "-" * 1999, '"' * 1999],
)
def test_what_is_too_much_is_refused_not_a_crash(text: str) -> None:
    with pytest.raises(QueryError):
        parse(text)


def test_what_is_just_allowed() -> None:
    assert parse("(" * 20 + "a" + ")" * 20) == A
    node = parse("a " * 100)
    assert isinstance(node, And)
    assert len(node.parts) == 100


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (And((Or((A, B)), Not(C))), "(a OR b) -c"),
        (In("lede", Or((A, B))), "a OR b in:lede"),
        (In("title", A), "title:a"),
        (And((In("lede", And((A, B))), C)), "(a b in:lede) c"),
        (Has("source", "Kyiv Post"), 'source:"Kyiv Post"'),
    ],
)
def test_writing(node: Node, text: str) -> None:
    assert write(node) == text


@pytest.mark.parametrize("text", ["-a", "a OR -b", "-(a b)", "lang:en", "-lang:en", "relevance:none", "-a in:title"])
def test_what_nearly_all_items_would_meet(text: str) -> None:
    assert meets_nearly_all(parse(text))


@pytest.mark.parametrize(
    "text", ["a", "a -b", "lang:en a", "source:x", "relevance:main", "-(-a OR b)", "issue:x in:lede"]
)
def test_what_asks_for_something(text: str) -> None:
    assert not meets_nearly_all(parse(text))


def test_leaves_come_in_the_order_of_the_text() -> None:
    assert leaves(parse('a OR (-b in:lede) issue:x "c d"')) == [A, B, Has("issue", "x"), Phrase("c d")]


@pytest.mark.parametrize("query", ["after:2026-11-28", "truce since:yesterday"])
def test_a_time_in_a_query_is_told_where_it_goes(query: str) -> None:
    with pytest.raises(QueryError, match="a time is no part of a query: --since and --until"):
        parse(query)
