"""An entry stays the same item however its link is dressed up."""

from random import Random
from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from ceasewire.identity import canonical_url, entry_key, item_id
from ceasewire.items import Entry

TRACKERS = [
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "fbclid",
    "gclid",
    "yclid",
    "mc_cid",
    "CMP",
    "at_medium",
    "ocid",
]
SEGMENT = st.text(st.sampled_from("abcXYZ019-_.~éїя"), min_size=1, max_size=8)
Link = tuple[str, dict[str, str]]
NAME = st.sampled_from(["p", "id", "page", "story", "v"])
HOST = st.sampled_from(["news.test", "www.news.test", "новини.test", "127.0.0.1"])


@st.composite
def links(draw: st.DrawFn) -> Link:
    path = "/".join(segment for segment in draw(st.lists(SEGMENT, max_size=4)) if set(segment) != {"."})
    return f"https://{draw(HOST)}/{path}", draw(st.dictionaries(NAME, SEGMENT, max_size=3))


@given(
    links(), st.dictionaries(st.sampled_from(TRACKERS), SEGMENT, min_size=1), st.randoms(), st.sampled_from(["", "#x"])
)
def test_trackers_order_and_fragment_do_not_change_the_item(
    link: Link, trackers: dict[str, str], random: Random, fragment: str
) -> None:
    address, parameters = link
    dressed = [*parameters.items(), *trackers.items()]
    random.shuffle(dressed)
    plain = f"{address}?{urlencode(parameters)}" if parameters else address
    other = f"{address}?{urlencode(dressed)}{fragment}"
    assert canonical_url(plain) == canonical_url(other)
    ids = {item_id("f", entry_key(Entry(url=url, title="t"), repeats_guids=False)) for url in (plain, other)}
    assert len(ids) == 1


@given(links(), links())
def test_different_parameters_are_different_items(one: Link, other: Link) -> None:
    urls = [f"{address}?{urlencode(sorted(parameters.items()))}" for address, parameters in (one, other)]
    same = one == other
    assert (canonical_url(urls[0]) == canonical_url(urls[1])) == same


@given(st.text(max_size=80))
def test_a_canonical_address_is_its_own(text: str) -> None:
    once = canonical_url(f"https://news.test/{text}")
    assert once is None or canonical_url(once) == once


@given(st.text(max_size=50), st.text(max_size=50))
def test_ids_have_one_form_for_any_key(feed: str, key: str) -> None:
    made = item_id(feed, key)
    assert made.startswith("i_")
    assert len(made) == 28
    assert set(made[2:]) <= set("abcdefghijklmnopqrstuvwxyz234567")
