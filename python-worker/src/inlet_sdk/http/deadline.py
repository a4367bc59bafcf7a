"""An end for every call, whatever the site does: timeouts of a socket start anew with each byte,
and a site that sends one every ten seconds would hold a run for hours. A watchdog shuts the
connection of a call that takes too long.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from urllib3 import HTTPConnectionPool

LOOK_SECONDS = 0.5


@dataclass
class _Call:
    until: float
    twin: socket.socket | None = None
    owns_twin: bool = False
    is_cut: bool = False


class Deadlines:
    """The calls of one endpoint, one a thread. Real time: a socket knows no other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: dict[int, _Call] = {}
        self._watchdog: threading.Thread | None = None

    def guard(self, pool: HTTPConnectionPool) -> None:
        """The pool's connections are watched from their making, so that a handshake counts."""
        pool.ConnectionCls = type("Watched", (_Watched, pool.ConnectionCls), {"deadlines": self})

    def begin(self, seconds: float) -> None:
        """This thread's next call may take so long."""
        with self._lock:
            self._calls[threading.get_ident()] = _Call(time.monotonic() + seconds)
            if self._watchdog is None:
                self._watchdog = threading.Thread(target=self._watch, name="deadlines", daemon=True)
                self._watchdog.start()

    def end(self) -> bool:
        """Whether the call was cut: what was read of it is not the whole, even if nothing
        complained.
        """
        with self._lock:
            call = self._calls.pop(threading.get_ident(), None)
            if call is not None and call.owns_twin and call.twin is not None:
                call.twin.close()
        return call is not None and call.is_cut

    def use(self, twin: socket.socket | None) -> None:
        """This thread's call goes over a socket, of which `twin` is another handle."""
        with self._lock:
            call = self._calls.get(threading.get_ident())
            if call is not None:
                call.twin = twin

    def release(self, twin: socket.socket) -> None:
        """Its connection is closed. An answer without a length is read on from a closed connection:
        then the twin lives as long as the call.
        """
        with self._lock:
            users = [call for call in self._calls.values() if call.twin is twin]
            for call in users:
                call.owns_twin = True
            if not users:
                twin.close()

    def _watch(self) -> None:
        """Ends when no call is left, to be started again by the next."""
        while True:
            time.sleep(LOOK_SECONDS)
            with self._lock:
                if not self._calls:
                    self._watchdog = None
                    return

                late = [
                    call
                    for call in self._calls.values()
                    if call.until < time.monotonic() and call.twin
                ]
                for call in late:
                    call.is_cut = True
                    with suppress(OSError):  # gone already
                        call.twin.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]


class _Watched:
    """Mixed into urllib3's connections. The twin is a second descriptor of the same connection: TLS
    takes the first one over while it shakes hands.
    """

    deadlines: Deadlines
    _twin: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        connected: socket.socket = super()._new_conn()  # type: ignore[misc]
        self._drop_twin()
        self._twin = connected.dup()
        self.deadlines.use(self._twin)
        return connected

    def request(self, *args: Any, **named: Any) -> None:
        self.deadlines.use(self._twin)
        super().request(*args, **named)  # type: ignore[misc]

    def close(self) -> None:
        super().close()  # type: ignore[misc]
        self._drop_twin()

    def _drop_twin(self) -> None:
        if self._twin is not None:
            self.deadlines.release(self._twin)
            self._twin = None
