"""A merged table holds what a dictionary would, however its files change, for every reader."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from inlet_sdk.ports.sink_endpoint import SliceCommit
from inlet_sdk.testing.contract_sink import TARGET, a_commit, keys_of
from inlet_sdk.testing.contract_staging import a_row
from inlet_worker.sinks.iceberg.file_batches import file_batches
from inlet_worker.sinks.iceberg.merge_plan import landed_files

from .landing import land
from .merge_ways import WAYS, merging_by, tiny_files, tiny_sizes
from .test_iceberg import TestIcebergSink as _IcebergContract
from .test_iceberg import open_sink, table_of

ROWS = 14
Version = tuple[int, str]
Model = dict[str, tuple[Version, bool]]
"""By key the newest version, and whether it is a tombstone."""


@dataclass(frozen=True)
class Step:
    kind: str
    changes: list[tuple[int, int, int]]
    is_retried: bool
    is_raced: bool


CHANGE = st.tuples(st.integers(0, ROWS), st.integers(0, 3), st.integers(0, 2))
STEP = st.builds(
    Step,
    st.sampled_from(["incremental", "full", "late", "anew", "soft", "hard", "replaces"]),
    st.lists(CHANGE, min_size=1, max_size=2 * ROWS),
    st.booleans(),
    st.booleans(),
)


def commit_of(step: Step, number: int) -> SliceCommit:
    commit = a_commit(
        f"r{number}",
        epoch=2 * number + 1,
        mode="FULL" if step.kind == "full" else "INCREMENTAL",
        deletes=step.kind if step.kind in ("soft", "hard") else "ignore",
    )
    return replace(
        commit,
        operation="delete" if step.kind in ("soft", "hard") else "upsert",
        late=step.kind == "late",
        anew=step.kind == "anew",
        replaces=step.kind == "replaces",
    )


def after(model: Model, step: Step) -> Model:
    if step.kind in ("soft", "hard"):
        buried = {str(key) for key, _, _ in step.changes} & set(model)
        if step.kind == "hard":
            return {key: row for key, row in model.items() if key not in buried}
        return {key: (row[0], row[1] or key in buried) for key, row in model.items()}

    newest: dict[str, Version] = {}
    for key, at, content in step.changes:
        if str(key) not in newest or newest[str(key)][0] <= at:
            newest[str(key)] = (at, str(content))
    landed = {} if step.kind == "replaces" else dict(model)
    for key, version in newest.items():
        if key not in landed or lands(version, landed[key], step.kind):
            landed[key] = (version, False)
    return landed


def lands(version: Version, row: tuple[Version, bool], kind: str) -> bool:
    landed, is_dead = row
    if kind == "late":
        return version[0] > landed[0]
    return is_dead or version[0] >= landed[0] or kind in ("full", "anew")


def rows_of(step: Step) -> list[dict[str, Any]]:
    return [
        a_row(key, updated=at, summary=str(content), _raw=str(content))
        for key, at, content in step.changes
    ]


def as_model(rows: list[dict[str, Any]]) -> Model:
    assert len({row["id"] for row in rows}) == len(rows)
    return {
        row["id"]: (
            (round(row["updated"].timestamp() * 1000), row["summary"]),
            row["_deleted_at"] is not None,
        )
        for row in rows
    }


def rows_as_we_read(place: Path) -> list[dict[str, Any]]:
    table = table_of(place)
    return [
        row
        for task in landed_files(table)
        for batch in file_batches(table, task)
        for row in batch.to_pylist()
    ]


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=8, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(steps=st.lists(STEP, min_size=1, max_size=5))
def test_any_sequence_of_commits_equals_a_dictionary(way: str, steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder, merging_by(way), tiny_sizes(), tiny_files():
        place, model = Path(folder), Model()
        for number, step in enumerate(steps):
            commit, rows = commit_of(step, number), rows_of(step)
            first = land(open_sink(place, racing(place, step, number)), rows, commit)
            if step.is_retried:
                assert land(open_sink(place), rows, commit) == first
            model = after(model, step)

            scanned = table_of(place).scan().to_arrow().to_pylist()
            assert as_model([row for row in scanned if row["id"] != RACER]) == model
            assert as_model(rows_as_we_read(place)) == as_model(scanned)
            live = {key for key, (_, is_dead) in model.items() if not is_dead}
            assert set(keys_of(open_sink(place), TARGET)) - {RACER} == live
            assert counted(place) == len(scanned)


RACER = "racer"


def racing(place: Path, step: Step, number: int) -> Any:
    """Another writer commits right before ours, so that ours plans again."""
    raced: list[bool] = []

    def race(reached: str) -> None:
        if reached == "written" and step.is_raced and not raced and step.kind != "replaces":
            raced.append(True)
            row = a_row(1, id=RACER, updated=number)
            land(open_sink(place), [row], a_commit(f"racer{number}", epoch=2 * number))

    return race


def counted(place: Path) -> int:
    """Live rows, as the snapshot's summary says."""
    summary = table_of(place).current_snapshot().summary
    return int(summary["total-records"] or 0) - int(summary["total-position-deletes"] or 0)


class TestByDeletes(_IcebergContract):
    subject = "warehouse.iceberg by deletes"

    @pytest.fixture(autouse=True)
    def way(self) -> Iterator[None]:
        with merging_by("deletes"), tiny_sizes():
            yield


class TestByRewrites(_IcebergContract):
    subject = "warehouse.iceberg by rewrites"

    @pytest.fixture(autouse=True)
    def way(self) -> Iterator[None]:
        with merging_by("rewrites"), tiny_sizes():
            yield


del _IcebergContract
