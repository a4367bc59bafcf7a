"""An error's way out: of the child process as JSON, to Temporal as an ApplicationError whose type
is the code.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.exceptions import ApplicationError

from inlet_sdk.contracts.names import ERRORS
from inlet_sdk.errors import IngestError, bug, is_bug
from inlet_sdk.redaction import shown, shown_tree
from inlet_worker.contracts.models import IngestionError


def describe(error: BaseException) -> dict[str, Any]:
    """JSON {code, message, retryable, details}. Only an IngestError speaks for itself: another's
    text may quote a vendor's answer or a secret, so only its type is reported.
    """
    if isinstance(error, IngestError):
        code = error.code if error.code in ERRORS else "INTERNAL"
        return _described(code, shown(error.message), error.retryable, shown_tree(error.details))
    if isinstance(error, MemoryError):
        return out_of_memory()
    if is_bug(error):
        return describe(bug(error))
    return internal(
        f"The data plane failed with {type(error).__name__}. "
        "Try again; the worker's log says where."
    )


def internal(message: str) -> dict[str, Any]:
    """Our own fault, which another attempt may not meet."""
    return _described("INTERNAL", message, True, {})


def out_of_memory() -> dict[str, Any]:
    return _described(
        "OUT_OF_MEMORY",
        "The run needed more memory than it may use. "
        "Narrow the unit's filters, or raise the worker's limit.",
        False,
        {},
    )


def application_error(failure: dict[str, Any], now: datetime | None = None) -> ApplicationError:
    """The failure as Temporal retries it: never for what a retry would meet again, not before the
    vendor said.
    """
    delay = None
    if failure["code"] == "RATE_LIMITED" and failure["details"].get("resumeAt"):
        resume_at = datetime.fromisoformat(failure["details"]["resumeAt"])
        delay = max(resume_at - (now or datetime.now(UTC)), timedelta(seconds=1))

    return ApplicationError(
        failure["message"],
        failure["details"],
        type=failure["code"],
        non_retryable=not failure["retryable"],
        next_retry_delay=delay,
    )


def ingestion_error(error: IngestError) -> IngestionError:
    """The error as a probe or a run shows it."""
    return IngestionError.model_validate(
        {k: v for k, v in describe(error).items() if k != "details"}
    )


def _described(code: str, message: str, retryable: bool, details: dict[str, Any]) -> dict[str, Any]:
    return {"code": code, "message": message, "retryable": retryable, "details": details}
