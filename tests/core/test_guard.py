"""Every way we know to write an inner address is refused; public ones pass."""

from ipaddress import ip_address, ip_network

import pytest

from ceasewire.guard import DENIED, EVERYWHERE, host_refusal, literal, peer_refusal, permitted, refusal, url_refusal

INNER = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.255.0.9",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.0.170", "192.0.2.7", "192.88.99.1",
    "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.4", "203.0.113.9", "224.0.0.1", "239.255.255.250",
    "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::10.0.0.1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:169.254.169.254",
    "0:0:0:0:0:ffff:0a00:0001", "64:ff9b::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::1",
    "100::1", "2001::1", "2001:0:53aa:64c::1", "2001:10::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1",
    "2002:808:808::1", "3fff::1", "3fff:fff::1", "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0",
    "febf::1", "fec0::1", "ff02::1", "ff0e::1",
    "::ffff:0:7f00:1", "::ffff:0:10.0.0.1", "::ffff:0:8.8.8.8", "2001:470:1f0b::5efe:10.0.0.1",
    "2a00:1450::200:5efe:127.0.0.1", "200::1", "1000::1", "4000::1", "6000::1", "8000::1", "a000::1", "c000::1",
    "e000::1", "f800::1",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.215.14", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1",
          "191.255.255.255", "198.17.255.255", "223.255.255.255", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e",
          "::ffff:8.8.8.8", "::8.8.8.8", "2a00:1450::5efe:8.8.8.8", "2001:4860:4860::8888"]  # fmt: skip


@pytest.mark.parametrize("address", INNER)
def test_inner_addresses_are_refused_in_words(address: str) -> None:
    words = refusal(address)
    assert words is not None
    assert "may not be connected to: " in words


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_pass(address: str) -> None:
    assert refusal(address) is None


@pytest.mark.parametrize("network", DENIED)
def test_first_and_last_address_of_each_network_are_refused(network: str) -> None:
    whole = ip_network(network)
    assert refusal(str(whole[0]))
    assert refusal(str(whole[-1]))


@pytest.mark.parametrize("text", ["", "localhost", "1.2.3", "::g", "127.0.0.1:80"])
def test_what_is_no_address_is_refused(text: str) -> None:
    assert refusal(text) == "not an IP address"


def test_allowed_networks_pass_and_nothing_else() -> None:
    assert refusal("127.0.0.1", ["127.0.0.0/8"]) is None
    assert refusal("::ffff:127.0.0.1", ["127.0.0.0/8"]) is None
    assert refusal("10.0.0.1", ["127.0.0.0/8"])
    assert refusal("::1", ["127.0.0.0/8"])
    assert refusal("::1", ["::1/128"]) is None
    assert refusal("10.1.2.3", ["10.1.2.3"]) is None


def test_a_wrapped_address_is_judged_inside_an_allowed_wrapping() -> None:
    assert refusal("64:ff9b::8.8.8.8", ["64:ff9b::/96"]) is None
    assert refusal("64:ff9b::127.0.0.1", ["64:ff9b::/96"])
    assert refusal("2002:7f00:1::", ["2002::/16"])
    assert refusal("::ffff:127.0.0.1", ["::ffff:0:0/96"])
    assert refusal("::ffff:0:127.0.0.1", ["::ffff:0:0:0/96"])
    assert refusal("4000::1", ["4000::/8"]) is None


DISGUISES = {
    "2130706433": "127.0.0.1",
    "017700000001": "127.0.0.1",
    "0x7f000001": "127.0.0.1",
    "0x7F.0.0.1": "127.0.0.1",
    "0177.0.0.1": "127.0.0.1",
    "0177.0x0.0.01": "127.0.0.1",
    "127.1": "127.0.0.1",
    "127.0.1": "127.0.0.1",
    "127.65535": "127.0.255.255",
    "0": "0.0.0.0",
    "0x0": "0.0.0.0",
    "127.0.0.1.": "127.0.0.1",
    "127.0.0.1..": "127.0.0.1",
    "[127.0.0.1]": "127.0.0.1",
    "１２７.０.０.１": "127.0.0.1",
    "127。0。0。1": "127.0.0.1",
    "①②⑦.0.0.1": "127.0.0.1",
    "%31%32%37.0.0.1": "127.0.0.1",
    "[::1]": "::1",
    "[::ffff:127.0.0.1]": "::ffff:7f00:1",
    "fe80::1%25eth0": "fe80::1%eth0",
    "2852039166": "169.254.169.254",
    "0xa9.0xfe.0xa9.0xfe": "169.254.169.254",
    "10.1": "10.0.0.1",
}


@pytest.mark.parametrize("host", DISGUISES)
def test_disguised_hosts_are_read_and_refused(host: str) -> None:
    read = literal(host)
    assert read is not None
    assert ip_address(read) == ip_address(DISGUISES[host])
    assert host_refusal(host)


@pytest.mark.parametrize("host", ["134744072", "8.8.2056", "0x08.8.8.8", "8.8.8.8.", "８.8.8.8"])
def test_a_public_address_in_disguise_is_refused_too(host: str) -> None:
    assert host_refusal(host) == "an IP address in disguise: write 8.8.8.8"


@pytest.mark.parametrize(
    "host", ["", "localhost", "LOCALHOST.", "news.localhost", "ⓛocalhost", "a b", "a\x00b", "1.2.3.4.5", "127.0.0.08",
             "a.0x7f", "256.1.1.1", "a\u200bb.example", "x" * 300]
)  # fmt: skip
def test_hosts_that_are_never_requested(host: str) -> None:
    assert host_refusal(host)


@pytest.mark.parametrize(
    "host", ["example.org", "EXAMPLE.org.", "xn--80ak6aa92e.com", "новини.укр", "a1.example", "0x.example", "8.8.8.8",
             "2606:4700:4700::1111", "face", "1e100.net"]
)  # fmt: skip
def test_names_and_plain_public_addresses_pass(host: str) -> None:
    assert host_refusal(host) is None


def test_localhost_passes_where_loopback_is_allowed() -> None:
    assert host_refusal("localhost", ["127.0.0.0/8"]) is None
    assert host_refusal("localhost", ["10.0.0.0/8"])


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/", "file:///etc/passwd", "javascript:alert(1)", "//example.org/", "example.org", "",
        "http://", "http:///x", "http://example.org:22/", "http://example.org:25/", "http://example.org:6667/",
        "http://example.org:99999/", "http://example.org:x/", "http://127.0.0.1/", "http://user@127.0.0.1/",
        "http://[::1]/", "http://2130706433/", "http://example.org\\@127.0.0.1/", "http://exa mple.org/",
        "http://example.org/\n", "https://[::ffff:7f00:1]:8443/", "http://[fe80::1%25eth0]/",
    ],
)  # fmt: skip
def test_urls_that_are_refused(url: str) -> None:
    assert url_refusal(url)


@pytest.mark.parametrize(
    "url",
    ["https://example.org", "http://example.org:8080/a?b=c#d", "https://user:pw@example.org/", "HTTPS://EXAMPLE.ORG/x",
     "https://[2606:4700:4700::1111]/", "https://8.8.8.8:443/"],
)  # fmt: skip
def test_urls_that_pass(url: str) -> None:
    assert url_refusal(url) is None


def test_an_allowed_network_opens_its_literals_but_no_closed_port() -> None:
    assert url_refusal("http://127.0.0.1:8123/hook", ["127.0.0.0/8"]) is None
    assert url_refusal("http://127.0.0.1:25/", ["127.0.0.0/8"])
    assert url_refusal("http://127.1/", ["127.0.0.0/8"]) == "an IP address in disguise: write 127.0.0.1"


def test_of_resolved_addresses_the_permitted_are_kept_in_order_and_once() -> None:
    assert permitted(["8.8.8.8", "10.0.0.1", "2606:4700:4700::1111%eth0", "8.8.8.8"]) == (
        ("8.8.8.8", "2606:4700:4700::1111%eth0"),
        None,
    )
    assert permitted(["10.0.0.1", "::1"]) == ((), refusal("10.0.0.1"))
    assert permitted([]) == ((), None)
    assert permitted(["::1%lo", "10.0.0.1"], ["::1/128"]) == (("::1%lo",), None)


def test_a_socket_is_judged_by_its_host_whatever_form_that_has() -> None:
    assert peer_refusal(("8.8.8.8", 80)) is None
    assert peer_refusal(("2606:4700:4700::1111%3", 80, 0, 3)) is None
    assert peer_refusal(("127.0.0.1%eth0", 80)) == refusal("127.0.0.1")
    for odd in ((), (b"8.8.8.8", 80), (134744072, 80), ("/run/socket",)):
        assert peer_refusal(odd) == "not an IP address"


@pytest.mark.parametrize("address", INNER)
def test_everywhere_allows_every_address(address: str) -> None:
    assert peer_refusal((address, 80), EVERYWHERE) is None
