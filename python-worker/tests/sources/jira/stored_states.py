"""What readings and censuses leave in checkpoints and continuations, as JSON that outlives them.

`stored_states.json` was recorded from the release before units were objects. A checkpoint or a
continuation of it may still be stored, so each has to be read and written as it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from inlet_sdk.ports.census import CensusReport
from inlet_sdk.ports.checkpoint import Checkpoint
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.source_endpoint import SourceBatch
from inlet_sdk.testing.contexts import a_context
from inlet_worker.sources.jira.endpoint import JiraEndpoint

from .deleting_jira import DeletingJira
from .landed_table import LandedTable, an_order, census

FILE = Path(__file__).with_name("stored_states.json")
KEYS = {"jira.users": "accountId"}


def stored(kind: str) -> list[Any]:
    """The recorded `readings` or `censuses`."""
    found: list[Any] = json.loads(FILE.read_text("utf-8"))[kind]
    return found


def untouched(site: DeletingJira) -> None:
    """As it was made."""


def a_project_was_hidden(site: DeletingJira) -> None:
    """Its issues and worklogs changed meanwhile, and it is shown again."""
    for n in (5, 10, 15, 20):
        site.touch(n)
    for worklog in (10, 20):
        site.worklogs[worklog]["updated"] = site.now + worklog


def a_project_is_hidden(site: DeletingJira) -> None:
    site.hidden = {"OPS"}


SCENES: dict[str, Callable[[DeletingJira], None]] = {
    scene.__name__: scene for scene in (untouched, a_project_was_hidden, a_project_is_hidden)
}


def site_of(scene: str) -> DeletingJira:
    site = DeletingJira()
    SCENES[scene](site)
    site.page_limit = 7
    return site


def batches_of(
    jira: JiraEndpoint, reading: dict[str, Any], continuation: dict[str, Any] | None = None
) -> list[SourceBatch]:
    """The batches of a recorded reading, from a continuation on."""
    unit, mode, checkpoint = reading["unit"], reading["mode"], reading["checkpoint"]
    context = a_context(unit, mode=mode, continuation=continuation)
    before = Checkpoint.parse(checkpoint) if checkpoint else None
    if mode == "FULL":
        return list(jira.read_full(unit, Policy(), context))
    return list(jira.read_incremental(unit, before, Policy(), context))


def as_json(batches: Sequence[SourceBatch], unit: str) -> list[dict[str, Any]]:
    """What is recorded of batches."""
    key = KEYS.get(unit, "id")
    told = [
        {
            "keys": [row[key] for row in batch.rows],  # type: ignore[union-attr]
            "resume": batch.resume,
            "cursor": batch.cursor,
            "warnings": [warning.code for warning in batch.warnings],
        }
        for batch in batches
    ]
    loaded: list[dict[str, Any]] = json.loads(json.dumps(told))
    return loaded


def census_of(site: DeletingJira, jira: JiraEndpoint, stored: dict[str, Any]) -> dict[str, Any]:
    """A recorded census again. All has landed that is ever shown, but for the rows `forgotten`."""
    hidden, site.hidden = site.hidden, set()
    landed = LandedTable.of(jira, stored["unit"])
    landed.forget(stored["forgotten"])
    site.hidden = hidden

    order = an_order(due=stored["due"], position=stored["position"], state=stored["state"])
    return report_as_json(census(jira, stored["unit"], landed, order))


def report_as_json(report: CensusReport) -> dict[str, Any]:
    told = {
        "compared": report.compared,
        "codes": [finding.code for finding in (*report.findings, *report.debts)],
        "state": dict(report.state),
    }
    loaded: dict[str, Any] = json.loads(json.dumps(told))
    return loaded
