"""How much of what a vendor allows a reading uses: of a rate, or of a latency.

    python bench/rate.py --per-second 20 --burst 20 --seconds 600          # told what is allowed
    python bench/rate.py --per-second 20 --burst 20 --seconds 600 --default-limits
    python bench/rate.py --latency-ms 50 --issues 20000 --default-limits

Reads the issues unit of a site in a process of its own, without staging and sink. Prints one JSON
line: rows, requests, refusals, requests that were sent before a hold had ended, the most that were
under way at once, and the use: answered requests of those that were allowed meanwhile, by the
site's rate or, where it has none, by the budget of the credential, which also says how many
requests of this latency may be under way.
"""

import argparse
import json
import multiprocessing
import re
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

T0 = 1_600_000_000_000
STEP_MS = 7 * 60_000
HOLD_SECONDS = 1
ON_THE_WAY = 0.05
"""Seconds in which a refusal reaches who was refused: what arrives by then was sent before."""
PAGE, LIST = 100, 5000
TEXT = "A line of a description, as issues have them. " * 8


@dataclass(frozen=True)
class Allowed:
    """Requests: so many at once after an idle time, and so many a second."""

    per_second: float
    burst: float


@dataclass
class MockSite:
    """A Jira of issues that are computed. `per_second` 0: it refuses nothing."""

    issues: int
    per_second: float
    burst: float
    latency: float
    lock: threading.Lock = field(default_factory=threading.Lock)
    answered: int = 0
    refused: int = 0
    too_early: int = 0
    under_way: int = 0
    most: int = 0
    held_from: float = 0.0
    held_until: float = 0.0
    first: float = 0.0
    last: float = 0.0

    def __post_init__(self) -> None:
        self.tokens, self.at = self.burst, time.monotonic()

    def admits(self) -> bool:
        """Takes a token where there is one."""
        with self.lock:
            now = time.monotonic()
            self.first = self.first or now
            self.tokens = min(self.burst, self.tokens + (now - self.at) * self.per_second)
            self.at = self.last = now
            if self.held_from + ON_THE_WAY < now < self.held_until:
                self.too_early += 1
            if self.per_second and self.tokens < 1:
                self.refused += 1
                if now >= self.held_until:
                    self.held_from, self.held_until = now, now + HOLD_SECONDS
                return False
            self.tokens -= 1
            self.answered += 1
            return True

    def begins(self, change: int) -> None:
        with self.lock:
            self.under_way += change
            self.most = max(self.most, self.under_way)

    def found(self, jql: str) -> range | list[int]:
        if ids := re.search(r"id in \(([^)]*)\)", jql):
            return [int(n) for n in ids[1].split(",")]
        first, last = 1, self.issues
        if after := re.search(r"id > (\d+)", jql):
            first = int(after[1]) + 1
        if until := re.search(r"id <= (\d+)", jql):
            last = min(last, int(until[1]))
        if since := re.search(r"updated >= (\d+)", jql):
            first = max(first, -(-(int(since[1]) - T0) // STEP_MS))
        if before := re.search(r"updated < (\d+)", jql):
            last = min(last, (int(before[1]) - T0 - 1) // STEP_MS)
        return range(first, last + 1)

    def search(self, asked: dict[str, Any]) -> bytes:
        rows, fields = self.found(asked["jql"]), asked["fields"]
        if "updated DESC" in asked["jql"]:
            rows = [self.issues]
        start = int(asked.get("nextPageToken", 0))
        end = start + min(asked["maxResults"], LIST if fields == ["id"] else PAGE)
        page = b",".join(self.issue(n, fields) for n in rows[start:end])
        more = b',"isLast":true' if end >= len(rows) else b',"nextPageToken":"%d"' % end
        return b'{"issues":[%b]%b}' % (page, more)

    def issue(self, n: int, fields: list[str]) -> bytes:
        if fields == ["id"]:
            return b'{"id":"%d"}' % n
        at = datetime.fromtimestamp((T0 + n * STEP_MS) / 1000, UTC)
        updated = at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        text = '{"id":"%d","key":"A-%d","fields":{"updated":"%s","summary":"%s"}}'
        return (text % (n, n, updated, TEXT)).encode()


def handler_of(site: MockSite) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if not site.admits():
                headers = {"Retry-After": str(HOLD_SECONDS), "RateLimit-Reason": "jira-burst-based"}
                self.write(429, b"{}", headers)
                return
            site.begins(1)
            time.sleep(site.latency)
            site.begins(-1)
            self.write(200, site.search(asked), {})

        def do_GET(self) -> None:
            if self.path == "/stats":
                names = ("answered", "refused", "too_early", "most", "first", "last")
                told = {name: getattr(site, name) for name in names}
                self.write(200, json.dumps(told).encode(), {})
                return
            self.write(200, b"[]", {})

        def write(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            return None

    return Handler


def serve(site: dict[str, Any], port: Any) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(MockSite(**site)))
    server.daemon_threads = True
    port.send(server.server_address[1])
    server.serve_forever()


def read(url: str, asked: argparse.Namespace) -> tuple[int, float, Allowed]:
    """Rows, seconds, and what the budget allowed."""
    from inlet_sdk.http.auth import Credential, StaticCredential
    from inlet_sdk.http.budget.bucket_store import ProcessBucket
    from inlet_sdk.http.budget.limits import Limits
    from inlet_sdk.http.budget.spender import Spender
    from inlet_sdk.http.budget.vendor_budget import VendorBudget
    from inlet_sdk.ports.ingestion_context import IngestionContext
    from inlet_sdk.ports.policy import Policy
    from inlet_worker.sources.jira.descriptor import RATE_LIMIT
    from inlet_worker.sources.jira.endpoint import JiraEndpoint

    share = RATE_LIMIT["reservedShare"]
    limits = Limits(asked.per_second, asked.burst, share)
    if asked.default_limits:
        limits = Limits(RATE_LIMIT["requestsPerSecond"], RATE_LIMIT["burst"], share)
    login = StaticCredential(Credential("basic", {"email": "a@example.com", "apiToken": "x"}))
    source = JiraEndpoint(
        {"baseUrl": url},
        login,
        allow_private_networks=True,
        budget=VendorBudget(Spender(ProcessBucket(), limits)),
    )
    unit = "jira.issues"
    mode = "FULL" if asked.full else "INCREMENTAL"
    context = IngestionContext(
        "bench", "run", "site", "jira", unit, unit, mode, int(time.time() * 1000)
    )
    policy = Policy.parse({})
    batches = (
        source.read_full(unit, policy, context)
        if asked.full
        else source.read_incremental(unit, None, policy, context)
    )

    rows, begun = 0, time.monotonic()
    for batch in batches:
        rows += len(batch.rows)
        if asked.seconds and time.monotonic() - begun > asked.seconds:
            break
    burst = limits.burst - limits.reserved
    return rows, time.monotonic() - begun, Allowed(limits.requests_per_second, burst)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--issues", type=int, default=2_000_000)
    parser.add_argument("--per-second", type=float, default=0)
    parser.add_argument("--burst", type=int, default=20)
    parser.add_argument("--latency-ms", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=0)
    parser.add_argument("--default-limits", action="store_true")
    parser.add_argument("--full", action="store_true")
    asked = parser.parse_args()

    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    site = {
        "issues": asked.issues,
        "per_second": asked.per_second,
        "burst": asked.burst,
        "latency": asked.latency_ms / 1000,
    }
    server = multiprocessing.get_context("spawn").Process(
        target=serve, args=(site, theirs), daemon=True
    )
    server.start()
    url = f"http://127.0.0.1:{ours.recv()}"
    rows, seconds, budget = read(url, asked)
    allowed = Allowed(asked.per_second, asked.burst) if asked.per_second else budget

    from urllib.request import urlopen

    with urlopen(f"{url}/stats") as answer:
        told = json.load(answer)
    server.terminate()
    span = told["last"] - told["first"]
    figures = {
        "rows": rows,
        "seconds": round(seconds, 1),
        "rowsPerSecond": round(rows / seconds),
        "answered": told["answered"],
        "refused": told["refused"],
        "sentBeforeHoldEnded": told["too_early"],
        "mostUnderWay": told["most"],
    }
    if not asked.per_second:
        figures["allowedAtOnce"] = round(budget.per_second * asked.latency_ms / 1000, 1)
    figures["use"] = round(told["answered"] / (allowed.burst + allowed.per_second * span), 3)
    json.dump(figures, sys.stdout)
    print()


if __name__ == "__main__":
    main()
