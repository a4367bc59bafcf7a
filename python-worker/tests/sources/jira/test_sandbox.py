"""The source on the project's own synthetic site: every record, byte for byte, through faults and odd texts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import pytest

from inlet_worker.sources.http_auth import Credential, StaticCredential
from inlet_worker.sources.jira.endpoint import JiraEndpoint
from inlet_worker.sources.retry import Clock
from inlet_worker.sources.source_endpoint import SourceBatch
from sandbox_server import SandboxServer, sandbox_server

from .readings import changed, full, ids, rows_of, warnings_of

INCREMENTAL = ("jira.issues", "jira.comments", "jira.worklogs")
UNITS = ("jira.projects", "jira.users", *INCREMENTAL)


@pytest.fixture(scope="module")
def running() -> Iterator[SandboxServer]:
    with sandbox_server("--issues", "500") as server:
        yield server


@pytest.fixture
def server(running: SandboxServer) -> Iterator[SandboxServer]:
    running.control("reset", {})
    yield running
    running.control("reset", {})


@pytest.fixture
def jira(server: SandboxServer) -> Iterator[JiraEndpoint]:
    login = StaticCredential(Credential("basic", {"email": server.user, "apiToken": server.token}))
    clock = Clock(sleep=lambda _: None)
    source = JiraEndpoint({"baseUrl": server.url}, login, allow_private_networks=True, clock=clock)
    yield source
    source.close()


def landed(unit: str, batches: list[SourceBatch]) -> list[tuple[str, str]]:
    key = "accountId" if unit == "jira.users" else "id"
    return sorted((row[key], canonical_sha256(row["_raw"])) for row in rows_of(batches))


def canonical_sha256(text: str) -> str:
    canonical = json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def truth(server: SandboxServer, unit: str) -> list[tuple[str, str]]:
    return sorted(server.truth(unit.removeprefix("jira.")).items())


@pytest.mark.parametrize("unit", UNITS)
def test_a_full_read_is_the_truth(jira: JiraEndpoint, server: SandboxServer, unit: str) -> None:
    assert landed(unit, full(jira, unit)) == truth(server, unit)


@pytest.mark.parametrize("unit", INCREMENTAL)
def test_a_first_incremental_read_is_the_truth_and_a_second_is_empty(
    jira: JiraEndpoint, server: SandboxServer, unit: str
) -> None:
    first = changed(jira, unit)
    assert landed(unit, first) == truth(server, unit)
    assert rows_of(changed(jira, unit, first[-1].cursor)) == []


@pytest.mark.parametrize("unit", INCREMENTAL)
def test_cut_bodies_and_refusals_lose_nothing(jira: JiraEndpoint, server: SandboxServer, unit: str) -> None:
    server.control("faults", {"fail": 0.1})
    assert landed(unit, changed(jira, unit)) == truth(server, unit)


def test_touched_issues_are_what_the_next_run_reads(jira: JiraEndpoint, server: SandboxServer) -> None:
    cursor = full(jira, "jira.issues")[-1].cursor
    touched = server.control("touch", {"count": 50})["ids"]
    batches = changed(jira, "jira.issues", cursor)
    assert ids(batches) == sorted(map(int, touched))
    assert rows_of(changed(jira, "jira.issues", batches[-1].cursor)) == []


def test_a_closed_project_is_a_warning_and_all_others_land(jira: JiraEndpoint, server: SandboxServer) -> None:
    closed = str(rows_of(full(jira, "jira.projects"))[0]["key"])
    keys = {row["id"]: row["projectKey"] for row in rows_of(full(jira, "jira.issues"))}
    server.control("faults", {"mode": f"forbidden:{closed}"})
    batches = full(jira, "jira.issues")
    assert ids(batches) == sorted(int(n) for n, key in keys.items() if key != closed)
    assert [(w.code, w.partial) for w in warnings_of(batches)] == [("PROJECT_FORBIDDEN", True)]
