"""Vendor answers told apart by what the run must do about them. No record and no query ever enters
a message.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from inlet_sdk.errors import FatalError, IngestError, RetryableError

ODD_RETRIES = 2
LOGIN_RETRIES = 1
"""One: a site may lock out who fails to log in again and again."""


class OddAnswerError(FatalError):
    """What a gateway, a proxy or one bad node answers in the site's place now and then: asked again
    `retries` times, it is believed.
    """

    def __init__(
        self, code: str, message: str, *, retries: int, details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(code, message, details=details)
        self.retries = retries


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
        return OddAnswerError(
            "UNEXPECTED_RESPONSE",
            f"The source answered {route} with a redirect, which is not followed. Check baseUrl.",
            retries=ODD_RETRIES,
            details={**facts, "field": "baseUrl"},
        )
    if status == 401:
        return login_error(answer, str(status))

    code, what, remedy, at = REFUSALS.get(status, REFUSALS[400])
    return FatalError(
        code, f"The source {what} ({status} to {route}). {remedy}", details={**facts, **at}
    )


def login_error(answer: HttpAnswer, said: str) -> OddAnswerError:
    """Of an answer to somebody whom the source does not know; `said` is how it tells."""
    return OddAnswerError(
        "AUTH_ERROR",
        f"The source refused the credentials ({said} to {answer.route}). Store valid ones.",
        retries=LOGIN_RETRIES,
        details={"status": answer.status, "route": answer.route, "field": "credentials"},
    )


def html_error(answer: HttpAnswer) -> OddAnswerError:
    return OddAnswerError(
        "UNEXPECTED_RESPONSE",
        f"The source answered HTML instead of JSON to {answer.route}. Check baseUrl.",
        retries=ODD_RETRIES,
        details={"status": answer.status, "route": answer.route, "field": "baseUrl"},
    )


REFUSALS: dict[int, tuple[str, str, str, dict[str, str]]] = {
    400: (
        "VALIDATION_ERROR",
        "refused the request as malformed",
        "Check the configuration's filters.",
        {},
    ),
    403: (
        "SOURCE_FORBIDDEN",
        "does not allow this to the account",
        "Grant the account read access.",
        {},
    ),
    404: ("SOURCE_NOT_FOUND", "does not know this address", "Check baseUrl.", {"field": "baseUrl"}),
    410: ("API_GONE", "has removed this API", "Update the connector.", {}),
}
