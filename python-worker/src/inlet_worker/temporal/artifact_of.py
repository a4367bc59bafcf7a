"""What a run landed, as the control plane keeps it: the receipt, and the files in pages of their
own.
"""

from __future__ import annotations

from inlet_sdk.ports.landed_files import KeepsFiles
from inlet_sdk.ports.sink_endpoint import CommitReceipt, SinkEndpoint
from inlet_worker.contracts.models import LandedArtifact, RunPlan
from inlet_worker.host.artifact_pages import keep_files, pages_of
from inlet_worker.staging.registry import open_store
from inlet_worker.temporal.endpoints import open_sink, staging_config
from inlet_worker.temporal.run_plan import target_of
from inlet_worker.temporal.work import Work


def artifact_of(
    receipt: CommitReceipt, plan: RunPlan, work: Work, sink: SinkEndpoint | None = None
) -> LandedArtifact:
    """Keeps the list of files first, so that an artifact that is known has one. A retry of a commit
    that happened comes here again.
    """
    return LandedArtifact(
        commit_id=receipt.commit_id,
        location=receipt.location,
        snapshot_id=receipt.snapshot_id,
        rows=receipt.landed,
        bytes=receipt.bytes,
        schema_hash=receipt.schema_hash,
        files=_kept(receipt, plan, work, sink),
    )


def _kept(
    receipt: CommitReceipt, plan: RunPlan, work: Work, sink: SinkEndpoint | None
) -> int | None:
    """How many files; None where the sink keeps none."""
    if plan.sink is None:
        return None
    opened = sink or open_sink(plan.sink, plan.tenant_id, work)
    if not isinstance(opened, KeepsFiles):
        return None

    store = open_store(staging_config(work.settings.staging_bucket))
    prefix = pages_of(plan.tenant_id, plan.source.endpoint_id, receipt.commit_id)
    return keep_files(store, prefix, opened.commit_files(target_of(plan, work.settings), receipt))
