"""A library that opens its own sockets reaches one address through the proxy, and nobody else
reaches anything.
"""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from inlet_sdk.http.egress.addresses import Address
from inlet_sdk.http.egress.guard import EgressGuard
from inlet_worker.host.egress_proxy import HEAD_BYTES, EgressProxy, proxy_to

AT = "config.endpointUrl"
TARGET = Address("https", "s3.acme.example", 443, "")


class Echo:
    """A server on loopback that sends back what it gets; counts its connections."""

    def __init__(self) -> None:
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with client:
                while chunk := client.recv(65536):
                    client.sendall(chunk)


@pytest.fixture
def echo() -> Iterator[Echo]:
    server = Echo()
    yield server
    server.close()


@pytest.fixture
def proxy(echo: Echo) -> Iterator[EgressProxy]:
    local = EgressProxy(
        Address("https", "127.0.0.1", echo.port, ""), EgressGuard(allow_private_networks=True), AT
    )
    yield local
    local.close()


def login(proxy: EgressProxy) -> str:
    parts = urlsplit(proxy.url)
    return base64.b64encode(f"{parts.username}:{parts.password}".encode()).decode()


def ask(proxy: EgressProxy, head: str) -> tuple[bytes, socket.socket]:
    """The answer's first line to a request, and the connection after its empty line."""
    client = socket.socket()
    client.settimeout(10)
    client.connect(("127.0.0.1", urlsplit(proxy.url).port or 0))
    client.sendall(head.encode("latin-1"))
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        byte = client.recv(1)
        if not byte:
            break
        answer += byte
    return answer.split(b"\r\n")[0], client


def connect_to(place: str, *headers: str) -> str:
    return "\r\n".join([f"CONNECT {place} HTTP/1.1", f"Host: {place}", *headers, "", ""])


def test_bytes_go_both_ways(proxy: EgressProxy, echo: Echo) -> None:
    head = connect_to(f"127.0.0.1:{echo.port}", f"Proxy-Authorization: Basic {login(proxy)}")
    status, client = ask(proxy, head)
    assert status.split()[1] == b"200"
    sent = bytes(range(256)) * 4096
    threading.Thread(target=client.sendall, args=(sent,), daemon=True).start()
    got = b""
    while len(got) < len(sent):
        got += client.recv(65536)
    assert got == sent
    client.close()


@pytest.mark.parametrize(
    ("place", "headers"),
    [
        ("127.0.0.1:{port}", []),
        ("127.0.0.1:{port}", ["Proxy-Authorization: Basic aW5sZXQ6d3Jvbmc="]),
        ("127.0.0.1:{port}", ["Proxy-Authorization: Bearer {login}"]),
        (
            "127.0.0.1:{port}",
            ["Proxy-Authorization: Basic {login}", "Proxy-Authorization: Basic {login}"],
        ),
        ("127.0.0.1:{port}", ["Authorization: Basic {login}"]),
        ("127.0.0.1:22", ["Proxy-Authorization: Basic {login}"]),
        ("127.0.0.2:{port}", ["Proxy-Authorization: Basic {login}"]),
        ("169.254.169.254:80", ["Proxy-Authorization: Basic {login}"]),
        ("localhost:{port}", ["Proxy-Authorization: Basic {login}"]),
        ("127.0.0.1:{port}@127.0.0.1:{port}", ["Proxy-Authorization: Basic {login}"]),
        ("127.0.0.1", ["Proxy-Authorization: Basic {login}"]),
    ],
)
def test_without_its_credential_or_to_another_place_nothing_is_connected(
    proxy: EgressProxy, echo: Echo, place: str, headers: list[str]
) -> None:
    facts = {"port": echo.port, "login": login(proxy)}
    status, client = ask(
        proxy, connect_to(place.format(**facts), *(line.format(**facts) for line in headers))
    )
    assert status.split()[1] in (b"403", b"407")
    assert client.recv(1) == b""
    assert echo.connections == 0


@pytest.mark.parametrize(
    "method", ["GET http://127.0.0.1/ HTTP/1.1", "POST / HTTP/1.1", "CONNECT  HTTP/1.1", "x"]
)
def test_nothing_but_connect_is_answered(proxy: EgressProxy, echo: Echo, method: str) -> None:
    status, _ = ask(proxy, f"{method}\r\nProxy-Authorization: Basic {login(proxy)}\r\n\r\n")
    assert status.split()[1] == b"405"
    assert echo.connections == 0


def test_an_endless_request_is_cut(proxy: EgressProxy, echo: Echo) -> None:
    status, client = ask(proxy, "CONNECT " + "a" * (HEAD_BYTES - 8))
    assert status == b""
    client.close()
    assert echo.connections == 0


@pytest.mark.parametrize(
    ("leads_to", "status"), [("10.0.0.1", b"403"), ("169.254.169.254", b"403"), (None, b"502")]
)
def test_where_the_name_leads_is_judged_at_each_connection(
    monkeypatch: pytest.MonkeyPatch, leads_to: str | None, status: bytes
) -> None:
    """A name that led outside when the sink was opened, and inside when the library connects."""
    proxy = EgressProxy(TARGET, EgressGuard(), AT)
    opened: list[object] = []

    def lookup(host: str, port: int, **_: object) -> list[object]:
        if leads_to is None:
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (leads_to, port))]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    monkeypatch.setattr(socket, "create_connection", lambda *a, **_: opened.append(a))
    answered, _ = ask(
        proxy, connect_to("s3.acme.example:443", f"Proxy-Authorization: Basic {login(proxy)}")
    )
    assert answered.split()[1] == status
    assert opened == []
    proxy.close()


def test_a_process_has_one_proxy_for_an_address_and_tells_its_credential_in_no_repr() -> None:
    proxy = proxy_to(TARGET, EgressGuard(), AT)
    assert proxy_to(TARGET, EgressGuard(), AT) is proxy
    assert urlsplit(proxy.url).hostname == "127.0.0.1"
    assert (urlsplit(proxy.url).password or "") not in repr(proxy)
