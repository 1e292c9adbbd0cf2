"""Opening a TCP connection so that it can be given up while it is being made.

urllib3 shows a socket once it is connected; until then nobody could end the attempt.
Here the socket is shown before. Looking up the name is the step that cannot be ended.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias

Option: TypeAlias = "tuple[int, int, int | bytes]"

# No delay for small writes, and probes that notice a peer which vanished.
_PROBES: Final = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 60, "TCP_KEEPCNT": 5}
SOCKET_OPTIONS: Final = [
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *(
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in _PROBES.items()
        if hasattr(socket, name)
    ),
]


def connected(
    address: tuple[str, int],
    family: int,
    timeout: Any,
    *,
    source: tuple[str, int] | None,
    options: Iterable[Any],
    begun: Callable[[socket.socket], bool],
) -> socket.socket:
    """A socket that is connected to the first place of ``address`` that answers.

    :param timeout: seconds for each place, or ``None``.
    :param begun: told each socket before it connects; false ends the attempt.
    :raises OSError: the last place's failure.
    """
    failure: OSError | None = None
    for kind, type, protocol, _, place in socket.getaddrinfo(
        *address, family, socket.SOCK_STREAM
    ):
        sock = socket.socket(kind, type, protocol)
        try:
            for option in options:
                sock.setsockopt(*option)
            sock.settimeout(timeout)
            if source:
                sock.bind(source)
            if not begun(sock):
                raise OSError("given up")
            sock.connect(place)
            return sock
        except OSError as error:
            sock.close()
            failure = error
    try:
        raise failure or OSError("the name has no address")
    finally:
        failure = None  # the error holds this frame
