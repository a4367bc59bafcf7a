"""A way to the NameNode that loses answers: the request arrives and is carried out, and the
connection breaks before its answer.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class LossyProxy:
    """Loses the answers to so many requests that hold `marked`; `lost` counts them."""

    def __init__(self, port: int, marked: bytes, loses: int) -> None:
        self._port, self._marked, self._left = port, marked, loses
        self.lost = 0
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        """Requests to the NameNode have no body, so an answer follows each."""
        with client, socket.create_connection(("127.0.0.1", self._port)) as server:
            while request := client.recv(64 * 1024):
                loses = self._takes(request)
                server.sendall(request)
                for piece in _answer(server):
                    if not loses:
                        client.sendall(piece)
                if loses:
                    return

    def _takes(self, request: bytes) -> bool:
        with self._lock:
            if self._marked not in request or self._left == 0:
                return False
            self._left -= 1
            self.lost += 1
            return True


def _answer(server: socket.socket) -> Iterator[bytes]:
    """One whole answer, as Jetty sends it: with a length, or in chunks."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = server.recv(64 * 1024)
        if not piece:
            return
        head += piece
    yield head

    lines, _, body = head.partition(b"\r\n\r\n")
    length = _length(lines)
    while len(body) < length if length is not None else not body.endswith(b"0\r\n\r\n"):
        piece = server.recv(64 * 1024)
        if not piece:
            return
        body += piece
        yield piece


def _length(head: bytes) -> int | None:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return None


@contextmanager
def losing(port: int, marked: bytes, loses: int) -> Iterator[LossyProxy]:
    """The proxy, closed at the end."""
    proxy = LossyProxy(port, marked, loses)
    try:
        yield proxy
    finally:
        proxy.close()
