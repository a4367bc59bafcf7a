"""Answers a person's question to the data plane: does this endpoint work, this sink, how do the
first rows look.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from inlet_sdk.errors import IngestError, RetryableError
from inlet_sdk.http.request import PROBE_LIMITS
from inlet_sdk.redaction import shown_tree
from inlet_worker.contracts import models
from inlet_worker.temporal.endpoints import open_sink, open_source
from inlet_worker.temporal.failures import ingestion_error
from inlet_worker.temporal.preview_rows import preview_json
from inlet_worker.temporal.work import Work

TOO_LATE = RetryableError(
    "TIMEOUT", "No worker was free in time, so the source was not asked. Try again."
)
OURS = frozenset({"INTERNAL", "STAGING_CORRUPT", "OUT_OF_MEMORY"})


def run_probe(given: Any, work: Work) -> models.RunProbeResult:
    """What the person can mend is an answer, with its error. Raises what only we can mend, for
    another attempt.
    """
    probe = models.RunProbeInput.model_validate(given)
    if probe.deadline is not None and probe.deadline.root <= datetime.now(UTC):
        return models.RunProbeResult(summary={}, key=None, error=ingestion_error(TOO_LATE))
    try:
        return _answer(probe, work)
    except IngestError as e:
        if e.code in OURS:
            raise
        named = {"field": e.details["field"]} if "field" in e.details else {}
        return models.RunProbeResult(summary=named, key=None, error=ingestion_error(e))


def _answer(probe: models.RunProbeInput, work: Work) -> models.RunProbeResult:
    if probe.sink is not None:
        sink = open_sink(probe.sink, probe.tenant_id, work)
        return models.RunProbeResult(summary=shown_tree(sink.test()), key=None, error=None)
    if probe.source is None:
        raise ValueError("a probe has a source or a sink")
    source = open_source(probe.source, probe.tenant_id, work, people=True, limits=PROBE_LIMITS)
    try:
        if probe.kind == "TEST_ENDPOINT":
            return models.RunProbeResult(summary=shown_tree(source.test()), key=None, error=None)
        rows = source.preview(probe.dataset or "", probe.limit.root if probe.limit else 10)
    finally:
        source.close()

    key = f"preview/{probe.tenant_id}/{probe.probe_id}.json"
    count, body = preview_json(rows)
    work.aws.s3.put_object(
        Bucket=work.settings.staging_bucket, Key=key, Body=body, ContentType="application/json"
    )
    return models.RunProbeResult(summary={"rows": count}, key=key, error=None)
