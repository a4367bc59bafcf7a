"""Values that grow with the vendor, kept beside their item: the form of
`adapters/dynamodb/table/kept-value.ts`, where it is described. Both read
`schemas/examples/kept/vectors.json`.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from inlet_sdk.errors import RetryableError

INLINE_BYTES = 64 * 1024
PART_BYTES = 256 * 1024


@dataclass(frozen=True)
class KeptValue:
    """What stands in the item, and the parts that are written before it, each under its
    sort key.
    """

    reference: dict[str, Any]
    parts: tuple[tuple[str, bytes], ...]


def keep(value: Any, owner: str) -> KeptValue | None:
    """None for a value that is small enough to stay. `owner` is the sort key that its parts are
    named after.
    """
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )
    if len(text) <= INLINE_BYTES:
        return None

    sha256 = hashlib.sha256(text).hexdigest()
    key = f"PART#{owner}#{sha256}"
    data = tuple(_cut(zlib.compress(text)))
    parts = tuple((f"{key}#{number:04d}", part) for number, part in enumerate(data))

    return KeptValue(
        {"$kept": {"key": key, "sha256": sha256, "length": len(text), "parts": len(parts)}}, parts
    )


def reference_of(value: Any) -> dict[str, Any] | None:
    """The reference where a value stands somewhere else."""
    kept = value.get("$kept") if isinstance(value, dict) and value.keys() == {"$kept"} else None
    return kept if isinstance(kept, dict) else None


def opened(parts: Sequence[bytes], reference: dict[str, Any]) -> Any:
    """The value of all parts in order. Raises RetryableError `INTERNAL` when it is not what was
    kept.
    """
    length = int(reference["length"])
    try:
        inflating = zlib.decompressobj()
        text = inflating.decompress(b"".join(parts), length + 1)
    except zlib.error:
        raise _damaged() from None
    if len(text) != length or hashlib.sha256(text).hexdigest() != reference["sha256"]:
        raise _damaged()
    return json.loads(text)


def _cut(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), PART_BYTES):
        yield data[start : start + PART_BYTES]


def _damaged() -> RetryableError:
    return RetryableError("INTERNAL", "A stored value is damaged. Start the unit again.")
