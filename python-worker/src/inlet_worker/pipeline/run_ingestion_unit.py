"""One slice of one unit, from source to sink, in the order that survives a kill after any step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from inlet_sdk.errors import BUGS, FatalError, bug, is_bug
from inlet_sdk.ports.checkpoint import Checkpoint
from inlet_sdk.ports.entities import EntityMap
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.results import IngestionUnitResult
from inlet_sdk.ports.row_mapping import RowMapping, mapping_version_of
from inlet_sdk.ports.sink_endpoint import refuse_deletes, refuse_window
from inlet_sdk.ports.staging_provider import StagingSession
from inlet_worker.pipeline.begin_run import begin_run, told_history
from inlet_worker.pipeline.census_phase import CensusPhase, open_phase
from inlet_worker.pipeline.commit_step import CommitStep
from inlet_worker.pipeline.continuations import ReadOn, reading_of
from inlet_worker.pipeline.endpoint_registry import EndpointRegistry
from inlet_worker.pipeline.hand_over_records import entities_of, hand_over_records
from inlet_worker.pipeline.identity import Identity
from inlet_worker.pipeline.import_from_staging import keyed_fields, sink_target
from inlet_worker.pipeline.pending_slice import PendingSlice
from inlet_worker.pipeline.read_slice import ReadSlice
from inlet_worker.pipeline.rows_behind_schema import SchemaAge
from inlet_worker.pipeline.schema_drift import fields_as_landed, kept_whole
from inlet_worker.pipeline.transform import Transform, open_transform, with_uncompared
from inlet_worker.pipeline.transform_rows import TransformStep


def run_ingestion_unit(
    source_endpoint_id: str,
    sink_endpoint_id: str | None,
    unit_id: str,
    checkpoint: dict[str, Any] | None,
    policy: dict[str, Any],
    staging_provider_id: str,
    *,
    context: IngestionContext,
    registry: EndpointRegistry,
    load_pending: Callable[[], PendingSlice | None],
    save_pending: Callable[[PendingSlice], None],
    namespace: str | None = None,
    on_step: Callable[[str], None] = lambda _: None,
) -> IngestionUnitResult:
    """Land the slice `context.slice`. Called again with the same context after any failure it goes
    on where it was.

    FULL reads in as many slices as its deadlines cut, and commits once, as the slice that exhausts
    the source. INCREMENTAL commits each slice that ends on a cursor; with `context.only` it stages
    until what waits is as much as a slice may be, or lands what waits. The staging session is
    closed when the unit is done and when a retry could not help. Tables are in `namespace`, the
    endpoint's slug if not given; `on_step` hears how far it is. Raises FatalError `CONFIG_INVALID`
    naming the key of the policy at fault.
    """
    obeyed = Policy.parse(policy)
    before = Checkpoint.parse(checkpoint) if checkpoint else None
    fields = keyed_fields(registry.fields(unit_id), obeyed)
    going_on = reading_of(context.continuation, context.slice)
    reads_on = going_on if isinstance(going_on, ReadOn) else ReadOn(None, context.slice)
    own = replace(context, continuation=reads_on.source, fields=fields)
    staging = registry.staging(staging_provider_id)
    session = staging.allocate_session(own, fields)
    transform: Transform | None = None

    try:
        sink = registry.sink(sink_endpoint_id) if sink_endpoint_id is not None else None
        source = registry.source(source_endpoint_id)
        transform = open_transform(registry, obeyed, fields, lands=sink is not None)
        digest = transform.digest if transform else ""
        mapping = RowMapping(mapping_version_of(source, unit_id), obeyed.keep_raw, digest)
        own = replace(own, mapping=mapping)
        if sink is None:
            entities = entities_of(source, unit_id)
            begun = begin_run(source, None, None, before, obeyed, context)
            reading = ReadSlice(source, session, begun, obeyed, reads_on, None, None, on_step)
            result = told_history(source, _handed_over(reading, entities), context)
        else:
            landing = transform.fields if transform else fields
            target = sink_target(context, unit_id, landing, namespace)
            refuse_deletes(sink, obeyed)
            refuse_window(sink, obeyed)
            begun = begin_run(source, sink, target, before, obeyed, context)
            drift = kept_whole(obeyed) if transform else obeyed
            landed = fields_as_landed(begun.landed, landing, drift)
            step_of = TransformStep(transform, landed, staging, own) if transform else None
            session = staging.allocate_session(own, fields if transform else landed)
            age = SchemaAge.of(sink, target, landed, mapping, begun.checkpoint)
            step = CommitStep(
                sink,
                target,
                drift,
                own,
                load_pending,
                save_pending,
                on_step,
                {**age.facts, **begun.facts},
                begun.replaces,
                age.state.anew,
                step_of,
                begun.landed,
                age.state,
            )
            census = open_phase(step, source, session, begun.reads_from(reads_on.after), going_on)
            reading = ReadSlice(
                source, session, begun, obeyed, reads_on, step, census, on_step, age
            )
            result = _landed(step, reading, census)
            result = age.after_run(result, whole=context.mode == "FULL")
            result = with_uncompared(result, transform)
        result = begun.carried_on(result)
    except FatalError:
        _close(session, obeyed)
        raise
    except BUGS as e:
        if not is_bug(e):
            raise
        _close(session, obeyed)
        raise bug(e) from e
    finally:
        if transform is not None:
            transform.close()

    if result.done and not result.enrichment:  # else it is closed once the records were taken
        _close(session, obeyed)
    return result


def _landed(
    step: CommitStep, reading: ReadSlice, census: CensusPhase | None
) -> IngestionUnitResult:
    if census is not None and census.is_now:
        return step.take(census.ready)
    result = told_history(reading.source, _with_made(step, step.take(reading.ready)), step.context)
    if census is None:
        return result
    return census.left(result) if step.context.only == "LAND" else census.after_reading(result)


def _with_made(step: CommitStep, result: IngestionUnitResult) -> IngestionUnitResult:
    """The first commit makes the table, so its checkpoint can tell only afterwards which it is."""
    identity = Identity.of(result.checkpoint)
    if result.checkpoint is None or identity is None or identity.made:
        return result
    landed = step.sink.landed_target(step.target)
    if landed is None:
        return result
    known = replace(identity, made=landed.made).within(result.checkpoint)
    return replace(result, checkpoint=known)


def _handed_over(reading: ReadSlice, entities: EntityMap) -> IngestionUnitResult:
    """No commit step: what the knowledge base takes twice, it has once."""
    ready = reading.ready()
    if isinstance(ready, IngestionUnitResult):
        return ready

    enrichment = hand_over_records(reading.session, entities, reading.policy, since=ready.since)
    if enrichment is None:
        return ready.result
    return replace(ready.result, outcome="ENRICH", enrichment=enrichment)


def _close(session: StagingSession, policy: Policy) -> None:
    if not policy.retain_staging_days:  # else the bucket's lifecycle rule deletes it
        session.close()
