"""No tenant's URL leads into our own network."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from inlet_sdk.contracts import names
from inlet_sdk.errors import FatalError
from inlet_sdk.http.auth import Credential, StaticCredential
from inlet_sdk.http.egress.guard import EgressGuard
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.request import Request
from inlet_sdk.http.retry import Clock
from sdk.http.egress.vectors import REFUSED_IN_AWS, VECTORS

LOGIN = StaticCredential(Credential("bearer", {"token": "t"}))
SAYS = f"config.baseUrl {names.EGRESS_FAULT}. Correct it."


def resolving_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[Any]:
    """Make every name resolve to these, and fail on any connection."""
    opened: list[Any] = []
    answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer)

    def connect(address: Any, timeout: Any = None) -> socket.socket:
        opened.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    return opened


def test_every_refused_address_is_refused_in_the_same_words() -> None:
    said = set()
    for url in REFUSED_IN_AWS:
        with pytest.raises(FatalError) as refused:
            EgressGuard().check(url, "config.baseUrl")
        said.add((refused.value.code, refused.value.message, str(refused.value.details)))
    assert said == {("CONFIG_INVALID", SAYS, str({"field": "config.baseUrl"}))}


@pytest.mark.parametrize("inside", VECTORS["resolved"]["inside"])
def test_a_name_that_leads_inside_is_refused_before_any_connection(
    monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    opened = resolving_to(monkeypatch, "8.8.8.8", inside)
    with pytest.raises(FatalError) as refused:
        HttpEndpoint("https://rebound.example", LOGIN).fetch_json(Request("/latest/meta-data"), Any)
    assert (refused.value.code, refused.value.message) == ("CONFIG_INVALID", SAYS)
    assert opened == []


def test_link_local_is_refused_where_private_networks_are_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = resolving_to(monkeypatch, "169.254.169.254")
    http = HttpEndpoint("http://rebound.example:8080", LOGIN, allow_private_networks=True)
    with pytest.raises(FatalError) as refused:
        http.fetch_json(Request("/latest/meta-data"), Any)
    assert refused.value.code == "CONFIG_INVALID"
    assert opened == []


def test_a_name_that_the_resolver_cannot_encode_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise UnicodeError("label too long")

    monkeypatch.setattr(socket, "getaddrinfo", broken)
    with pytest.raises(FatalError) as refused:
        EgressGuard().connect("acme.example", 443, "config.baseUrl", 1)
    assert refused.value.message == SAYS


def test_the_socket_goes_to_the_judged_address(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = resolving_to(monkeypatch, "8.8.4.4")
    http = HttpEndpoint("https://good.example", LOGIN, clock=Clock(sleep=lambda _: None))
    with pytest.raises(FatalError, match="refuses the connection"):
        http.fetch_json(Request("/"), Any)
    assert set(opened) == {("8.8.4.4", 443)}


def test_a_name_is_resolved_once_for_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second lookup, which an attacker answers with another address, does not happen."""
    asked: list[str] = []
    opened = resolving_to(monkeypatch, "8.8.4.4")
    answer = socket.getaddrinfo("any", 443)

    def once(host: str, *_: Any, **__: Any) -> Any:
        asked.append(host)
        return answer

    monkeypatch.setattr(socket, "getaddrinfo", once)
    with pytest.raises(ConnectionRefusedError):
        EgressGuard().connect("rebound.example", 443, "config.baseUrl", 1)
    assert asked == ["rebound.example"]
    assert opened == [("8.8.4.4", 443)]


def test_a_host_of_many_addresses_that_do_not_answer_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = resolving_to(monkeypatch, *(f"8.8.4.{n}" for n in range(250)))
    now = iter(range(0, 1000, 4))
    given: list[float] = []

    def silent(address: Any, timeout: float) -> socket.socket:
        opened.append(address)
        given.append(timeout)
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", silent)
    monkeypatch.setattr("inlet_sdk.http.egress.guard.time.monotonic", lambda: next(now))
    with pytest.raises(TimeoutError):
        EgressGuard().connect("acme.example", 443, "config.baseUrl", 10)
    assert given == [10, 10, 8, 4]
    assert len(opened) == 4


def test_an_ip_address_is_connected_to_without_a_lookup(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = resolving_to(monkeypatch, "127.0.0.1")
    for host in ("8.8.8.8", "2606:4700::1111"):
        with pytest.raises(ConnectionRefusedError):
            EgressGuard().connect(host, 443, "config.baseUrl", 1)
    assert opened == [("8.8.8.8", 443), ("2606:4700::1111", 443)]


def test_a_peer_that_is_not_the_judged_address_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        resolving_to(monkeypatch, "8.8.8.8")

        def elsewhere(*_: Any, **__: Any) -> socket.socket:
            connected = socket.socket()
            connected.connect(listener.getsockname())
            return connected

        monkeypatch.setattr(socket, "create_connection", elsewhere)
        with pytest.raises(FatalError) as refused:
            EgressGuard().connect("acme.example", 443, "config.baseUrl", 1)
        peer, _ = listener.accept()
        assert refused.value.message == SAYS
        assert peer.recv(1) == b""
        peer.close()


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    opened = resolving_to(monkeypatch, "8.8.4.4")
    with pytest.raises(FatalError, match="refuses the connection"):
        HttpEndpoint("https://good.example", LOGIN, clock=Clock(sleep=lambda _: None)).fetch_json(
            Request("/"), Any
        )
    assert set(opened) == {("8.8.4.4", 443)}


def test_http_and_any_port_pass_where_private_networks_are_open() -> None:
    assert (
        EgressGuard(allow_private_networks=True)
        .check("http://127.0.0.1:8099", "config.baseUrl")
        .port
        == 8099
    )
