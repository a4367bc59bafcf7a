"""The golden examples that TypeScript settles (`adapters/dynamodb/checkpoints/settle.test.ts`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from inlet_sdk.ports.checkpoint import Checkpoint
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.results import Evidence, IngestionUnitResult, Wait
from inlet_sdk.ports.sink_endpoint import CommitReceipt
from inlet_worker.pipeline.pending_slice import PendingSlice, recorded
from inlet_worker.pipeline.run_stats import NOTHING

EXAMPLES = Path(__file__).parents[3] / "schemas/examples"
CONTEXT = IngestionContext(
    tenant_id="acme",
    run_id="run_01JD7W4A6C8E0G2J4M6P8R0T2V",
    endpoint_id="e1",
    endpoint_slug="jira",
    unit_id="jira.issues",
    dataset="jira.issues",
    mode="INCREMENTAL",
    epoch=1_795_257_600_001,
)
RESULT = IngestionUnitResult(
    "COMMITTED",
    False,
    Checkpoint({"position": 1_795_257_660_000, "boundary": [101, 0]}, 1_795_257_660_000),
    {
        **NOTHING,
        "read": 100,
        "quarantined": 1,
        "requests": 3,
        "pages": 2,
        "waitedMs": 40,
        "durationMs": 1520,
        "slices": 1,
    },
    errors=({"code": "RECORD_INVALID", "message": "`title` is no text", "key": "107"},),
    evidence=(
        Evidence(
            "RECORD_INVALID",
            "1 records were set aside, the first because `title` is no text.",
            "info",
        ),
    ),
    resume={"source": {"page": "abc"}, "since": 1, "cursor": None},
    wait=Wait("2026-11-21T10:00:00.000+00:00", "burst"),
)
PENDING = PendingSlice.of(CONTEXT, RESULT)


def example(name: str) -> dict[str, Any]:
    return dict(json.loads((EXAMPLES / name).read_text()))


def test_the_golden_example_is_what_a_run_writes() -> None:
    written = json.loads(json.dumps(PENDING.dump()))
    assert written == example("PendingSlice/valid/written-by-python.json")


def test_a_pending_slice_is_read_as_it_was_written() -> None:
    assert PendingSlice.parse(example("PendingSlice/valid/written-by-python.json")) == PENDING


def test_a_pending_slice_of_the_release_before_is_recovered_whole() -> None:
    pending = PendingSlice.parse(example("pending-slices/of-the-release-before.json"))
    assert pending == PENDING
    receipt = CommitReceipt(CONTEXT.commit_id, CONTEXT.epoch, landed=97, deduplicated=2)

    answer = recorded(receipt, CONTEXT, pending)

    assert (answer.stats["landed"], answer.receipt) == (97, receipt)
    assert (answer.checkpoint, answer.resume, answer.wait) == (
        RESULT.checkpoint,
        RESULT.resume,
        RESULT.wait,
    )
