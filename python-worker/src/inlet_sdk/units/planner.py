"""Mode CUSTOM: a unit that is read by a plan of its own
(docs/adr/0048-a-planner-of-the-connectors-own.md).

The planner says what is read together, in its own words and with its own cursor; the pipeline does
with it what it does with every reading: staging, commits, quarantine, checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import QuarantinedRecord, Row, SourceBatch, SourceWarning
from inlet_sdk.units.batches import batch
from inlet_sdk.units.policy import ReadingPolicy

W = TypeVar("W")


@dataclass(frozen=True)
class Portion(Generic[W]):
    """What is read at once: `work` tells `read` what. `resume`: JSON to plan on from, once the
    portion was read. `cursor`: JSON of the checkpoint once it has landed, with `position` (epoch
    ms or None); None where nothing may be committed yet. The others were found while planning.
    """

    work: W
    resume: dict[str, Any]
    cursor: dict[str, Any] | None
    quarantined: Sequence[QuarantinedRecord] = ()
    warnings: Sequence[SourceWarning] = ()


@dataclass(frozen=True)
class ReadPortion:
    """The rows of a portion, and what could not be one. `read` as in SourceBatch."""

    rows: Sequence[Row]
    quarantined: Sequence[QuarantinedRecord] = ()
    warnings: Sequence[SourceWarning] = ()
    read: Sequence[str] = ()


class Planner(Protocol[W]):
    """Of one unit. It holds nothing between calls: all that it has to know again is in `resume` and
    `cursor`.
    """

    def plan(
        self,
        site: HttpEndpoint,
        cursor: Mapping[str, Any] | None,
        policy: ReadingPolicy,
        context: IngestionContext,
    ) -> Iterator[Portion[W]]:
        """Portions from the cursor on (None: of everything), or from `context.continuation`; at
        least one. Asks nothing before the first is wanted.
        """

    def read(self, site: HttpEndpoint, work: W, context: IngestionContext) -> ReadPortion:
        """Reads a portion. It depends on no other one."""


def planned_batches(
    planner: Planner[W],
    site: HttpEndpoint,
    cursor: Mapping[str, Any] | None,
    policy: ReadingPolicy,
    context: IngestionContext,
) -> Iterator[SourceBatch]:
    """A batch for each portion, in the planner's order."""
    for portion in planner.plan(site, cursor, policy, context):
        found = planner.read(site, portion.work, context)
        done = batch(
            context,
            found.rows,
            portion.resume,
            cursor=portion.cursor,
            quarantined=[*portion.quarantined, *found.quarantined],
            warnings=[*portion.warnings, *found.warnings],
        )
        yield replace(done, read=found.read)
