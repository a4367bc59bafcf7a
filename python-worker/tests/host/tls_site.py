"""A site over TLS on loopback that bears every name it is asked for, and a network that leads to
it: names resolve to a public address, and sockets to public addresses end here. What is counted is
what would have left this machine.
"""

from __future__ import annotations

import http.server
import ipaddress
import json
import re
import socket
import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PUBLIC = "8.8.4.4"


class _Site(http.server.BaseHTTPRequestHandler):
    """Jira's greeting to whoever asks for JSON, an obedient bucket to all others; or a redirect for
    all.
    """

    protocol_version = "HTTP/1.1"
    server: _QuietServer

    def log_message(self, *_: Any) -> None: ...

    def answer(self) -> None:
        asked = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        deleted = re.search(rb"<Key>[^<]*</Key>", asked)
        body = json.dumps({"accountId": "1"}).encode() if "/rest/api/" in self.path else b""
        if deleted:
            body = b"<DeleteResult><Deleted>" + deleted[0] + b"</Deleted></DeleteResult>"
        if self.server.redirects_to:
            self.send_response(307)
            self.send_header("Location", self.server.redirects_to)
        else:
            self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("ETag", '"e"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = answer


class _QuietServer(http.server.ThreadingHTTPServer):
    redirects_to: str | None = None

    def handle_error(self, *_: Any) -> None:
        """A client that goes away is the client's matter."""


class Network:
    """Where sockets went: the addresses that were connected to, in order."""

    def __init__(self, site: _QuietServer) -> None:
        self.site = site
        self.opened: list[tuple[str, int]] = []
        self.looked_up: list[str] = []

    def lookup(self, host: Any, port: Any, *_: Any, **__: Any) -> list[Any]:
        self.looked_up.append(str(host))
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (PUBLIC, port))]

    def connect(self, address: Any, timeout: Any = None, **_: Any) -> socket.socket:
        self.opened.append(address)
        connected = _Rerouted()
        connected.settimeout(timeout)
        connected.connect(("127.0.0.1", self.site.server_address[1]))
        connected.peer = address
        return connected


class _Rerouted(socket.socket):
    """A connection to loopback whose peer bears the address that was asked for."""

    peer: Any = None

    def getpeername(self) -> Any:
        return self.peer or super().getpeername()


@contextmanager
def public_network(hosts: Iterable[str], folder: Path) -> Iterator[Network]:
    """Every name leads to a TLS site on this machine whose certificate this process trusts and
    which holds `hosts`.
    """
    root, chain, key = _certificates(hosts, folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    server = _QuietServer(("127.0.0.1", 0), _Site)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()

    network = Network(server)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(root))
        patch.setattr(socket, "getaddrinfo", network.lookup)
        patch.setattr(socket, "create_connection", network.connect)
        yield network
    server.shutdown()
    server.server_close()


def _certificates(hosts: Iterable[str], folder: Path) -> tuple[Path, Path, Path]:
    """An authority, and the chain and key of a site that it vouches for."""
    authority_key, key = (
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP256R1()),
    )
    authority = _signed("authority", "authority", authority_key, authority_key, ca=True)
    names = x509.SubjectAlternativeName([_alternative(host) for host in hosts])
    site = _signed("site", "authority", key, authority_key, ca=False, names=names)

    root, chain, private = folder / "authority.pem", folder / "site.pem", folder / "site.key"
    root.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    chain.write_bytes(site.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return root, chain, private


def _signed(
    subject: str,
    issuer: str,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    *,
    ca: bool,
    names: x509.SubjectAlternativeName | None = None,
) -> x509.Certificate:
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    return (made.add_extension(names, critical=False) if names else made).sign(
        signer, hashes.SHA256()
    )


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
