"""The errors of good answers that cannot be decoded. No part of the body enters a message."""

from __future__ import annotations

from urllib.parse import urlsplit

from inlet_sdk.errors import FatalError, IngestError, RetryableError
from inlet_sdk.http.request import Request


def other_shape(request: Request) -> IngestError:
    """Of an answer that is JSON, of another shape than the vendor documents."""
    return _unexpected(request, "in another shape than documented. Check baseUrl", FatalError)


def unreadable(request: Request, error: Exception, *, last: bool) -> IngestError:
    """Of an answer that is no JSON. A cut one may come whole next time; one that is broken each
    time will stay so.
    """
    if "truncated" in str(error):
        return _unexpected(request, "with cut JSON. Try again later", RetryableError)
    kind = FatalError if last else RetryableError
    return _unexpected(
        request,
        "with what is not JSON, each time. Check baseUrl, and what is in front of the site",
        kind,
    )


def _unexpected(request: Request, what: str, kind: type[IngestError]) -> IngestError:
    path = urlsplit(request.path).path
    facts = {"route": f"{request.method} {path}", "field": "baseUrl"}
    return kind(
        "UNEXPECTED_RESPONSE", f"The source answered {request.method} {path} {what}.", details=facts
    )
