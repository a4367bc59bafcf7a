"""JSON logs. A line holds only fields of the list below, and no secret: not under its name, and not
by its value in any of the forms in which values travel.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import orjson
import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import Processor

from inlet_sdk.redaction import shown_tree

FIELDS = frozenset(
    [
        *("event", "level", "timestamp", "logger", "service", "version", "environment"),
        *(
            "activity",
            "attempt",
            "workflowId",
            "tenantId",
            "runId",
            "endpointId",
            "unitId",
            "collectionId",
            "probeId",
        ),
        *(
            "sinkId",
            "connector",
            "slice",
            "epoch",
            "outcome",
            "code",
            "retryable",
            "errorType",
            "where",
            "reason",
        ),
        *("rows", "pages", "bytes", "requests", "waitedMs", "durationMs", "count", "runs"),
        *("done", "filesCompacted", "filesWritten", "bytesWritten", "snapshotsExpired"),
        *("filesDeleted", "lostRaces"),
        *("pid", "exitCode", "peakBytes", "limitBytes", "taskQueue", "namespace", "address"),
    ]
)


def configure_logs(
    fields: Mapping[str, str], *, level: int = logging.INFO, stream: TextIO | None = None
) -> None:
    """Sends this process's logs, libraries' included, to `stream` (standard error) as one JSON
    object a line; `fields` are in each.
    """

    def in_each(_: Any, __: str, line: Line) -> Line:
        # Of the process, not of a context: threads that libraries start have none of ours.
        return {"service": "python-worker", **fields, **line}

    before: list[Processor] = [
        in_each,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="timestamp"),
    ]
    render: list[Processor] = [_name_error, _only_known, _as_json]
    structlog.configure(
        processors=[*before, ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    formatter = ProcessorFormatter(
        processors=[ProcessorFormatter.remove_processors_meta, *render],
        foreign_pre_chain=[_logger_name, *before],
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)  # of libraries
    logging.getLogger("temporalio.activity").setLevel(
        logging.ERROR
    )  # tells each failure again, without its place
    for ours in ("inlet_sdk", "inlet_worker"):
        logging.getLogger(ours).setLevel(level)


def get_logger(name: str) -> Any:
    return structlog.stdlib.get_logger(name)


Line = MutableMapping[str, Any]


def _logger_name(logger: Any, _: str, line: Line) -> Line:
    record = line.get("_record")
    line["logger"] = record.name if record else str(logger)
    return line


def _name_error(_: Any, __: str, line: Line) -> Line:
    """An exception's type and place. Its message may quote a vendor's answer and stays out."""
    info = line.pop("exc_info", None)
    error = (
        info[1] if isinstance(info, tuple) else info if isinstance(info, BaseException) else None
    )
    if info is True:
        error = sys.exc_info()[1]

    if error is not None:
        line["errorType"] = type(error).__name__
        line["where"] = [
            f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno}"
            for f in traceback.extract_tb(error.__traceback__)
        ][-8:]

    return line


def _only_known(_: Any, __: str, line: Line) -> Line:
    return {name: shown_tree(value) for name, value in line.items() if name in FIELDS}


def _as_json(_: Any, __: str, line: Line) -> str:
    return orjson.dumps(line, default=str).decode()
