"""The source on the project's own synthetic site: every record, byte for byte, through faults and
odd texts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from inlet_sdk.errors import SkippableError
from inlet_sdk.http.auth import Credential, StaticCredential
from inlet_sdk.http.retry import Clock
from inlet_sdk.ports.source_endpoint import QuarantinedRecord, SourceBatch
from inlet_worker.sources.jira.endpoint import JiraEndpoint
from inlet_worker.staging.quarantine import json_lines
from sandbox_server import SandboxServer, sandbox_server

from .readings import changed, full, ids, rows_of, warnings_of

INCREMENTAL = ("jira.issues", "jira.comments", "jira.worklogs")
UNITS = ("jira.projects", "jira.users", *INCREMENTAL)
EDITED = "2025-07-02T10:00:00Z"
"""After every change of a fresh site. It has come by any clock: what is dated later is read twice.
"""


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
    canonical = json.dumps(
        json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
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
def test_cut_bodies_and_refusals_lose_nothing(
    jira: JiraEndpoint, server: SandboxServer, unit: str
) -> None:
    server.control("faults", {"fail": 0.1})
    assert landed(unit, changed(jira, unit)) == truth(server, unit)


def test_touched_issues_are_what_the_next_run_reads(
    jira: JiraEndpoint, server: SandboxServer
) -> None:
    cursor = full(jira, "jira.issues")[-1].cursor
    touched = server.control("touch", {"count": 50, "at": EDITED})["ids"]
    batches = changed(jira, "jira.issues", cursor)
    assert ids(batches) == sorted(map(int, touched))
    assert rows_of(changed(jira, "jira.issues", batches[-1].cursor)) == []


def test_a_closed_project_is_a_warning_and_all_others_land(
    jira: JiraEndpoint, server: SandboxServer
) -> None:
    closed = str(rows_of(full(jira, "jira.projects"))[0]["key"])
    keys = {row["id"]: row["projectKey"] for row in rows_of(full(jira, "jira.issues"))}
    server.control("faults", {"mode": f"forbidden:{closed}"})
    batches = full(jira, "jira.issues")
    assert ids(batches) == sorted(int(n) for n, key in keys.items() if key != closed)
    assert [(w.code, w.partial) for w in warnings_of(batches)] == [("PROJECT_FORBIDDEN", True)]


@pytest.mark.parametrize("unit", UNITS)
def test_what_a_row_kept_is_enough_to_make_it_again(jira: JiraEndpoint, unit: str) -> None:
    """As it comes back from quarantine: typed values as JSON text, and the vendor not asked."""
    fields = next(d.fields for d in jira.collect().datasets if d.name == unit)
    rows = rows_of(full(jira, unit))
    jira.close()
    for row in rows:
        beside = {name: value for name, value in row.items() if name != "_raw"}
        set_aside = QuarantinedRecord(None, "RECORD_INVALID", "Odd.", str(row["_raw"]), beside)
        stored = json.loads(json_lines([set_aside], epoch=1))
        again = replace(set_aside, row=json.loads(stored["row"]))
        assert jira.reread(unit, again, fields) == row


@pytest.mark.parametrize(
    ("unit", "raw", "reason"),
    [
        ("jira.users", '{"displayName":"nobody"}', "`accountId` is missing"),
        ("jira.issues", '{"key":"A-1","fields":{}}', "no numeric id"),
        ("jira.issues", '{"id":"7","key":"A-1"}', "lacks a member"),
        ("jira.issues", "[]", "no numeric id"),
        (
            "jira.comments",
            '{"id":"7","key":"A-1","fields":{"comment":3}}',
            "a run reads them again",
        ),
        ("jira.comments", '"text"', "not an object"),
    ],
)
def test_what_still_cannot_be_a_row_says_why(
    jira: JiraEndpoint, unit: str, raw: str, reason: str
) -> None:
    with pytest.raises(SkippableError, match=reason) as refused:
        jira.reread(unit, QuarantinedRecord(None, "RECORD_INVALID", "Odd.", raw), ())
    assert refused.value.code == "RECORD_INVALID"
