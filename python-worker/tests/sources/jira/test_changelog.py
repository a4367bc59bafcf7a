"""The changelog unit, read by its own planner, on the project's own synthetic site."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from inlet_sdk.http.auth import Credential, StaticCredential
from inlet_sdk.http.retry import Clock
from inlet_sdk.ports.checkpoint import Checkpoint
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.source_endpoint import QuarantinedRecord, SourceBatch
from inlet_sdk.testing.contexts import a_context
from inlet_worker.sources.jira import changelog_lists
from inlet_worker.sources.jira.changelog import CHANGELOG
from inlet_worker.sources.jira.endpoint import JiraEndpoint
from sandbox_server import SandboxServer, sandbox_server

from .readings import rows_of, warnings_of
from .test_sandbox import canonical_sha256

UNIT = "jira.changelog"
LATER = "2025-07-02T10:00:00Z"
"""After every change of a fresh site, and before today."""


@pytest.fixture(scope="module")
def running() -> Iterator[SandboxServer]:
    with sandbox_server("--issues", "300") as server:
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


def read(
    jira: JiraEndpoint, cursor: Any = None, policy: dict[str, Any] | None = None, **context: Any
) -> list[SourceBatch]:
    checkpoint = Checkpoint.of(cursor) if cursor else None
    obeyed = Policy.parse(policy or {})
    given = a_context(UNIT, mode="CUSTOM", **context)
    return list(jira.read_custom(UNIT, checkpoint, obeyed, given))


def key_of(row: Any) -> str:
    return f"{row['issueId']},{row['historyId']},{row['item']}"


def landed(batches: list[SourceBatch]) -> dict[str, str]:
    rows = rows_of(batches)
    found = {key_of(row): canonical_sha256(row["_raw"]) for row in rows}
    assert len(found) == len(rows)
    return found


def test_a_first_reading_is_the_truth_and_a_second_is_empty(
    jira: JiraEndpoint, server: SandboxServer
) -> None:
    first = read(jira)
    assert landed(first) == server.truth("changelog") and len(landed(first)) > 300
    assert rows_of(read(jira, first[-1].cursor)) == []


@pytest.mark.parametrize("entries", [1, 7])
def test_an_issue_may_go_on_from_page_to_page(
    jira: JiraEndpoint, server: SandboxServer, monkeypatch: pytest.MonkeyPatch, entries: int
) -> None:
    monkeypatch.setattr(changelog_lists, "ENTRIES_PER_PAGE", entries)
    batches = read(jira)
    assert landed(batches) == server.truth("changelog") and warnings_of(batches) == []


def test_a_touched_issue_brings_its_entries_and_the_new_one(
    jira: JiraEndpoint, server: SandboxServer
) -> None:
    cursor = read(jira)[-1].cursor
    touched = server.control("touch", {"count": 3, "at": LATER})

    batches = read(jira, cursor)
    truth = server.truth("changelog")
    wanted = {k: v for k, v in truth.items() if k.split(",")[0] in touched["ids"]}
    assert landed(batches) == wanted
    new = [row for row in rows_of(batches) if row["field"] == "summary"]
    assert sorted(row["issueKey"] for row in new) == sorted(touched["keys"])
    assert rows_of(read(jira, batches[-1].cursor)) == []


def test_entries_of_a_moved_issue_come_with_its_new_key(
    jira: JiraEndpoint, server: SandboxServer
) -> None:
    first = read(jira)
    row = next(r for r in rows_of(first) if not r["issueKey"].startswith("END-"))
    order = {"keys": [row["issueKey"]], "projectKey": "END", "at": LATER}
    moved = server.control("move", order)

    rows = rows_of(read(jira, first[-1].cursor))
    assert {r["issueKey"] for r in rows} == set(moved["keys"])
    assert {r["field"] for r in rows} >= {"Key", row["field"]}


def test_reading_goes_on_after_any_portion(jira: JiraEndpoint, server: SandboxServer) -> None:
    batches = read(jira)
    assert len(batches) > 2
    for cut, batch in enumerate(batches, 1):
        resume = json.loads(json.dumps(batch.resume))
        rest = read(jira, continuation=resume)
        assert landed(batches[:cut]) | landed(rest) == server.truth("changelog")


def test_both_ways_of_reading_make_the_same_rows(
    jira: JiraEndpoint, server: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_bulk = rows_of(read(jira))
    monkeypatch.setattr(changelog_lists, "BULK", "/no/such/read")
    assert sorted(rows_of(read(jira)), key=key_of) == sorted(in_bulk, key=key_of)


def test_named_projects_bound_what_is_read(jira: JiraEndpoint, server: SandboxServer) -> None:
    rows = rows_of(read(jira, policy={"filters": {"projectKeys": ["END"]}}))
    assert rows and {row["issueKey"].split("-")[0] for row in rows} == {"END"}


def test_a_row_is_made_again_of_what_is_kept_of_it(jira: JiraEndpoint) -> None:
    for row in rows_of(read(jira))[:20]:
        known = {name: value for name, value in row.items() if name != "_raw"}
        kept = QuarantinedRecord(key_of(row), "RECORD_INVALID", "it was odd", row["_raw"], known)
        assert CHANGELOG.reread(kept, ()) == row
        odd = replace(kept, raw="[]")
        with pytest.raises(Exception, match="not an object"):
            CHANGELOG.reread(odd, ())
