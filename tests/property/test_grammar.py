"""A query that is written back means the same, and no text breaks the parser."""

from hypothesis import given
from hypothesis import strategies as st

from ceasewire.errors import QueryError
from ceasewire.grammar import MAX_CHARACTERS, join, parse, write
from ceasewire.query import And, Has, In, Node, Not, Or, Phrase, Word

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
PLAIN = st.sampled_from(["ceasefire", "U.S", "cease-fire", "перемир'я", "停火", "12:30", "and", "K2", "a/b"])
LEAVES: st.SearchStrategy[Node] = st.one_of(
    st.builds(Word, PLAIN),
    st.builds(Word, st.sampled_from(["cease", "пере", "go"]), prefix=st.just(True)),
    st.builds(Phrase, st.lists(PLAIN, min_size=1, max_size=3).map(" ".join)),
    st.builds(Has, st.sampled_from(["issue", "actor", "conflict"]), NAMES),
    st.builds(Has, st.just("source"), st.sampled_from(["Kyiv Post", "a(b)", "dw", "Le Monde: Europe"])),
    st.builds(Has, st.just("mark"), NAMES),
    st.builds(Has, st.just("extent"), st.sampled_from(["summary", "page"])),
    st.builds(Has, st.just("lang"), st.sampled_from(["uk", "und"])),
    st.builds(Has, st.just("relevance"), st.sampled_from(["main", "passing", "none"])),
)


def _more(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    some = st.lists(parts, min_size=2, max_size=4)
    return st.one_of(
        st.builds(lambda found: join(And, found), some),
        st.builds(lambda found: join(Or, found), some),
        parts.map(lambda part: part.part if isinstance(part, Not) else Not(part)),
        st.builds(In, st.sampled_from(["title", "lede"]), parts),
    )


@given(st.recursive(LEAVES, _more, max_leaves=12))
def test_what_is_written_is_read_as_the_same(node: Node) -> None:
    text = write(node)
    assert parse(text) == node
    assert write(parse(text)) == text


@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(
            st.sampled_from(
                ["(", ")", "-", "AND", "OR", "NOT", "a", '"', "issue:x", "in:lede", "title:", "b*", " ", "“"]
            ),
            max_size=20,
        ).map(" ".join),
    )
)
def test_any_text_is_read_or_refused_with_a_column_in_it(text: str) -> None:
    column, node = _read(text)
    if node is None:
        assert 1 <= column <= min(len(text), MAX_CHARACTERS) + 1
    else:
        assert parse(write(node)) == node


def _read(text: str) -> tuple[int, Node | None]:
    try:
        return 0, parse(text)
    except QueryError as error:
        return error.column, None
