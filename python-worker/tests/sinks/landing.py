"""Lands rows in a sink by way of staging in memory."""

from __future__ import annotations

from typing import Any

from inlet_sdk.ports.sink_endpoint import CommitReceipt, SinkEndpoint, SliceCommit
from inlet_sdk.ports.staging_provider import RecordReader
from inlet_sdk.testing import contract_sink
from inlet_worker.staging.in_memory import InMemoryStaging


def staged(rows: list[dict[str, Any]]) -> RecordReader:
    return contract_sink.staged(InMemoryStaging(), rows)


def land(sink: SinkEndpoint, rows: list[dict[str, Any]], commit: SliceCommit) -> CommitReceipt:
    return sink.commit(contract_sink.TARGET, staged(rows), commit)
