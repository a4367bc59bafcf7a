"""Whether a slice that a run before left pending is in the sink (landing protocol, step 1)."""

from __future__ import annotations

from typing import Any

from inlet_worker.contracts.models import AskSinkInput, AskSinkResult
from inlet_worker.temporal.artifact_of import artifact_of
from inlet_worker.temporal.common_data import as_landed
from inlet_worker.temporal.endpoints import open_sink
from inlet_worker.temporal.run_plan import target_of
from inlet_worker.temporal.work import Work


def ask_sink_for_commit(given: Any, work: Work) -> AskSinkResult:
    """Raises the sink's fence to our epoch before it looks, so that what it does not find cannot
    come later.
    """
    question = AskSinkInput.model_validate(given)
    plan = as_landed(question.plan)
    if plan.sink is None:  # the knowledge base keeps no ledger: its enrichment is idempotent
        return AskSinkResult(committed=False, artifact=None, stats={})

    sink = open_sink(plan.sink, plan.tenant_id, work)
    target = target_of(plan, work.settings)
    sink.fence(target, plan.epoch)
    receipt = sink.find_commit(target, question.commit_id)

    if receipt is None:
        return AskSinkResult(committed=False, artifact=None, stats={})
    artifact = artifact_of(receipt, plan, work, sink)
    return AskSinkResult(committed=True, artifact=artifact, stats=receipt.as_json())
