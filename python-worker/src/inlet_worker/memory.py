"""How a process of the data plane holds memory."""

from __future__ import annotations

import pyarrow as pa


def give_memory_back() -> None:
    """Freed Arrow buffers go back to the system at once. Arrow's own pools keep them for reuse: a full load of 10,000
    rows of 8 kB peaked at 440 MB with the default pool and at 320 MB with the system's, at the same speed."""
    pa.set_memory_pool(pa.system_memory_pool())


def trim() -> None:
    """Hands back what was freed and the allocator still holds: a few milliseconds for tens of megabytes."""
    pa.default_memory_pool().release_unused()
