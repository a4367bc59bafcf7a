"""The sink phase: land what is sealed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Literal

import orjson

from inlet_sdk.ports.checkpoint import Checkpoint
from inlet_sdk.ports.described_endpoint import FieldDescriptor, Mode
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.results import ImportResult
from inlet_sdk.ports.sink_endpoint import SinkEndpoint, SinkTarget, SliceCommit
from inlet_sdk.ports.staging_provider import SealedSlices
from inlet_worker.memory import trim


def import_from_staging(
    sink_endpoint: SinkEndpoint,
    unit_id: str,
    staging: SealedSlices,
    policy: Policy | dict[str, Any],
    *,
    since: int = 0,
    namespace: str | None = None,
    cursor_to: Checkpoint | None = None,
    operation: Literal["upsert", "delete"] = "upsert",
    whole: bool = False,
    late: bool = False,
    facts: Mapping[str, str] = MappingProxyType({}),
    replaces: bool = False,
    anew: bool = False,
) -> ImportResult:
    """Commit the sealed slices from `since` on, whoever staged them, as the context's commit id.
    Idempotent, and fenced by the epoch.
    """
    started = time.monotonic()
    trim()
    context = staging.context
    target = sink_target(context, unit_id, staging.fields, namespace)
    commit = SliceCommit(
        commit_id=context.commit_id,
        run_id=context.run_id,
        epoch=context.epoch,
        mode=_landing(context.mode),
        policy=Policy.parse(policy),
        cursor_to=orjson.dumps(cursor_to.dump()).decode() if cursor_to else None,
        operation=operation,
        whole=whole,
        late=late,
        facts=facts,
        replaces=replaces,
        anew=anew,
    )

    receipt = sink_endpoint.commit(target, staging.reader(since), commit)

    return ImportResult(receipt.landed, round((time.monotonic() - started) * 1000), receipt)


def _landing(mode: Mode) -> Mode:
    """A plan of the connector's own says what is read; its rows land as those of changes do, so
    that no sink has to know of it.
    """
    return "INCREMENTAL" if mode == "CUSTOM" else mode


def sink_target(
    context: IngestionContext,
    unit_id: str,
    fields: tuple[FieldDescriptor, ...],
    namespace: str | None = None,
) -> SinkTarget:
    """A unit lands in `<namespace>.<dataset without its prefix>`; the namespace is the endpoint's
    slug if not given.
    """
    dataset = context.dataset or unit_id
    return SinkTarget(
        context.tenant_id, namespace or context.endpoint_slug, dataset.split(".", 1)[-1], fields
    )


def keyed_fields(
    fields: tuple[FieldDescriptor, ...], policy: Policy
) -> tuple[FieldDescriptor, ...]:
    """The fields as a unit stages them: what identifies a record must have a value."""
    return tuple(replace(f, nullable=f.name not in policy.primary_keys) for f in fields)
