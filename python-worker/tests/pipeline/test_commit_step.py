"""The promise itself, with every party written down: who is asked what, and in which order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.checkpoint import Checkpoint
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.results import IngestionUnitResult
from inlet_sdk.ports.sink_endpoint import CommitReceipt, SinkTarget, SliceCommit
from inlet_worker.pipeline.commit_step import CommitStep, Ready
from inlet_worker.pipeline.pending_slice import PendingSlice
from inlet_worker.pipeline.run_stats import NOTHING
from inlet_worker.staging.in_memory import InMemoryStaging

CONTEXT = IngestionContext("t1", "r1", "e1", "list", "list.things", "list.things", "FULL", 7)
RECEIPT = CommitReceipt("r1/0", 7, landed=2, deduplicated=1)
RESULT = IngestionUnitResult(
    "COMMITTED", True, Checkpoint({"position": 3}, 3), {**NOTHING, "read": 3}
)


class NotedSink:
    """Writes down what it is asked. `kept` is the receipt of a commit that happened."""

    def __init__(self, said: list[str], kept: CommitReceipt | None = None) -> None:
        self._said = said
        self.kept = kept
        self.refusal: Exception | None = None

    def find_commit(self, target: SinkTarget, commit_id: str) -> CommitReceipt | None:
        self._said.append(f"find {commit_id}")
        return self.kept

    def commit(self, target: SinkTarget, reader: Any, commit: SliceCommit) -> CommitReceipt:
        self._said.append(f"commit {commit.commit_id} to {target.namespace}.{target.table}")
        if self.refusal:
            raise self.refusal
        return RECEIPT


@pytest.fixture
def said() -> list[str]:
    return []


def a_step(said: list[str], sink: NotedSink, pending: PendingSlice | None = None) -> CommitStep:
    def save(pending: PendingSlice) -> None:
        said.append(f"save {pending.commit_id}")

    return CommitStep(
        sink,  # type: ignore[arg-type]
        SinkTarget("t1", "list", "things", ()),
        Policy(),
        CONTEXT,
        lambda: pending,
        save,
        said.append,
    )


def sealing(said: list[str]) -> Callable[[], Ready]:
    def seal() -> Ready:
        said.append("seal")
        return Ready(RESULT, InMemoryStaging().allocate_session(CONTEXT), since=0)

    return seal


def test_a_slice_is_sought_sealed_saved_and_committed_in_this_order(said: list[str]) -> None:
    answer = a_step(said, NotedSink(said)).take(sealing(said))

    order = ["find r1/0", "seal", "save r1/0", "pending", "commit r1/0 to list.things", "committed"]
    assert said == order
    assert (answer.receipt, answer.checkpoint) == (RECEIPT, RESULT.checkpoint)
    assert (answer.stats["landed"], answer.stats["deduplicated"]) == (2, 1)


def test_a_slice_that_is_in_the_sink_is_answered_and_not_sealed_again(said: list[str]) -> None:
    pending = PendingSlice.of(CONTEXT, RESULT)
    answer = a_step(said, NotedSink(said, RECEIPT), pending).take(sealing(said))

    assert said == ["find r1/0"]
    assert answer == a_step([], NotedSink([])).take(sealing([]))


def test_a_commit_whose_pending_slice_is_another_s_is_no_answer(said: list[str]) -> None:
    other = replace(PendingSlice.of(CONTEXT, RESULT), commit_id="r0/0")
    with pytest.raises(FatalError) as raised:
        a_step(said, NotedSink(said, RECEIPT), other).take(sealing(said))
    assert raised.value.code == "INTERNAL"


def test_nothing_is_saved_for_a_slice_that_has_nothing_to_commit(said: list[str]) -> None:
    answer = a_step(said, NotedSink(said)).take(lambda: RESULT)
    assert said == ["find r1/0"] and answer == RESULT


def test_a_sink_that_doubts_emptiness_keeps_the_checkpoint_where_it_is(said: list[str]) -> None:
    sink = NotedSink(said)
    sink.refusal = FatalError("SUSPICIOUS_EMPTY", "The source shows nothing.")
    answer = a_step(said, sink).take(sealing(said))

    assert (answer.checkpoint, answer.receipt) == (None, None)
    assert [(one.code, one.weight) for one in answer.evidence] == [
        ("SUSPICIOUS_EMPTY", "suspicious")
    ]


def test_any_other_refusal_is_the_caller_s(said: list[str]) -> None:
    sink = NotedSink(said)
    sink.refusal = FatalError("SINK_REJECTED", "No.")
    with pytest.raises(FatalError) as raised:
        a_step(said, sink).take(sealing(said))
    assert raised.value.code == "SINK_REJECTED"
