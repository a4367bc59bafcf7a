"""The tree of everything the data plane raises on purpose. Classes say how to recover; codes are
shared with TypeScript (`schemas/errors.ts`).

    IngestError
    ├── FatalError        the run ends FAILED: a retry would meet the same wall (auth, config, gone
    │   │                 API, fenced out)
    │   └── FencedError   a newer epoch owns the target: change nothing, exit
    ├── RetryableError    the same call may work soon (5xx, cut body, connection)
    │   └── RateLimitedError   the vendor said when: `resume_at`; beyond 30 s the workflow sleeps,
    │                          not a slot
    └── SkippableError    one record is bad: quarantine it and go on
"""

from __future__ import annotations

from datetime import datetime
from json import JSONDecodeError
from typing import Any

from inlet_sdk.redaction import shown, shown_tree


class IngestError(Exception):
    """Has a code of `schemas/errors.ts`. The message ends with the remedy and never holds a body.
    Message and details pass `shown`: they may quote a vendor.
    """

    retryable = False

    def __init__(self, code: str, message: str, *, details: dict[str, Any] | None = None) -> None:
        self.code = code
        self.message = shown(message)
        self.details: dict[str, Any] = shown_tree(details or {})
        super().__init__(self.message)


class FatalError(IngestError):
    """A retry would meet the same wall."""


class FencedError(FatalError):
    """A newer epoch owns the unit's target. Nothing was changed."""

    def __init__(self, message: str, *, details: dict[str, Any] | None = None) -> None:
        super().__init__("FENCED", message, details=details)


class RetryableError(IngestError):
    """The same call may work soon."""

    retryable = True


class RateLimitedError(RetryableError):
    """The vendor refused for now. `resume_at`: when it may be asked again; `reason`: its word for
    the limit.
    """

    def __init__(self, message: str, *, resume_at: datetime, reason: str) -> None:
        super().__init__(
            "RATE_LIMITED", message, details={"resumeAt": resume_at.isoformat(), "reason": reason}
        )
        self.resume_at = resume_at
        self.reason: str = self.details["reason"]


class SkippableError(IngestError):
    """One record is bad; the run goes on without it and counts it as quarantined."""


BUGS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NameError,
    NotImplementedError,
    RecursionError,
    TypeError,
    ValueError,
)


def is_bug(error: BaseException) -> bool:
    """Whether it is a mistake of ours that another attempt makes again. A broken connection or an
    answer that was cut may look like one.
    """
    return isinstance(error, BUGS) and not isinstance(error, OSError | JSONDecodeError)


def bug(error: BaseException) -> FatalError:
    """The end of a run that met such a mistake. Only its type is told: its text may quote a
    vendor's answer.
    """
    return FatalError(
        "INTERNAL",
        f"The data plane failed with {type(error).__name__}, which another attempt would meet "
        "again. Report this with the run's id; the worker's log says where.",
    )
