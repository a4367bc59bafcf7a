"""Lambda's Invoke on loopback, at which a broker answers what a test told it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

FUNCTION = "broker"


@dataclass(frozen=True)
class Odd:
    """What Lambda or the broker answers in place of a credential."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def answered(secret: dict[str, str], **changes: Any) -> dict[str, Any]:
    """A BrokeredCredential."""
    plain = {"authType": "basic", "version": "v1", "expiresAt": None, "scopes": None}
    return {**plain, "secret": secret, **changes}


def refused(code: str, message: str = "No. Do otherwise.") -> Odd:
    return Odd(body=json.dumps({"error": {"code": code, "message": message}}).encode())


@dataclass
class BrokerServer:
    """`credentials` by grant; `odd` answers come first, one for each request."""

    url: str = ""
    credentials: dict[str, dict[str, Any]] = field(default_factory=dict)
    odd: list[Odd] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, path: str, request: dict[str, Any]) -> Odd:
        with self.lock:
            self.requests.append(request)
            if self.odd:
                return self.odd.pop(0)
        found = self.credentials.get(request["grant"])
        if f"/functions/{FUNCTION}/invocations" not in path or found is None:
            return refused("FORBIDDEN")
        return Odd(body=json.dumps({"credential": found}).encode())


@contextmanager
def broker_server() -> Iterator[BrokerServer]:
    broker = BrokerServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            odd = broker.answer(self.path, json.loads(body))
            self.send_response(odd.status)
            for name, value in odd.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(odd.body)))
            self.end_headers()
            self.wfile.write(odd.body)

        def log_message(self, *_: Any) -> None:
            """Tests read no access log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    broker.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield broker
    finally:
        server.shutdown()
        server.server_close()
