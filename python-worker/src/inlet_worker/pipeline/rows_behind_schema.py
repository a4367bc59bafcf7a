"""Which landed rows are older than what the unit lands now: said by every run until they were
landed anew (docs/truth-of-a-run.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from inlet_sdk.ports.checkpoint import Checkpoint
from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.results import Evidence, IngestionUnitResult
from inlet_sdk.ports.row_mapping import RowMapping
from inlet_sdk.ports.sink_endpoint import SinkEndpoint, SinkTarget
from inlet_worker.pipeline.kept_members import MAPPING, kept, with_kept
from inlet_worker.pipeline.mapping_state import (
    EVERY_COLUMN,
    FACT,
    UNKNOWN,
    MappingState,
    Older,
    PresentMapping,
    fact_of,
    state_of_fact,
)
from inlet_worker.staging.columns import RAW, landing_fields
from inlet_worker.staging.row_version import mapping_of

NAMED = 5
FULL = "Run the unit in full."
REFILL = "Refill them: POST /endpoints/{endpointId}/units/{unitId}/refill. Or run the unit in full."


@dataclass(frozen=True)
class SchemaAge:
    """`state` is what holds while the run lands; rows are counted when it is through. transforms:
    what lands is made by a transform, of which no refill is.
    """

    sink: SinkEndpoint
    target: SinkTarget
    present: PresentMapping
    state: MappingState
    transforms: bool = False

    @classmethod
    def of(
        cls,
        sink: SinkEndpoint,
        target: SinkTarget,
        staged: Sequence[FieldDescriptor],
        mapping: RowMapping,
        checkpoint: Checkpoint | None,
    ) -> SchemaAge:
        """Of a run that stages these fields. The sink is asked only where the mapping is another
        one than the checkpoint knows.
        """
        present = PresentMapping.of(landing_fields(staged), mapping)
        known = MappingState.parse(kept(checkpoint, MAPPING))
        if known.fingerprint != present.fingerprint:
            known = replace(_found(sink, target, present), anew=known.anew)
        if checkpoint is None or checkpoint.position is None:
            known = replace(known, anew=True)
        return cls(sink, target, present, known, bool(mapping.transform))

    @property
    def facts(self) -> dict[str, str]:
        return {FACT: fact_of(self.state, self.present)}

    def within(self, checkpoint: Checkpoint) -> Checkpoint:
        """The checkpoint of a slice of this run."""
        return with_kept(checkpoint, MAPPING, self.state.dump())

    def is_behind(self, versions: pa.Array) -> pa.Array:
        """Marks the versions of rows that lack something."""
        older = self.state.older
        known = {mapping for mapping in older if mapping != UNKNOWN} | {self.present.fingerprint}
        lacking = [mapping for mapping in known if mapping in older and older[mapping].lacks]
        mappings = mapping_of(versions)
        marks = pc.is_in(mappings, pa.array(lacking, pa.string()))
        if not older.get(UNKNOWN, Older(frozenset())).lacks:
            return marks
        return pc.or_(marks, pc.invert(pc.is_in(mappings, pa.array(sorted(known), pa.string()))))

    def after_run(
        self, result: IngestionUnitResult, *, whole: bool, remedy: str | None = None
    ) -> IngestionUnitResult:
        """The answer of the last slice, with what is behind. `whole`: the run may have landed every
        row anew, so they are counted again. `remedy` takes the place of the usual one.
        """
        if not result.done:
            return result

        state = replace(self.state, anew=False)
        if state.is_behind and (whole or not state.is_counted):
            state = state.counted(self._rows())

        evidence = (*result.evidence, *self._told(state, remedy))
        if result.checkpoint is None:
            return replace(result, evidence=evidence)
        checkpoint = with_kept(result.checkpoint, MAPPING, state.dump())
        return replace(result, evidence=evidence, checkpoint=checkpoint)

    def _rows(self) -> Counter[str]:
        """How many live rows each mapping made."""
        found: Counter[str] = Counter()
        for batch in self.sink.live_keys(self.target, []):
            for counted in pc.value_counts(mapping_of(batch.column("_version"))).to_pylist():
                found[counted["values"]] += counted["counts"]
        return found

    def _told(self, state: MappingState, remedy: str | None) -> list[Evidence]:
        rows: Counter[frozenset[str]] = Counter()
        for one in state.older.values():
            if one.lacks and one.rows:
                rows[one.lacks] += one.rows
        refills = self.sink.descriptor.compares_versions and not self.transforms
        usual = REFILL if refills else FULL
        return [_evidence(count, lacks, remedy or usual) for lacks, count in rows.items()]


def _evidence(count: int, lacks: frozenset[str], remedy: str) -> Evidence:
    rows = "1 row was" if count == 1 else f"{count} rows were"
    message = f"{rows} landed before {_what(lacks)}. {remedy}"
    return Evidence("ROWS_BEHIND_SCHEMA", message, "partial")


def _found(sink: SinkEndpoint, target: SinkTarget, present: PresentMapping) -> MappingState:
    """Of what the table says of itself. One that an earlier release made says nothing: its rows are
    taken for rows of today's mapping, as far as its columns are.
    """
    landed = sink.landed_target(target)
    if landed is None:
        return MappingState(present.fingerprint)
    if fact := landed.facts.get(FACT):
        return state_of_fact(fact, present)

    columns = landed.columns
    lacks = frozenset() if columns is None else frozenset(present.columns).difference(columns)
    return MappingState(present.fingerprint, {UNKNOWN: Older(lacks)})


def _what(lacks: frozenset[str]) -> str:
    if EVERY_COLUMN in lacks:
        return "the unit's columns were made as they are now"
    if lacks == {RAW}:
        return "`_raw` was kept"

    named = sorted(lacks)
    more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
    names = ", ".join(named[:NAMED]) + more
    return f"column {names} was known" if len(named) == 1 else f"columns {names} were known"
