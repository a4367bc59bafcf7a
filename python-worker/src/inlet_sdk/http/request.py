"""One request of a connector: what it asks, and what it may cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote


@dataclass(frozen=True)
class Request:
    """A read, so it may be repeated. `path` is below the endpoint's root, or an absolute URL of the
    same origin. What `query` has several values of is named several times. A vendor that counts in
    points what it answers counts at most `points`. `max_bytes`: below the endpoint's own limit,
    for an answer that is not read otherwise.
    """

    path: str
    method: str = "GET"
    query: Mapping[str, str | int | Sequence[str]] = field(default_factory=dict)
    body: Any = None
    points: int = 1
    max_bytes: int | None = None


@dataclass(frozen=True)
class HttpLimits:
    """What one request may cost. Times in seconds, the size after decompression. `patience_seconds`
    are spent on what cannot get better by itself: with the last try they stay below a minute.
    """

    connect_seconds: float = 10.0
    read_seconds: float = 60.0
    total_seconds: float = 300.0
    patience_seconds: float = 20.0
    max_bytes: int = 64 * 1024 * 1024


PROBE_LIMITS = HttpLimits(
    connect_seconds=5.0, read_seconds=15.0, total_seconds=30.0, patience_seconds=3.0
)
"""Where somebody waits for the answer: a slower site is reported as slow."""


def segment(text: str) -> str:
    """One path segment, so that an id can hold no slash and no dots."""
    return quote(text, safe="").replace(".", "%2E")
