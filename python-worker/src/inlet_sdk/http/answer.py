"""Vendor answers told apart by what the run must do about them. No body and no query ever enters a
message.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from inlet_sdk.errors import FatalError, IngestError, RetryableError


@dataclass(frozen=True)
class HttpAnswer:
    """A whole answer. `route` is method and path without query, for messages."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    route: str


def is_html(answer: HttpAnswer) -> bool:
    kind = answer.headers.get("Content-Type", "").lower()
    return "html" in kind or answer.body[:64].lstrip()[:1] == b"<"


def status_error(answer: HttpAnswer) -> IngestError | None:
    """The error of an answer, None for a good one. 429 is `rate_limit.py`'s, and comes
    before this.
    """
    status, route = answer.status, answer.route
    if 200 <= status < 300:
        return html_error(answer) if is_html(answer) else None

    facts = {"status": status, "route": route}
    if status >= 500 or status in (408, 425):
        return RetryableError(
            "SOURCE_UNAVAILABLE",
            f"The source answered {status} to {route}. Try again later.",
            details=facts,
        )
    if 300 <= status < 400:
        return FatalError(
            "UNEXPECTED_RESPONSE",
            f"The source answered {route} with a redirect, which is not followed. Check baseUrl.",
            details={**facts, "field": "baseUrl"},
        )

    code, what, remedy, at = REFUSALS.get(status, REFUSALS[400])
    return FatalError(
        code, f"The source {what} ({status} to {route}). {remedy}", details={**facts, **at}
    )


def html_error(answer: HttpAnswer) -> FatalError:
    return FatalError(
        "UNEXPECTED_RESPONSE",
        f"The source answered HTML instead of JSON to {answer.route}. Check baseUrl.",
        details={"status": answer.status, "route": answer.route, "field": "baseUrl"},
    )


REFUSALS: dict[int, tuple[str, str, str, dict[str, str]]] = {
    400: (
        "VALIDATION_ERROR",
        "refused the request as malformed",
        "Check the configuration's filters.",
        {},
    ),
    401: ("AUTH_ERROR", "refused the credentials", "Store valid ones.", {"field": "credentials"}),
    403: (
        "SOURCE_FORBIDDEN",
        "does not allow this to the account",
        "Grant the account read access.",
        {},
    ),
    404: ("SOURCE_NOT_FOUND", "does not know this address", "Check baseUrl.", {"field": "baseUrl"}),
    410: ("API_GONE", "has removed this API", "Update the connector.", {}),
}
