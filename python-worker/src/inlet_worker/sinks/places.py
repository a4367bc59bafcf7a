"""Where a sink may be. A place has one spelling, so that comparing it with ours is comparing text.
The same law as `core/sink-places.ts`, held together by `schemas/examples/sink-places/vectors.json`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

LONGEST = 300
REGION: dict[str, Any] = {
    "type": "string",
    "pattern": "^[a-z]{2}-[a-z-]{2,25}-[0-9]{1,2}$",
    "maxLength": 30,
}
"""It becomes part of a host's name."""
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
RESERVED = re.compile(
    r"(?:xn--|sthree-|amzn-s3-demo-).*"
    r"|.*(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)"
    r"|.*(?:\.\.|\.-|-\.).*"
    r"|\d+(?:\.\d+){3}",
    re.ASCII,
)
"""Names that S3 gives to no bucket: aliases of what is somebody's bucket already, or addresses."""
SEGMENT = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9_=.-]+")
LOCAL = re.compile(r"file:///[^?#%\x00-\x1f\x7f]+")

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

PlaceFault = Literal["form", "ours", "local"]
MESSAGES: dict[PlaceFault, str] = {
    "form": "must be s3://bucket or s3://bucket/prefix: a bucket's own name, then letters, digits "
    "and _ = . - between single slashes, and none at the end",
    "ours": "must name a bucket of yours",
    "local": "must be in a bucket (s3://bucket/prefix): "
    "files of one machine are for the local environment",
}


@dataclass(frozen=True)
class Surroundings:
    """What a sink's config is judged by: whether it is this machine's own environment, and the
    platform's buckets.
    """

    local: bool
    buckets: tuple[str, ...]


def place_fault(text: str, around: Surroundings) -> PlaceFault | None:
    """Why a sink may not be there; None where it may."""
    if len(text) > LONGEST:
        return "form"
    if text.startswith("file:"):
        if not around.local:
            return "local"
        return None if LOCAL.fullmatch(text) else "form"

    if not text.startswith("s3://"):
        return "form"
    bucket, *segments = text.removeprefix("s3://").split("/")
    if not BUCKET.fullmatch(bucket) or RESERVED.fullmatch(bucket):
        return "form"
    if not all(SEGMENT.fullmatch(segment) for segment in segments):
        return "form"

    return "ours" if bucket in around.buckets else None


def place_text(*parts: str | None) -> str:
    """Of its addresses, in order. A slash at an end tells nothing, and neither does the port of a
    server on this machine, which has another with each start.
    """
    return "\n".join(_without_port(part).rstrip("/") for part in parts if part)


def _without_port(address: str) -> str:
    if not address.startswith(("http://", "https://")):
        return address
    parts = urlsplit(address)
    if parts.hostname not in LOOPBACK:
        return address
    return f"{parts.scheme}://{parts.hostname}{parts.path}"
