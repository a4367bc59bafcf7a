"""Where requests and credentials go, on a site that sends content on. What HDFS does with them is
tried on a real one (tests_engines/hdfs).
"""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from inlet_sdk.errors import FatalError
from inlet_sdk.http.auth import Credential
from inlet_sdk.http.egress.guard import EgressGuard
from inlet_worker.sinks.hdfs_parquet.connection import HdfsConnection
from inlet_worker.sinks.hdfs_parquet.place import HdfsPlace

GUARD = EgressGuard(allow_private_networks=True)
BASIC = Credential("basic", {"username": "inlet", "password": "secret-of-a-test"})
TOKEN = Credential("delegation_token", {"token": "TokenOfATestTokenOfATest"})


class Site:
    """Remembers what it was asked; sends on what has `op=CREATE`."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None, bytes]] = []
        self.sends_to = ""
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None: ...

            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                site.asked.append((self.path, self.headers.get("Authorization"), body))
                sent = site.sends_to if "data=true" not in self.path else ""
                self.send_response(307 if sent else 201)
                if sent:
                    self.send_header("Location", sent)
                self.send_header("Content-Length", "0")
                self.end_headers()

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def sites() -> Iterator[tuple[Site, Site]]:
    both = Site(), Site()
    yield both
    for one in both:
        one.close()


def put(site: Site, credential: Credential | None, user: str | None = None) -> None:
    place = HdfsPlace(url=f"{site.url}/gateway", path="/data", user=user)
    HdfsConnection(place, credential, GUARD).ask("PUT", "/data/a b", {"op": "CREATE"}, b"rows")


def test_a_password_goes_to_the_sinks_own_address_and_nowhere_else(
    sites: tuple[Site, Site],
) -> None:
    name_node, data_node = sites
    name_node.sends_to = f"{data_node.url}/x?data=true&y=a%20b"
    put(name_node, BASIC)
    ((first, login, empty),) = name_node.asked
    assert first == "/gateway/webhdfs/v1/data/a%20b?op=CREATE"
    assert login is not None and login.startswith("Basic ") and empty == b""
    assert data_node.asked == [("/x?data=true&y=a%20b", None, b"rows")]


def test_a_gateway_that_takes_the_content_itself_gets_the_password_again(
    sites: tuple[Site, Site],
) -> None:
    gateway, _ = sites
    gateway.sends_to = f"{gateway.url}/gateway/x?data=true"
    put(gateway, BASIC)
    assert [login is not None for _, login, _ in gateway.asked] == [True, True]


def test_a_token_is_a_parameter_of_the_first_request_only(sites: tuple[Site, Site]) -> None:
    name_node, data_node = sites
    name_node.sends_to = f"{data_node.url}/x?data=true"
    put(name_node, TOKEN, user="other")
    assert name_node.asked[0][0].endswith("op=CREATE&delegation=TokenOfATestTokenOfATest")
    assert "Token" not in data_node.asked[0][0] and "user.name" not in name_node.asked[0][0]


@pytest.mark.parametrize(
    "to", ["http://169.254.169.254/latest", "file:///etc/passwd", "gopher://x", "http://u:p@h/x"]
)
def test_content_is_not_sent_where_nothing_may_be_sent(sites: tuple[Site, Site], to: str) -> None:
    name_node, _ = sites
    name_node.sends_to = to
    with pytest.raises(FatalError) as raised:
        put(name_node, BASIC)
    assert raised.value.details == {"field": "config.url"} and "gateway" in raised.value.message


def test_nobody_writes_without_a_name(sites: tuple[Site, Site]) -> None:
    with pytest.raises(FatalError) as raised:
        put(sites[0], None)
    assert raised.value.details == {"field": "config.user"}


def test_a_site_that_takes_content_that_it_was_not_sent_is_no_webhdfs(
    sites: tuple[Site, Site],
) -> None:
    with pytest.raises(FatalError, match="no WebHDFS"):
        put(sites[0], None, user="inlet")
