"""Every value comes back from its JSON as it was; what version 1 wrote is read for ever; newer is refused clearly."""

import json
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasewire.alerts import Alert, Decision, Delivery
from ceasewire.codec import CURRENT, decode, encode
from ceasewire.errors import CodecError
from ceasewire.items import Entry, Item, Tagged
from ceasewire.polling import FeedState
from ceasewire.stories import Member, Story

KINDS: tuple[type[msgspec.Struct], ...] = (Entry, Item, Tagged, FeedState, Member, Story, Decision, Alert, Delivery)
FROZEN: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "values_v1.json").read_text("utf-8"))
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=12),
    int: st.integers(0, 2**64 - 1),
    float: st.floats(0, 1e9),
    bool: st.booleans(),
    NoneType: st.none(),
    datetime: st.datetimes(timezones=st.just(UTC)),
}


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of an annotated type that the values of the domain use."""
    if kind in PLAIN:
        return PLAIN[kind]
    origin, inside = get_origin(kind), get_args(kind)
    if origin is Literal:
        return st.sampled_from(inside)
    if origin in (Union, UnionType):
        return st.one_of(*map(values, inside))
    if origin is tuple:
        assert inside[1] is ...
        return st.lists(values(inside[0]), max_size=3).map(tuple)
    if origin is dict:
        return st.dictionaries(*map(values, inside), max_size=3)
    if issubclass(kind, Enum):
        return st.sampled_from(kind)
    parts = {field.name: values(field.type) for field in msgspec.structs.fields(kind) if field.name != "v"}
    return st.builds(kind, **parts)


@pytest.mark.parametrize("kind", KINDS)
@given(st.data())
def test_a_value_comes_back_as_it_was(kind: type[msgspec.Struct], data: st.DataObject) -> None:
    value = data.draw(values(kind))
    written = encode(value)
    assert decode(written, kind) == value
    assert decode(written.decode(), kind) == value


@pytest.mark.parametrize("kind", KINDS)
def test_what_version_one_wrote_is_read_and_written_again(kind: type[msgspec.Struct]) -> None:
    frozen = FROZEN[kind.__name__]
    value = decode(json.dumps(frozen), kind)
    # each key of the frozen values differs from its default, so all of them are written
    assert json.loads(encode(value)) == {key: part for key, part in frozen.items() if key != "v"}


@pytest.mark.parametrize("kind", KINDS)
def test_keys_of_a_later_program_are_passed_over(kind: type[msgspec.Struct]) -> None:
    frozen = FROZEN[kind.__name__]
    assert decode(json.dumps(frozen | {"later": {"a": 1}}), kind) == decode(json.dumps(frozen), kind)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "v" in kind.__struct_fields__])
@pytest.mark.parametrize("more", [{}, {"rev": "a text", "items": 5, "state": {}}])
def test_a_newer_version_is_refused_with_what_to_do(kind: type[msgspec.Struct], more: dict[str, Any]) -> None:
    newer = FROZEN[kind.__name__] | more | {"v": CURRENT + 1}
    with pytest.raises(CodecError, match=r"version 2 is newer than 1, which this program reads: update it"):
        decode(json.dumps(newer), kind)


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[]", b"{}", b'"x"', b'{"v":"x"}', b'{"id":"\xed\xa0\x80"}'])
@pytest.mark.parametrize("kind", [Item, Tagged, Delivery])
def test_what_is_no_value_is_refused_by_name(kind: type[msgspec.Struct], data: bytes) -> None:
    with pytest.raises(CodecError, match=f"not a {kind.__name__}"):
        decode(data, kind)


def test_text_is_written_as_utf_8() -> None:
    assert "перемир'я".encode() in encode(Entry(title="перемир'я"))
