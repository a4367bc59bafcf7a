"""What each kind of run costs on a recorded Jira site: requests and seconds, by unit.

    python bench/replay_cost.py --server SERVER --data DATA [--project CHECKOUT] [--units issues,…]
        [--projects KEY,…]

SERVER and DATA are those of `npm run test:replay`. CHECKOUT is whose data plane runs, this one
unless said: two commits are compared by one script. `--projects` names projects in the endpoint's
config, as most do. Prints a Markdown table. Seconds are of this machine and moment; requests are
the same each time, and are what the site counted, not what the run says of itself.
"""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

UNITS = ("projects", "users", "issues", "comments", "worklogs")
TOUCHED = 50
ACCOUNT = {"email": "replay@example.com", "apiToken": "replay-token"}
NOTHING: dict[str, Any] = {}
NO_CENSUS = {"censusEveryHours": 720}
CENSUS = {"censusEveryHours": 0}

# What is run, one after another on the same lake: name, touched before it, mode, policy.
RUNS: tuple[tuple[str, int, str | None, dict[str, Any]], ...] = (
    ("first load", 0, None, NOTHING),
    ("unchanged", 0, None, NOTHING),
    ("unchanged, again", 0, None, NO_CENSUS),
    (f"{TOUCHED} touched", TOUCHED, None, NO_CENSUS),
    ("unchanged, a census due", 0, None, CENSUS),
    ("full", 0, "FULL", NOTHING),
)


def main() -> int:
    options = _options()
    sys.path.insert(0, str(options.project.resolve() / "python-worker" / "src"))
    units = options.units.split(",")
    with (
        _site(options.server, options.data) as url,
        tempfile.TemporaryDirectory() as folder,
    ):
        keys = options.projects.split(",") if options.projects else None
        bench = _Bench({"baseUrl": url, **({"projectKeys": keys} if keys else {})}, Path(folder))
        rows = [bench.measure(unit, run) for unit in units for run in RUNS]

    print("| unit | run | status | read | landed | requests | seconds | routes |")
    print("|---|---|---|---|---|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What each kind of run costs on a recorded site.")
    parser.add_argument("--server", required=True, help="the replay server's server.py")
    parser.add_argument("--data", required=True, help="its recording")
    parser.add_argument("--project", type=Path, default=Path(__file__).parents[1])
    parser.add_argument("--units", default=",".join(UNITS))
    parser.add_argument("--projects", help="keys; all projects unless said")
    return parser.parse_args()


@contextmanager
def _site(server: str, data: str) -> Iterator[str]:
    """The replay server as a child. Raises RuntimeError when it does not answer within 30 s."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    child = subprocess.Popen(
        [sys.executable, server, "--data", data, "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _until_it_answers(url)
        yield url
    finally:
        child.kill()
        child.wait()


def _until_it_answers(url: str) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            _requests_by_route(url)
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("The replay server does not answer: check --server and --data.")


def _requests_by_route(url: str) -> Counter[str]:
    with urlopen(f"{url}/__control/stats") as answer:
        return Counter(json.load(answer)["requestsByRoute"])


def _touch(url: str, count: int) -> None:
    body = json.dumps({"count": count}).encode()
    headers = {"Content-Type": "application/json"}
    with urlopen(Request(f"{url}/__control/touch", body, headers)):
        return


class _Bench:
    """One lake and its checkpoints, as `inlet_worker.ingest` keeps them."""

    def __init__(self, config: dict[str, Any], folder: Path) -> None:
        from inlet_sdk.http.auth import Credential, StaticCredential
        from inlet_worker.ingest import LakeFolder
        from inlet_worker.sources.jira.endpoint import JiraEndpoint

        credential = StaticCredential(Credential("basic", ACCOUNT))
        self._url = config["baseUrl"]
        self._source = JiraEndpoint(config, credential, allow_private_networks=True)
        self._folder = LakeFolder(folder)
        catalog = self._source.collect()
        self._columns = {dataset.name: dataset.fields for dataset in catalog.datasets}
        found = self._source.list_units([d.name for d in catalog.datasets if d.ingestable])
        self._units = {unit.unit_id.split(".", 1)[-1]: unit for unit in found}

    def measure(self, name: str, run: tuple[str, int, str | None, dict[str, Any]]) -> list[str]:
        """One row of the table."""
        from inlet_worker.ingest import _slices

        what, touched, mode, policy = run
        if touched:
            _touch(self._url, touched)
        unit = self._units[name]
        known = unit.policy_schema["properties"]
        asked_for = {key: value for key, value in policy.items() if key in known}
        unit = replace(unit, default_policy={**unit.default_policy, **asked_for})

        before, started = _requests_by_route(self._url), time.perf_counter()
        results = _slices(
            self._source,
            unit,
            self._columns[unit.dataset],
            self._folder,
            mode or unit.default_mode,
        )
        seconds = time.perf_counter() - started
        asked = _requests_by_route(self._url) - before

        stats: Counter[str] = Counter()
        for result in results:
            stats.update(result.stats)
        weights = {evidence.weight for result in results for evidence in result.evidence}
        status = next((w for w in ("suspicious", "partial") if w in weights), "complete").upper()
        routes = ", ".join(f"{route} {n}" for route, n in sorted(asked.items()))
        figures = (stats["read"], stats["landed"], asked.total())
        return [name, what, status, *map(str, figures), f"{seconds:.1f}", routes]


if __name__ == "__main__":
    sys.exit(main())
