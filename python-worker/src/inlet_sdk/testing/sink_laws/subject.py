"""The sink that laws are tried on: what a suite has to give, and how a law lands rows in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.sink_endpoint import CommitReceipt, SinkEndpoint, SinkTarget, SliceCommit
from inlet_sdk.ports.staging_provider import RecordReader, StagingProvider
from inlet_sdk.testing.contexts import a_context
from inlet_sdk.testing.contract_staging import FIELDS
from inlet_sdk.testing.reported import Reported

TARGET = SinkTarget("t1", "jira", "issues", FIELDS)
POLICY = {"primaryKeys": ["id"], "cursorField": "updated"}
LATER = 1_800_000_000_000
"""Epoch ms, after those of `a_row`."""
MERGES_NOT = "it merges nothing, and refuses SCD1"
DELETES_NOT = "it cannot delete, and refuses `policy.deletes`"


class Killed(Exception):
    """Stands for SIGKILL: whatever was written stays, nothing after it happens."""


def staged(
    provider: StagingProvider,
    rows: Sequence[dict[str, Any]],
    fields: tuple[FieldDescriptor, ...] = FIELDS,
) -> RecordReader:
    """The rows as one sealed slice."""
    session = provider.allocate_session(a_context(), fields)
    writer = session.writer()
    assert writer.write_batch(rows) == len(rows) and not writer.unfit
    writer.seal({})
    return session.reader()


def a_commit(
    run: str = "r1", epoch: int = 1, mode: Any = "INCREMENTAL", **policy: Any
) -> SliceCommit:
    return SliceCommit(f"{run}/0", run, epoch, mode, Policy.parse({**POLICY, **policy}))


def killed_at(step: str) -> Callable[[str], None]:
    def stop(reached: str) -> None:
        if reached == step:
            raise Killed(step)

    return stop


def keys_of(sink: SinkEndpoint, target: SinkTarget = TARGET) -> list[str]:
    return [
        key for batch in sink.live_keys(target, ["id"]) for key in batch.column("id").to_pylist()
    ]


def with_fields(*fields: FieldDescriptor) -> SinkTarget:
    """The target of the suite with other fields."""
    return replace(TARGET, fields=fields)


class SinkUnderTest(Reported):
    """A sink's suite gives the first five. `steps`: names that a commit calls `on_step` with, in
    their order. `as_landed`: what the sink documents that becomes of a value that it cannot hold.
    """

    steps: tuple[str, ...] = ()

    def open_sink(
        self, place: Path, on_step: Callable[[str], None] = lambda _: None
    ) -> SinkEndpoint:
        raise NotImplementedError

    def open_staging(self) -> StagingProvider:
        raise NotImplementedError

    def rows_of(self, sink: SinkEndpoint) -> list[dict[str, Any]]:
        raise NotImplementedError

    def days_later(self, place: Path) -> SinkEndpoint:
        raise NotImplementedError

    def as_landed(self, value: Any) -> Any:
        return value

    def land(
        self,
        sink: SinkEndpoint,
        rows: Sequence[dict[str, Any]],
        commit: SliceCommit,
        target: SinkTarget = TARGET,
    ) -> CommitReceipt:
        return sink.commit(target, staged(self.open_staging(), rows, target.fields), commit)

    def bury(
        self, sink: SinkEndpoint, ids: Sequence[int], run: str, deletes: str = "soft", **policy: Any
    ) -> CommitReceipt:
        commit = replace(a_commit(run, deletes=deletes, **policy), operation="delete")
        return self.land(sink, [{"id": str(n), "_raw": "{}"} for n in ids], commit)

    def ids_of(self, sink: SinkEndpoint) -> list[str]:
        return sorted(row["id"] for row in self.rows_of(sink))

    def by_id(self, sink: SinkEndpoint) -> dict[str, dict[str, Any]]:
        """The landed rows, of which no two have one id."""
        landed = self.rows_of(sink)
        found = {row["id"]: row for row in landed}
        assert len(found) == len(landed)
        return found

    def landed_in(self, sink: SinkEndpoint, target: SinkTarget) -> list[dict[str, Any]]:
        """The live rows by way of the port, whose columns have the names of the fields."""
        batches = sink.landed_rows(target, lambda versions: pc.is_valid(versions))
        return [row for batch in batches for row in batch.to_pylist()]


def refused(code: str, act: Callable[[], object], field: str | None = None) -> FatalError:
    """The refusal of what a sink cannot do, which names what to mend."""
    with pytest.raises(FatalError) as raised:
        act()
    assert raised.value.code == code and raised.value.message
    if field is not None:
        assert (raised.value.details or {}).get("field") == field
    return raised.value
