"""Deletes what a run staged, on every path out of a run."""

from __future__ import annotations

from typing import Any

from inlet_sdk.ports.policy import Policy
from inlet_worker.contracts.models import CloseStagingInput
from inlet_worker.temporal.endpoints import open_staging
from inlet_worker.temporal.run_plan import context_of
from inlet_worker.temporal.work import Work


def close_staging(given: Any, work: Work) -> None:
    """With `policy.retainStagingDays` it stays for a replay: the sweep deletes it when they are
    over, or the bucket's lifecycle rule soon after.
    """
    plan = CloseStagingInput.model_validate(given).plan
    if not Policy.parse(plan.policy).retain_staging_days:
        open_staging(plan.staging_provider_id, work).allocate_session(context_of(plan)).close()
