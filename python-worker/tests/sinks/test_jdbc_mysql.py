"""A server that is not what it says: it speaks enough of MySQL's protocol to ask for a file."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from inlet_sdk.errors import IngestError
from inlet_sdk.http.egress.guard import EgressGuard
from inlet_worker.sinks.jdbc.endpoint import JdbcSink
from inlet_worker.sinks.jdbc.login import DatabaseLogin

GREETING = (
    b"\x0a10.11.0-MariaDB\x00\x01\x00\x00\x00abcdefgh\x00\xff\xf7\x2d\x02\x00\xff\x81\x15"
    + b"\x00" * 10
    + b"ijklmnopqrst\x00mysql_native_password\x00"
)
OK = b"\x00\x00\x00\x02\x00\x00\x00"


class RogueServer:
    """Answers every statement by asking for a file."""

    def __init__(self, wanted: Path) -> None:
        self.received = b""
        self._wanted = wanted
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with client, suppress(OSError):
                self._talk(client)

    def _talk(self, client: socket.socket) -> None:
        client.settimeout(5)
        self._send(client, 0, GREETING)
        client.recv(65536)
        self._send(client, 2, OK)
        while asked := client.recv(65536):
            if b"SELECT" in asked or b"SET" in asked or b"LOAD" in asked:
                self._send(client, 1, b"\xfb" + str(self._wanted).encode())
            else:
                self._send(client, 1, OK)
            self.received += client.recv(65536)

    @staticmethod
    def _send(client: socket.socket, number: int, packet: bytes) -> None:
        client.sendall(len(packet).to_bytes(3, "little") + bytes([number]) + packet)


@pytest.fixture
def rogue(tmp_path: Path) -> Iterator[RogueServer]:
    secret = tmp_path / "secret"
    secret.write_text("a key of this machine")
    server = RogueServer(secret)
    yield server
    server.close()


def test_a_server_that_asks_for_a_file_gets_none(rogue: RogueServer) -> None:
    place = {
        "dialect": "mysql",
        "host": "127.0.0.1",
        "port": rogue.port,
        "database": "d",
        "tls": "disable",
    }
    guard = EgressGuard(allow_private_networks=True)
    with pytest.raises(IngestError) as raised:
        JdbcSink(place, guard, DatabaseLogin("inlet", "secret of a test")).test()
    assert raised.value.code in ("SINK_REJECTED", "SINK_UNAVAILABLE")
    assert b"a key of this machine" not in rogue.received
