"""What a merge costs: CPU, bytes written, memory. Rows come from a generator, so that the figures
are the sink's alone.

    python bench/merge.py            all cases
    python bench/merge.py million    those of a million rows of 1 kB
    python bench/merge.py 10million  10,000 rows into 10,000,000 of 200 bytes

Each merge runs in a process of its own, which has everything loaded before its clock starts, and
prints one JSON line: rows, CPU seconds, bytes of the rows that change (as Arrow holds them), bytes
written, peak memory of the process in MB above what it has after loading. Keys are in order when
the table is made; the changed ones are spread evenly.
"""

import hashlib
import json
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

WORDS = [hashlib.sha256(str(n).encode()).hexdigest()[:7] for n in range(5_000)]
OBJECT_ROWS = 16_000


class Generated:
    """A reader of rows that are made when they are read. `row_bytes` is about what one takes."""

    def __init__(self, numbers: range, row_bytes: int, at: int) -> None:
        self._numbers = numbers
        self._row_bytes = row_bytes
        self._at = at

    def manifests(self) -> tuple[Any, ...]:
        from inlet_sdk.ports.staging_provider import Manifest

        rows = len(self._numbers)
        return (Manifest("bench", 0, 1, (), rows, rows * self._row_bytes, {}),)

    def iter_batches(self, chunk_size: int, columns: Sequence[str] | None = None) -> Iterator[Any]:
        for start in range(0, len(self._numbers), OBJECT_ROWS):
            batch = self._batch(self._numbers[start : start + OBJECT_ROWS], columns)
            for begin in range(0, batch.num_rows, chunk_size):
                yield batch.slice(begin, chunk_size)

    def _batch(self, numbers: range, columns: Sequence[str] | None) -> Any:
        import pyarrow as pa

        made = {
            "id": lambda: pa.array([f"{n:09}" for n in numbers]),
            "summary": lambda: pa.array([self._text(n) for n in numbers]),
            "updated": lambda: pa.repeat(self._at * 1000, len(numbers)).cast(
                pa.timestamp("us", tz="UTC")
            ),
            "_raw": lambda: pa.array(["{}"] * len(numbers)),
            "_unfit": lambda: pa.nulls(len(numbers), pa.string()),
            "_hash": lambda: pa.array(
                [hashlib.sha256(b"%d %d" % (n, self._at)).hexdigest()[:32] for n in numbers]
            ),
        }
        names = list(made) if columns is None else list(columns)
        return pa.RecordBatch.from_arrays([made[name]() for name in names], names=names)

    def _text(self, number: int) -> str:
        words = range((self._row_bytes - 120) // 8)
        return " ".join(WORDS[(number * 31 + word * word * 7 + self._at) % 5_000] for word in words)


def commit(
    folder: str, run: str, epoch: int, numbers: range, row_bytes: int, mode: str
) -> dict[str, Any]:
    """Land the rows with these numbers as one slice."""
    from inlet_sdk.ports.described_endpoint import FieldDescriptor
    from inlet_sdk.ports.policy import Policy
    from inlet_sdk.ports.sink_endpoint import SinkTarget, SliceCommit
    from inlet_worker.sinks.iceberg.endpoint import IcebergSink

    lake = {
        "catalog": "sql",
        "uri": f"sqlite:///{folder}/lake.db",
        "warehouse": f"file://{folder}/lake",
    }
    fields = ("id", "string", False), ("summary", "string", True), ("updated", "timestamp", True)
    columns = tuple(FieldDescriptor(name, type_, nullable) for name, type_, nullable in fields)
    target = SinkTarget("bench", "jira", "issues", columns)
    policy = Policy.parse({"primaryKeys": ["id"], "cursorField": "updated"})
    reader = Generated(numbers, row_bytes, 1_700_000_000_000 + epoch)
    sink = IcebergSink(lake)
    sink.find_commit(target, "none")  # loads what a commit needs

    before, began, clock = peak_mb(), cpu_seconds(), time.perf_counter()
    receipt = sink.commit(target, reader, SliceCommit(f"{run}/0", run, epoch, mode, policy))
    return {
        "run": run,
        "landed": receipt.landed,
        "updated": receipt.updated,
        "unchanged": receipt.unchanged,
        "cpuSeconds": round(cpu_seconds() - began, 1),
        "wallSeconds": round(time.perf_counter() - clock, 1),
        "changedMb": round(len(numbers) * row_bytes / 2**20, 1),
        "writtenMb": round(receipt.bytes / 2**20, 2),
        "rewrittenMb": round(receipt.bytes_rewritten / 2**20, 2),
        "peakMb": peak_mb(),
        "peakMbBefore": before,
    }


def cpu_seconds() -> float:
    """CPU of this process and of those that it waited for."""
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def peak_mb() -> int:
    """Peak of the process's resident memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def in_a_run(*arguments: Any) -> dict[str, Any]:
    """The commit in a process like a run's."""
    from inlet_worker.memory import ENVIRONMENT
    from inlet_worker.temporal.child_process import PRELOAD

    os.environ.update(ENVIRONMENT)
    workers = multiprocessing.get_context("forkserver")
    workers.set_forkserver_preload(list(PRELOAD))
    with ProcessPoolExecutor(1, mp_context=workers) as pool:
        return pool.submit(commit, *arguments).result()


def merges(rows: int, row_bytes: int, changes: Sequence[int], mode: str) -> None:
    """Make a table, then merge slices of so many rows each."""
    with tempfile.TemporaryDirectory(prefix="inlet-bench-") as folder:
        runs = [("load", range(rows), "FULL")]
        for number, changed in enumerate(changes):
            first = 7 * number % (rows // changed)
            spread = range(first, rows, rows // changed)
            runs.append((f"merge-{number}-of-{changed}", spread, mode))
        for epoch, (name, numbers, run_mode) in enumerate(runs, 1):
            figures = in_a_run(folder, name, epoch, numbers, row_bytes, run_mode)
            size = sum(f.stat().st_size for f in Path(folder).rglob("*") if f.is_file())
            print(json.dumps({"rows": rows, **figures, "lakeMb": size // 2**20}), flush=True)


CASES = {
    "hundredthousand": (100_000, 1_000, (1_000, 200), "INCREMENTAL"),
    "million": (1_000_000, 1_000, (10_000, 10_000, 200), "INCREMENTAL"),
    "10million": (10_000_000, 200, (10_000,), "INCREMENTAL"),
}


if __name__ == "__main__":
    for case in sys.argv[1:] or CASES:
        merges(*CASES[case])
