"""What records of the Common Data Model keep of the promise, in each merging sink that they are
written through: modes, deletes, quarantine, replay and refill.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inlet_sdk.ports.common_data import CommonMap, made
from inlet_sdk.ports.described_endpoint import Mode
from inlet_worker.sources.jira.endpoint import JiraEndpoint
from sandbox_server import SandboxServer, sandbox_server

from .common_plane import MERGING, CommonPlane, codes_of, of_jira, source_of
from .landing_again import left, redrive, refill, replay, retained

ICEBERG, JDBC = MERGING
EDITED = "2025-07-02T10:00:00Z"
OF_ITS_LANDING = ("_run_id", "_landed_at", "_version")
NEWER = {
    "jira.issues": "title",
    "jira.users": "display_name",
    "jira.projects": "name",
    "jira.comments": "author_id",
    "jira.worklogs": "author_id",
}
"""A field of each unit that its next mapping makes in capitals."""


@pytest.fixture(scope="module")
def running() -> Iterator[SandboxServer]:
    with sandbox_server("--issues", "60") as server:
        yield server


@pytest.fixture(params=MERGING)
def through(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def records(plane: CommonPlane) -> dict[str, dict[str, Any]]:
    """What has landed, but for what says when and by which run."""
    return {
        key: {name: value for name, value in row.items() if name not in OF_ITS_LANDING}
        for key, row in plane.landed().items()
    }


def next_map(unit: str) -> CommonMap:
    first = JiraEndpoint.common_map(unit)
    assert first is not None
    field = NEWER[unit]
    changed = made(first.sources[field].column, str.upper)
    return CommonMap(first.entity, first.version + 1, {**first.fields, field: changed})


@pytest.mark.parametrize("mode", ["FULL", "INCREMENTAL", "SCD1"])
def test_an_edit_replaces_its_record_in_every_mode(
    jira: JiraEndpoint, server: SandboxServer, tmp_path: Path, through: str, mode: Mode
) -> None:
    plane = of_jira(jira, tmp_path, "jira.issues", through=through)
    plane.run("r1", mode)
    touched = server.control("touch", {"count": 3, "at": EDITED})

    assert sum(result.stats["landed"] for result in plane.run("r2", mode)) == 3
    landed = plane.landed()
    assert sorted(landed) == sorted(server.truth("issues"))
    assert all(landed[key]["title"].endswith("·") for key in touched["ids"])
    assert plane.run("r3", mode)[-1].stats["landed"] == 0


def test_a_deletion_is_proven_and_leaves_a_tombstone(
    jira: JiraEndpoint, server: SandboxServer, tmp_path: Path, through: str
) -> None:
    policy = {"deletes": "soft", "censusEveryHours": 0}
    plane = of_jira(jira, tmp_path, "jira.issues", policy=policy, through=through)
    plane.run("r1", "INCREMENTAL")
    gone = [row["key"] for row in plane.landed().values()][:2]
    server.control("delete", {"keys": gone})

    results = plane.run("r2", "INCREMENTAL")
    assert results[-1].stats["deleted"] == len(gone)
    assert sorted(plane.landed()) == sorted(server.truth("issues"))
    assert "CENSUS_UNFINISHED" not in codes_of(results)


def test_records_that_a_mapping_refused_land_by_a_redrive_with_the_next_one(
    jira: JiraEndpoint, server: SandboxServer, tmp_path: Path, through: str
) -> None:
    def refused(name: str) -> str:
        if len(name) % 2:
            raise ValueError("an odd name")
        return name

    unit = "jira.projects"
    first = JiraEndpoint.common_map(unit)
    assert first is not None
    odd = CommonMap("project", 1, {**first.fields, "name": made("name", refused)})
    plane = of_jira(jira, tmp_path, unit, odd, through=through)
    stats = plane.run("r1", "FULL")[-1].stats
    assert 0 < stats["quarantined"] < stats["read"] and len(left(plane)) == stats["quarantined"]

    plane.source, _ = source_of(jira, unit, next_map(unit))
    assert redrive(plane, "d1")[-1].stats["landed"] == stats["quarantined"]
    assert sorted(plane.landed()) == sorted(server.truth("projects")) and left(plane) == []


def test_a_replay_lands_the_records_that_were_staged_and_none_twice(
    jira: JiraEndpoint, tmp_path: Path, through: str
) -> None:
    policy = {"retainStagingDays": 1}
    plane = of_jira(jira, tmp_path, "jira.worklogs", policy=policy, through=through)
    staged = retained(plane, "r1", "INCREMENTAL")
    landed = records(plane)
    assert replay(plane, "p1", staged)[-1].stats["landed"] == 0

    plane.place = tmp_path / "another place"
    plane.place.mkdir()
    assert replay(plane, "p2", staged)[-1].stats["landed"] == len(landed)
    assert records(plane) == landed


@pytest.mark.parametrize(
    ("unit", "through"), [*((unit, ICEBERG) for unit in NEWER), ("jira.comments", JDBC)]
)
def test_a_refill_makes_records_of_the_next_mapping_without_the_vendor(
    jira: JiraEndpoint, tmp_path: Path, unit: str, through: str
) -> None:
    plane = of_jira(jira, tmp_path, unit, through=through)
    plane.run("r1", "INCREMENTAL" if "cursorField" in plane.policy else "FULL")
    before = records(plane)

    plane.source, _ = source_of(jira, unit, next_map(unit))
    results = refill(plane, "f1")
    assert sum(result.stats["landed"] for result in results) == len(before)
    assert sum(result.stats["requests"] for result in results) == 0
    field = NEWER[unit]
    assert records(plane) == {
        key: {**row, field: row[field] and row[field].upper()} for key, row in before.items()
    }
