"""Sites that cannot be reached, over real sockets: what cannot get better by itself is told soon,
by its own code.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time as real_time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from inlet_sdk.errors import FatalError, IngestError, RetryableError
from inlet_sdk.http.auth import Credential, StaticCredential
from inlet_sdk.http.connection_failures import SilentError
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.request import HttpLimits, Request
from inlet_sdk.testing.fake_clock import FakeClock

CREDENTIAL = StaticCredential(Credential("bearer", {"token": "planted-token"}))
MINUTE = 60.0
Talk = Callable[[socket.socket], None]


def ask(url: str, time: FakeClock, limits: HttpLimits | None = None) -> IngestError:
    """What the first request to a site ends with."""
    site = HttpEndpoint(
        url, CREDENTIAL, allow_private_networks=True, clock=time.clock(), limits=limits
    )
    with closing(site), pytest.raises(IngestError) as failed:
        site.fetch_json(Request("/x"), dict)
    assert "planted" not in failed.value.message
    return failed.value


@contextmanager
def listening(talk: Talk) -> Iterator[tuple[int, list[float]]]:
    """A port that does with each connection as it is told, and when each one came."""
    came: list[float] = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                came.append(real_time.monotonic())
                threading.Thread(target=one, args=(connection,), daemon=True).start()

    def one(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            talk(connection)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield server.getsockname()[1], came
    finally:
        server.close()


def test_an_unknown_host_is_told_within_a_minute_after_a_few_tries(time: FakeClock) -> None:
    error = ask("https://nobody-has-this.invalid", time)
    assert isinstance(error, FatalError) and error.code == "SOURCE_HOST_UNKNOWN"
    assert error.details["field"] == "baseUrl"
    assert 2 < time.slept < MINUTE


def test_a_refused_connection_is_told_within_a_minute(time: FakeClock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    error = ask(f"http://127.0.0.1:{port}", time)
    assert isinstance(error, FatalError) and error.code == "SOURCE_REFUSED"
    assert 2 < time.slept < MINUTE


@pytest.mark.parametrize(
    ("name", "days", "says"),
    [
        ("127.0.0.1", 30, "nobody we trust"),
        ("127.0.0.1", -1, "expired"),
        ("other.example", 30, "another host"),
    ],
    ids=["self-signed", "expired", "of another host"],
)
def test_a_wrong_certificate_is_told_with_what_is_wrong(
    name: str,
    days: int,
    says: str,
    tmp_path: Path,
    time: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = served_by(tmp_path, name, days)
    if says != "nobody we trust":  # then the certificate's signature is not the fault
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "site.pem"))
        trusted = ssl.create_default_context(cafile=str(tmp_path / "site.pem"))
        monkeypatch.setattr("urllib3.connection.create_urllib3_context", lambda **_: trusted)

    def talk(connection: socket.socket) -> None:
        server.wrap_socket(connection, server_side=True).recv(1)

    with listening(talk) as (port, _):
        error = ask(f"https://127.0.0.1:{port}", time)
    assert isinstance(error, FatalError) and error.code == "SOURCE_CERTIFICATE_INVALID"
    assert says in error.message and time.slept < MINUTE


def test_tls_to_a_plain_port_is_told(time: FakeClock) -> None:
    with listening(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as (
        port,
        _,
    ):
        error = ask(f"https://127.0.0.1:{port}", time)
    assert isinstance(error, FatalError) and error.code == "SOURCE_TLS_FAILED"


def test_what_speaks_no_http_is_told(time: FakeClock) -> None:
    with listening(lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")) as (port, _):
        error = ask(f"http://127.0.0.1:{port}", time)
    assert isinstance(error, FatalError) and error.code == "UNEXPECTED_RESPONSE"


def test_a_connection_that_is_dropped_is_temporary(time: FakeClock) -> None:
    with listening(lambda connection: connection.recv(10) and None) as (port, came):
        error = ask(f"http://127.0.0.1:{port}", time)
    assert isinstance(error, RetryableError) and not isinstance(error, SilentError)
    assert len(came) == 5


def test_a_silent_site_is_asked_once_and_holds_nobody(time: FakeClock) -> None:
    limits = HttpLimits(connect_seconds=1, read_seconds=0.3, total_seconds=5)
    with listening(lambda connection: real_time.sleep(5)) as (port, came):
        error = ask(f"http://127.0.0.1:{port}", time, limits)
    assert (
        isinstance(error, SilentError)
        and error.code == "SOURCE_UNAVAILABLE"
        and error.details["silent"]
    )
    assert len(came) == 1 and time.slept == 0


def dripping(head: bytes) -> Talk:
    """A byte each 0.2 s, for ever."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(b" ")
            real_time.sleep(0.2)

    return talk


@pytest.mark.parametrize(
    ("head", "scheme"),
    [
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n",
            "http",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", "http"),
        (b"HTTP/1.1 200 OK\r\nX-Long:", "http"),
        (b"\x16\x03\x03\x3f\xff", "https"),
    ],
    ids=["in the body", "in a body without an end", "in a header", "in the handshake"],
)
def test_a_site_that_drips_is_cut_at_the_limit(head: bytes, scheme: str, time: FakeClock) -> None:
    limits = HttpLimits(connect_seconds=1, read_seconds=1, total_seconds=1.5)
    begun = real_time.monotonic()
    with listening(dripping(head)) as (port, came):
        error = ask(f"{scheme}://127.0.0.1:{port}", time, limits)
    assert isinstance(error, SilentError)
    assert len(came) == 1 and real_time.monotonic() - begun < 10


def served_by(folder: Path, name: str, days: int) -> ssl.SSLContext:
    """The TLS of a site whose certificate is for that name and good for so many days from
    now on.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    with suppress(ValueError):
        alternative: x509.GeneralName = x509.IPAddress(IPv4Address(name))
    if not name[0].isdigit():
        alternative = x509.DNSName(name)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=9))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem = certificate.public_bytes(Encoding.PEM)
    (folder / "site.pem").write_bytes(pem)
    (folder / "both.pem").write_bytes(secret + pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context
