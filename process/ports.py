"""Ports of this machine."""

import socket


def is_free(port: int) -> bool:
    """Whether nobody listens on the port at 127.0.0.1."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
