"""No tenant's URL leads into our own network."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from inlet_worker.errors import FatalError, RetryableError
from inlet_worker.sources.http_auth import Credential, StaticCredential
from inlet_worker.sources.http_endpoint import HttpEndpoint, Request
from inlet_worker.sources.network_guard import NetworkGuard, is_public
from inlet_worker.sources.retry import Clock

LOGIN = StaticCredential(Credential("bearer", {"token": "t"}))

PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "169.254.170.2", "100.64.0.1", "0.0.0.0",  # noqa: S104
    "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1",
    "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "fe80::1%eth0",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "104.192.142.18", "2606:4700::1111", "64:ff9b::808:808"])
def test_public_addresses_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com", "ftp://example.com", "file:///etc/passwd", "https://", "https://a:b@example.com",
        "https://example.com:22", "https://example.com:99999", "//example.com", "example.com",
    ],
)  # fmt: skip
def test_only_plain_https_urls_pass(url: str) -> None:
    with pytest.raises(FatalError) as refused:
        NetworkGuard().check_url(url)
    assert refused.value.code == "CONFIG_INVALID"


def test_http_passes_where_private_networks_are_allowed() -> None:
    assert NetworkGuard(allow_private_networks=True).check_url("http://127.0.0.1:8099").port == 8099


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


def test_a_name_that_leads_inside_is_refused_before_any_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = resolving_to(monkeypatch, "8.8.8.8", "169.254.169.254")
    with pytest.raises(FatalError) as refused:
        HttpEndpoint("https://rebound.example", LOGIN).fetch_json(Request("/latest/meta-data"), Any)
    assert refused.value.code == "CONFIG_INVALID"
    assert "169.254" not in refused.value.message
    assert opened == []


def test_the_socket_goes_to_the_checked_address(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = resolving_to(monkeypatch, "8.8.4.4")
    assert NetworkGuard().addresses("good.example", 443) == ["8.8.4.4"]
    http = HttpEndpoint("https://good.example", LOGIN, clock=Clock(sleep=lambda _: None))
    with pytest.raises(RetryableError):
        http.fetch_json(Request("/"), Any)
    assert set(opened) == {("8.8.4.4", 443)}


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    opened = resolving_to(monkeypatch, "8.8.4.4")
    with pytest.raises(RetryableError):
        HttpEndpoint("https://good.example", LOGIN, clock=Clock(sleep=lambda _: None)).fetch_json(Request("/"), Any)
    assert ("8.8.4.4", 443) in opened
