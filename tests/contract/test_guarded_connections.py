"""Feeds and receivers are reached by the same rules: what each way out does with the answers of the guard."""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from aiohttp.abc import AbstractResolver

import producers.connection as feeds
import streams.notify.connection as receivers
from ceasewire.guard import refusal
from tests.core.test_guard import INNER, PUBLIC

Resolve = feeds.Resolve


@dataclass(frozen=True)
class Adapter:
    """One package's way out."""

    resolver: Callable[[Resolve, Sequence[str]], AbstractResolver]
    sockets: Callable[[Sequence[str]], Callable[[feeds.AddrInfo], socket.socket]]
    refused: type[OSError]

    async def resolve(self, addresses: Sequence[str], allow: Sequence[str] = ()) -> list[str]:
        """The addresses that aiohttp is given for a name that resolves to these."""

        async def answer(host: str) -> Sequence[str]:
            return addresses

        found = await self.resolver(answer, allow).resolve("any.example", 80)
        return [one["host"] for one in found]

    def open(self, address: str, allow: Sequence[str] = ()) -> None:
        """Makes a socket for the address, without connecting it."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        place = (address, 80, 0, 0) if ":" in address else (address, 80)
        self.sockets(allow)((family, socket.SOCK_STREAM, 0, "", place)).close()


@pytest.fixture(params=["feeds", "receivers"])
def adapter(request: pytest.FixtureRequest) -> Adapter:
    if request.param == "feeds":
        return Adapter(feeds.GuardedResolver, feeds.guarded_socket, feeds.Refused)
    return Adapter(receivers.GuardedResolver, receivers.guarded_socket, receivers.Denied)


@pytest.mark.parametrize("address", [*INNER, "127.0.0.1%eth0", "10.0.0.1%", "::1%1", "fe80::1%", "", "localhost"])
async def test_an_inner_address_is_neither_given_nor_opened(adapter: Adapter, address: str) -> None:
    words = refusal(address.partition("%")[0])
    for call in (adapter.resolve([address]), adapter.resolve([address, address])):
        with pytest.raises(adapter.refused) as told:
            await call
        assert str(told.value) == words
    with pytest.raises(adapter.refused) as told:
        adapter.open(address)
    assert str(told.value) == words


@pytest.mark.parametrize("address", [*PUBLIC, "2606:4700:4700::1111%eth0"])
async def test_a_public_address_is_given_as_it_came_and_opened(adapter: Adapter, address: str) -> None:
    assert await adapter.resolve([address, address]) == [address]
    assert await adapter.resolve(["127.0.0.1", address, "::1%lo"]) == [address]
    adapter.open(address)


@pytest.mark.parametrize(
    ("address", "allow"),
    [("127.0.0.1", "127.0.0.0/8"), ("fe80::1%eth0", "fe80::/10"), ("::1%lo", "::1/128"), ("10.1.2.3", "10.1.0.0/16")],
)
async def test_an_allowed_network_is_open_and_no_other(adapter: Adapter, address: str, allow: str) -> None:
    assert await adapter.resolve([address, "192.168.1.1"], [allow]) == [address]
    adapter.open(address, [allow])
    with pytest.raises(adapter.refused):
        await adapter.resolve([address], ["172.16.0.0/12"])


async def test_a_name_without_addresses_is_an_error_but_no_refusal(adapter: Adapter) -> None:
    with pytest.raises(OSError, match="no address") as told:
        await adapter.resolve([])
    assert not isinstance(told.value, adapter.refused)


async def test_of_several_refusals_the_first_is_told(adapter: Adapter) -> None:
    with pytest.raises(adapter.refused, match=r"^10\.0\.0\.1 "):
        await adapter.resolve(["10.0.0.1", "::1"])
