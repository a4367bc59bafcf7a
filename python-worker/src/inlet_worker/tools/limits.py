"""What a program may use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ToolLimits:
    """Of one call. memory_bytes: of the engine's process, which is killed beyond it. output_rows,
    output_bytes: of what it answers; None for as many rows as it likes.
    """

    seconds: float = 60.0
    memory_bytes: int = 768 * 2**20
    output_rows: int | None = None
    output_bytes: int = 256 * 2**20
