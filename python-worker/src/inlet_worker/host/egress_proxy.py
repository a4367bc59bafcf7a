"""A proxy on loopback for libraries that open sockets of their own: they are given its address and
connect to nothing else, and the guard connects for them. It tunnels (CONNECT) to one host, so it
sees no content and TLS still verifies the name; whoever does not know its credential is refused.

    library -> CONNECT host:443 -> guard: one lookup, judged, pinned -> bytes both ways
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
import selectors
import socket
import threading
from functools import lru_cache

from inlet_sdk.errors import FatalError
from inlet_sdk.http.egress.addresses import Address
from inlet_sdk.http.egress.guard import EgressGuard

HEAD_BYTES = 8 * 1024
HEAD_SECONDS = 10.0
CONNECT_SECONDS = 10.0
IDLE_SECONDS = 120.0
"""A tunnel that carries nothing for so long is closed: libraries keep idle connections for later.
"""
CHUNK_BYTES = 64 * 1024
TUNNELS = 64
"""At a time; a sink writes a few files at once."""
_CONNECT = re.compile(rb"CONNECT ([^ ]{1,300}) HTTP/1\.[01]")


@lru_cache(maxsize=16)
def proxy_to(address: Address, guard: EgressGuard, at: str) -> EgressProxy:
    """The process's proxy to one address, started when it is first asked for; it ends with the
    process.
    """
    return EgressProxy(address, guard, at)


class EgressProxy:
    """Listens from its making to `close`. `at` is the field of the config that names the
    address.
    """

    def __init__(self, address: Address, guard: EgressGuard, at: str) -> None:
        self._target, self._guard, self._at = address, guard, at
        self._secret = secrets.token_urlsafe(32)
        self._room = threading.BoundedSemaphore(TUNNELS)
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, name="egress-proxy", daemon=True).start()

    @property
    def url(self) -> str:
        """With the credential: for the library alone, never for a message."""
        return f"http://inlet:{self._secret}@127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        """No new tunnels. Idempotent."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed
                return
            threading.Thread(
                target=self._serve, args=(client,), name="egress-tunnel", daemon=True
            ).start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            if not self._room.acquire(timeout=HEAD_SECONDS):
                return
            try:
                self._tunnel(client)
            except OSError:  # either side went away
                pass
            finally:
                self._room.release()

    def _tunnel(self, client: socket.socket) -> None:
        client.settimeout(HEAD_SECONDS)
        head = _read_head(client)
        if refusal := self._refusal(head):
            client.sendall(refusal)
            return

        target = self._target
        try:
            server = self._guard.connect(target.host, target.port, self._at, CONNECT_SECONDS)
        except FatalError:
            client.sendall(_answer(b"403 Forbidden"))
            return
        except OSError:
            client.sendall(_answer(b"502 Bad Gateway"))
            return

        with server:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            _carry(client, server)

    def _refusal(self, head: bytes) -> bytes | None:
        lines = head.split(b"\r\n")
        asked = _CONNECT.fullmatch(lines[0])
        if asked is None:
            return _answer(b"405 Method Not Allowed")
        if not self._knows_secret(lines[1:]):
            return _answer(b"407 Proxy Authentication Required", b"Proxy-Authenticate: Basic\r\n")
        host = f"[{self._target.host}]" if ":" in self._target.host else self._target.host
        if asked[1].lower() != f"{host}:{self._target.port}".encode():
            return _answer(b"403 Forbidden")
        return None

    def _knows_secret(self, headers: list[bytes]) -> bool:
        expected = b"Basic " + base64.b64encode(f"inlet:{self._secret}".encode())
        given = [
            line.partition(b":")[2].strip()
            for line in headers
            if line.lower().startswith(b"proxy-authorization:")
        ]
        return len(given) == 1 and hmac.compare_digest(given[0], expected)


def _answer(status: bytes, header: bytes = b"") -> bytes:
    return (
        b"HTTP/1.1 " + status + b"\r\n" + header + b"Content-Length: 0\r\nConnection: close\r\n\r\n"
    )


def _read_head(client: socket.socket) -> bytes:
    """The request up to its empty line; what comes after a CONNECT waits for the answer. Raises
    OSError when cut.
    """
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = client.recv(1) if len(head) < HEAD_BYTES else b""
        if not byte:
            raise ConnectionAbortedError("no whole request")
        head += byte
    return head[:-4]


def _carry(client: socket.socket, server: socket.socket) -> None:
    """Bytes both ways until one side ends or nothing comes for `IDLE_SECONDS`."""
    with selectors.DefaultSelector() as ready:
        for one, other in ((client, server), (server, client)):
            one.settimeout(IDLE_SECONDS)
            ready.register(one, selectors.EVENT_READ, (one, other))
        while events := ready.select(IDLE_SECONDS):
            for key, _ in events:
                source, target = key.data
                chunk = source.recv(CHUNK_BYTES)
                if not chunk:
                    return
                target.sendall(chunk)
