"""Which addresses the program may connect to: it must not be led into the network that it runs in.

`ip_address.is_global` alone is not enough: on Python 3.11 it calls NAT64, 6to4 and IPv4-compatible forms of
127.0.0.1 global, and multicast too. So the networks are listed here, and wrapped IPv4 addresses are unwrapped.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple
from unicodedata import normalize
from urllib.parse import unquote, urlsplit

_Address = IPv4Address | IPv6Address
_Network = IPv4Network | IPv6Network

DENIED: dict[str, str] = {
    "0.0.0.0/8": "this host",
    "10.0.0.0/8": "a private network",
    "100.64.0.0/10": "a carrier's inner network",
    "127.0.0.0/8": "this machine",
    "169.254.0.0/16": "the local link",
    "172.16.0.0/12": "a private network",
    "192.0.0.0/24": "reserved for protocols",
    "192.0.2.0/24": "reserved for documentation",
    "192.88.99.0/24": "a 6to4 relay",
    "192.168.0.0/16": "a private network",
    "198.18.0.0/15": "reserved for benchmarks",
    "198.51.100.0/24": "reserved for documentation",
    "203.0.113.0/24": "reserved for documentation",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
    "::/128": "this host",
    "::1/128": "this machine",
    "64:ff9b::/96": "a NAT64 address",
    "64:ff9b:1::/48": "a NAT64 address",
    "100::/64": "the discard network",
    "2001::/32": "a Teredo address",
    "2001:db8::/32": "reserved for documentation",
    "2002::/16": "a 6to4 address",
    "3fff::/20": "reserved for documentation",
    "5f00::/16": "reserved for segment routing",
    "fc00::/7": "a private network",
    "fe80::/10": "the local link",
    "fec0::/10": "a private network",
    "ff00::/8": "multicast",
}
"""Network to what it is, in words. Svix's list, and the newer reserved ones."""

_DENIED: tuple[tuple[_Network, str], ...] = tuple((ip_network(text), words) for text, words in DENIED.items())
_COMPATIBLE = IPv6Network("::/96")
_TRANSLATED = IPv6Network("::ffff:0:0:0/96")
_GIVEN_OUT = IPv6Network("2000::/3")
"""All that is given out of IPv6 for hosts of the internet."""
_ISATAP = (0x00005EFE, 0x02005EFE)
"""The third quarter of an address whose last one is that of an IPv4 host behind a router of the site."""
_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))

EVERYWHERE = ("0.0.0.0/0", "::/0")
"""Networks to allow where no address is to be refused."""

# fmt: off
CLOSED_PORTS = frozenset(
    [
        0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103,
        104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514,
        515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723,
        2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
    ]
)
# fmt: on
"""Ports of other protocols that browsers refuse too (the "bad ports" of the WHATWG Fetch standard)."""


@lru_cache(maxsize=64)
def _networks(allow: tuple[str, ...]) -> tuple[_Network, ...]:
    return tuple(ip_network(text, strict=False) for text in allow)


def _held(address: _Address, networks: Iterable[_Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _layers(address: _Address) -> list[_Address]:
    """The address and the IPv4 addresses that it wraps; a mapped or compatible one stands for its inside only."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    inner = IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _COMPATIBLE and int(address) > 1:
        return [inner]
    if address in _TRANSLATED or any(address in network for network in _NAT64):
        return [address, inner]
    if address.sixtofour:
        return [address, address.sixtofour]
    if address.teredo:
        return [address, *address.teredo]
    return [address, inner] if int(address) >> 32 & 0xFFFFFFFF in _ISATAP else [address]


def refusal(address: str, allow: Sequence[str] = ()) -> str | None:
    """Why this IP address must not be connected to, in words, or None where it may.

    `allow` names networks that are let through all the same; an address wrapped in an allowed one is still judged.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return "not an IP address"
    networks = _networks(tuple(allow))
    for layer in _layers(parsed):
        if _held(layer, networks):
            continue
        for network, words in _DENIED:
            if _held(layer, (network,)):
                return f"{layer} may not be connected to: {words} ({network})"
        if not layer.is_global or (isinstance(layer, IPv6Address) and layer not in _GIVEN_OUT):
            return f"{layer} may not be connected to: not a public address"
    return None


class Permitted(NamedTuple):
    """What of a name's addresses may be connected to."""

    kept: tuple[str, ...]
    """As the resolver gave them, each once; a scope id like %eth0 stays."""
    refused: str | None
    """Why nothing is left, in words; None where something is, or where the name had no address at all."""


def permitted(addresses: Iterable[str], allow: Sequence[str] = ()) -> Permitted:
    """Judges what a name resolved to: one bad address of several does not spoil the others."""
    refusals = {address: _bare_refusal(address, allow) for address in addresses}
    kept = tuple(address for address, refused in refusals.items() if refused is None)
    return Permitted(kept, None if kept else next(iter(refusals.values()), None))


def peer_refusal(place: Sequence[object], allow: Sequence[str] = ()) -> str | None:
    """Why a socket to this place, as the socket module writes it (the host first), must not be opened; or None."""
    return _bare_refusal(str(place[0]) if place else "", allow)


def _bare_refusal(address: str, allow: Sequence[str]) -> str | None:
    # A scope id names a card of this machine: it opens nothing, and must not hide an address either.
    return refusal(address.partition("%")[0], allow)


def _number(part: str) -> int | None:
    """One part of a dotted address as C's inet_aton reads it: decimal, 0-octal or 0x-hex."""
    base, digits = 10, part
    if part.startswith("0x"):
        base, digits = 16, part[2:] or "0"
    elif part.startswith("0") and len(part) > 1:
        base, digits = 8, part[1:]
    if not digits.isascii() or not digits.isalnum():
        return None
    try:
        return int(digits, base)
    except ValueError:
        return None


def literal(host: str) -> str | None:
    """The IP address that a host text is or may be read as, in its plain form; None for a name.

    Reads what lenient programs read: decimal, octal and hex numbers, one to four parts, full-width digits,
    other full stops, percent signs, a trailing dot, brackets.
    """
    text = normalize("NFKC", unquote(host)).replace("\u3002", ".").strip().lower().strip("[]")
    text = text.rstrip(".")
    try:
        return str(ip_address(text))
    except ValueError:
        pass
    parts = text.split(".")
    numbers = [_number(part) for part in parts]
    if not 1 <= len(parts) <= 4 or None in numbers:
        return None
    *heads, last = [number for number in numbers if number is not None]
    if any(head > 255 for head in heads) or last >= 256 ** (4 - len(heads)):
        return None
    value = last
    for place, head in enumerate(heads):
        value += head << (8 * (3 - place))
    return str(IPv4Address(value))


def host_refusal(host: str, allow: Sequence[str] = ()) -> str | None:
    """Why this host of an address must not be connected to, as far as its text tells; None where it may.

    A name still resolves to any address: what it resolved to goes to `refusal` before the connection is made.
    """
    if not host or len(host) > 255 or any(char.isspace() or ord(char) < 32 for char in host):
        return "the address has no readable host"
    number = literal(host)
    if number is None:
        name = normalize("NFKC", unquote(host)).lower().rstrip(".")
        if not name or not name.isprintable():
            return "the address has no readable host"
        if name == "localhost" or name.endswith(".localhost"):
            return refusal("127.0.0.1", allow) and refusal("::1", allow)
        return _numeric(name)
    found = refusal(number, allow)
    if found is None and number != host.lower().strip("[]") and ":" not in number:
        return f"an IP address in disguise: write {number}"
    return found


def _numeric(name: str) -> str | None:
    """A name whose last part is a number is no name: browsers refuse it, C libraries may read it somehow."""
    last = name.rsplit(".", 1)[-1]
    if last.isdigit() or (last.startswith("0x") and last != "0x" and _number(last) is not None):
        return "the address has no readable host"
    return None


def url_refusal(url: str, allow: Sequence[str] = ()) -> str | None:
    """Why this web address must not be requested, as far as its text tells: scheme, port, host; None where it may."""
    if "\\" in url or any(char.isspace() or ord(char) < 32 for char in url):
        return "the address holds blanks, controls or backslashes"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "the address cannot be read"
    if parts.scheme not in ("http", "https"):
        return "only http and https are requested"
    if port is not None and port in CLOSED_PORTS:
        return f"port {port} belongs to another protocol"
    return host_refusal(parts.hostname or "", allow)
