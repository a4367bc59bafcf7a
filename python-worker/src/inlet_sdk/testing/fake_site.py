"""A small HTTP site on loopback for tests: routes answer, and scripted faults come before them."""

from __future__ import annotations

import json
import re
import socket
import ssl
import sys
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Asked:
    """`query` has the last value of each name, `several` all of them."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]
    match: re.Match[str] | None = None
    several: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """`cut` sends half of the body and breaks the connection; `reset` breaks it before anything is
    sent.
    """

    body: bytes = b"{}"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    reset: bool = False


def json_answer(value: Any, status: int = 200, **headers: str) -> Answer:
    return Answer(
        json.dumps(value).encode(), status, {k.replace("_", "-"): v for k, v in headers.items()}
    )


def self_signed(folder: Path) -> ssl.SSLContext:
    """The TLS of a server whose certificate nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )

    pem = folder / "site.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem.write_bytes(secret + certificate.public_bytes(Encoding.PEM))

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


HTML = Answer(b"<!doctype html><title>Sign in</title>", headers={"Content-Type": "text/html"})


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], OSError):  # a client may hang up
            super().handle_error(request, client_address)


Route = Callable[[Asked], Answer]


class FakeSite:
    """Start with `with`. `faults` are answered first, one per request; `log` holds what was
    asked.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.routes: list[tuple[str, re.Pattern[str], Route]] = []
        self.faults: list[Answer] = []
        self.log: list[Asked] = []
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    @property
    def requests(self) -> Counter[str]:
        return Counter(asked.path for asked in self.log)

    def route(self, method: str, path: str, answer: Route) -> None:
        self.routes.insert(0, (method, re.compile(path), answer))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, asked: Asked) -> Answer:
        self.log.append(asked)
        if self.faults:
            return self.faults.pop(0)
        for method, pattern, route in self.routes:
            found = pattern.fullmatch(asked.path)
            if method == asked.method and found:
                return route(replace(asked, match=found))
        return json_answer({"errorMessages": ["no such path"]}, 404)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                url = urlsplit(self.path)
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                several = parse_qs(url.query)
                query = {k: v[-1] for k, v in several.items()}
                body = json.loads(raw) if raw else None
                asked = Asked(
                    self.command, url.path, query, body, dict(self.headers), None, several
                )
                answer = site.answer(asked)
                with suppress(ConnectionError):  # a client may have seen enough
                    if not answer.reset:
                        self._write(answer)
                if answer.cut or answer.reset:
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)

            do_POST = do_GET

            def _write(self, answer: Answer) -> None:
                self.send_response(answer.status)
                for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(
                    answer.body[: len(answer.body) // 2] if answer.cut else answer.body
                )

            def log_message(self, format: str, *args: Any) -> None:
                return None

        return Handler
