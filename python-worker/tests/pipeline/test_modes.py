"""Modes of a unit, from the source to what has landed: SCD1, and CUSTOM by a planner of Jira's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_worker.sinks.files_parquet.endpoint import FilesParquetSink
from inlet_worker.sources.jira.endpoint import JiraEndpoint
from sandbox_server import SandboxServer, sandbox_server

from .control_plane import ControlPlane, Crash
from .listed_source import ListedSource, a_record

CHANGELOG = "jira.changelog"
EDITED = "2025-07-02T10:00:00Z"
STEPS = ("sealed", "pending", "checked", "planned", "written", "committed")


class FilesPlane(ControlPlane):
    def sink(self) -> Any:
        return FilesParquetSink({"location": f"file://{self.place}"}, on_step=self.on_step)


@pytest.fixture(scope="module")
def running() -> Iterator[SandboxServer]:
    with sandbox_server("--issues", "250") as server:
        yield server


def fields_of(jira: JiraEndpoint, dataset: str) -> tuple[FieldDescriptor, ...]:
    return next(one.fields for one in jira.collect().datasets if one.name == dataset)


def policy_of(unit: str) -> dict[str, Any]:
    descriptor = next(u for u in JiraEndpoint.descriptor.units if u.unit_id == unit)
    return dict(descriptor.default_policy)


def of_jira(
    jira: JiraEndpoint,
    place: Path,
    unit: str,
    on_step: Callable[[str], None] = lambda _: None,
    plane: type[ControlPlane] = ControlPlane,
) -> ControlPlane:
    fields = fields_of(jira, unit)
    return plane(jira, place, on_step, policy_of(unit), fields=fields, unit=unit)


def landed(plane: ControlPlane, *keys: str) -> list[tuple[str, ...]]:
    table = plane.sink()._catalog.load_table(("list", plane.unit.split(".")[1]))
    rows = table.scan().to_arrow().to_pylist()
    return sorted(tuple(str(row[key]) for key in keys) for row in rows)


def test_scd1_lands_one_row_a_key_and_the_newest_version(tmp_path: Path) -> None:
    source = ListedSource([a_record(n, 1000 + n) for n in range(7)])
    plane = ControlPlane(source, tmp_path)
    plane.run("r1", "SCD1")
    source.records = [*source.records[:5], a_record(5, 9000, "changed"), a_record(9, 9001)]
    results = plane.run("r2", "SCD1")

    assert plane.rows() == {
        **{str(n): (1000 + n, "a thing") for n in (0, 1, 2, 3, 4, 6)},
        "5": (9000, "changed"),
        "9": (9001, "a thing"),
    }
    assert results[-1].done and plane.run("r3", "SCD1")[-1].stats["landed"] == 0


def test_scd1_of_jira_is_the_truth(
    jira: JiraEndpoint, server: SandboxServer, tmp_path: Path
) -> None:
    plane = of_jira(jira, tmp_path, "jira.issues")
    plane.run("r1", "SCD1")
    server.control("touch", {"count": 5, "at": EDITED})
    plane.run("r2", "SCD1")
    assert landed(plane, "id") == sorted((key,) for key in server.truth("issues"))


def test_a_sink_that_does_not_merge_refuses_scd1_before_anything_lands(tmp_path: Path) -> None:
    plane = FilesPlane(ListedSource([a_record(1, 1)]), tmp_path)
    with pytest.raises(FatalError) as refused:
        plane.run("r1", "SCD1")
    assert refused.value.code == "CONFIG_INVALID" and plane.checkpoint is None


def test_a_sink_that_does_not_merge_refuses_to_do_so_less_often(tmp_path: Path) -> None:
    plane = FilesPlane(ListedSource([a_record(1, 1)]), tmp_path)
    plane.policy["mergeEveryMinutes"] = 30
    with pytest.raises(FatalError) as refused:
        plane.run("r1", "INCREMENTAL")
    assert refused.value.details == {"field": "policy.mergeEveryMinutes"}
    assert plane.checkpoint is None


def test_a_planner_of_the_connectors_own_lands_the_truth_and_goes_on(
    jira: JiraEndpoint, server: SandboxServer, tmp_path: Path
) -> None:
    plane = of_jira(jira, tmp_path, CHANGELOG)
    plane.run("r1", "CUSTOM")
    assert wanted(server) == landed(plane, "issueId", "historyId", "item")
    assert plane.run("r2", "CUSTOM")[-1].stats["landed"] == 0

    server.control("touch", {"count": 4, "at": EDITED})
    assert plane.run("r3", "CUSTOM")[-1].stats["landed"] == 4
    assert wanted(server) == landed(plane, "issueId", "historyId", "item")


@pytest.mark.parametrize("step", STEPS)
def test_a_planned_run_that_is_killed_at_any_step_lands_the_truth(
    jira: JiraEndpoint, server: SandboxServer, tmp_path: Path, step: str
) -> None:
    heard: Counter[str] = Counter()

    def crash(reached: str) -> None:
        heard[reached] += 1
        if reached == step and heard[reached] == 1:
            raise Crash

    plane = of_jira(jira, tmp_path, CHANGELOG, crash)
    plane.run("r1", "CUSTOM")
    assert heard[step] and wanted(server) == landed(plane, "issueId", "historyId", "item")


def test_a_planner_appends_where_nothing_is_merged(
    jira: JiraEndpoint, server: SandboxServer, tmp_path: Path
) -> None:
    plane = of_jira(jira, tmp_path, CHANGELOG, plane=FilesPlane)
    results = plane.run("r1", "CUSTOM")
    assert results[-1].stats["landed"] == len(wanted(server))


def test_a_source_without_a_planner_refuses_the_mode(tmp_path: Path) -> None:
    plane = ControlPlane(ListedSource([a_record(1, 1)]), tmp_path)
    with pytest.raises(FatalError) as refused:
        plane.run("r1", "CUSTOM")
    assert (refused.value.code, refused.value.details) == ("CONFIG_INVALID", {"field": "mode"})


def wanted(server: SandboxServer) -> list[tuple[str, ...]]:
    return sorted(tuple(key.split(",")) for key in server.truth("changelog"))
