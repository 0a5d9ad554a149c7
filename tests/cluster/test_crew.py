"""Ports of the processes that a demo or a test starts."""

import socket
from pathlib import Path

from cluster.demo.crew import free_port


def test_a_free_port_is_none_that_a_client_is_given_meanwhile() -> None:
    """Such a client keeps on trying to reach a broker that is away, and would hold the port."""
    port = free_port()
    given = Path("/proc/sys/net/ipv4/ip_local_port_range")
    first = int(given.read_text().split()[0]) if given.exists() else 32_768
    assert port < first
    with socket.socket() as mine:
        mine.bind(("127.0.0.1", port))
