"""Between a sink and its server: takes a request to the server, and its answer to nobody."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class LossyProxy:
    """The next `loses` requests that hold all `marks` are carried out, and answered by the end of
    the connection. `lost` counts them. On a connection one request follows the answer of another.
    """

    def __init__(self, server: int, marks: tuple[bytes, ...], loses: int = 0) -> None:
        self.loses = loses
        self.lost = 0
        self._server, self._marks = server, marks
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server))
            except OSError:
                return
            cut = threading.Event()
            threading.Thread(target=self._ask, args=(client, server, cut), daemon=True).start()
            threading.Thread(target=self._answer, args=(client, server, cut), daemon=True).start()

    def _ask(self, client: socket.socket, server: socket.socket, cut: threading.Event) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                if self._takes(data):
                    cut.set()
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

    def _answer(self, client: socket.socket, server: socket.socket, cut: threading.Event) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if cut.is_set():
                    break
                client.sendall(data)
        for one in (client, server):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _takes(self, data: bytes) -> bool:
        with self._lock:
            if self.loses == 0 or not all(mark in data for mark in self._marks):
                return False
            self.loses -= 1
            self.lost += 1
            return True


@contextmanager
def losing(server: int, *marks: bytes, loses: int = 1) -> Iterator[LossyProxy]:
    """The proxy, closed at the end."""
    proxy = LossyProxy(server, marks, loses)
    try:
        yield proxy
    finally:
        proxy.close()
