"""The merges of `bench/merge.py`, of the same rows, by dlt (its `merge` into a DuckDB file) and by
DuckDB's own `MERGE INTO`. Runs on dlt's environment, which has both:

    .local/bench/dlt/bin/python bench/peers/merge_peers.py [--rows 1000000] [--changes 10000 200]

Each load and each merge is a process of its own. Prints one JSON line each: CPU seconds, of which
those before the first row (imports) are apart, seconds, MB that were written, by what the kernel
counts, and peak memory in MB.
"""

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}

from merge import Generated, cpu_seconds, peak_mb

COLUMNS = ["id", "summary", "updated", "_raw", "_hash"]
ROW_BYTES = 1_000
T0 = 1_700_000_000_000


def batches(numbers: range, at: int) -> Iterator[Any]:
    yield from Generated(numbers, ROW_BYTES, T0 + at).iter_batches(16_000, COLUMNS)


def by_dlt(folder: Path) -> Callable[[range, int], None]:
    import dlt
    import duckdb  # noqa: F401  dlt loads it when it connects
    import pyarrow as pa

    def land(numbers: range, at: int) -> None:
        rows = (pa.Table.from_batches([batch]) for batch in batches(numbers, at))
        issues = dlt.resource(rows, name="issues", primary_key="id", write_disposition="merge")
        pipeline = dlt.pipeline(
            "peers",
            pipelines_dir=str(folder / "pipelines"),
            destination=dlt.destinations.duckdb(str(folder / "dlt.duckdb")),
            dataset_name="jira",
        )
        pipeline.run(issues)

    return land


def by_duckdb(folder: Path) -> Callable[[range, int], None]:
    import duckdb
    import pyarrow as pa

    def land(numbers: range, at: int) -> None:
        with duckdb.connect(str(folder / "own.duckdb")) as db:
            staged = pa.Table.from_batches(batches(numbers, at))
            db.register("staged", staged)
            db.execute("CREATE TABLE IF NOT EXISTS issues AS SELECT * FROM staged LIMIT 0")
            sets = ", ".join(f"{name} = staged.{name}" for name in COLUMNS)
            values = ", ".join(f"staged.{name}" for name in COLUMNS)
            db.execute(
                "MERGE INTO issues USING staged ON issues.id = staged.id "
                f"WHEN MATCHED THEN UPDATE SET {sets} "
                f"WHEN NOT MATCHED THEN INSERT VALUES ({values})"
            )
            db.execute("CHECKPOINT")

    return land


CONTESTANTS = {"dlt, merge into DuckDB": by_dlt, "DuckDB, MERGE INTO": by_duckdb}


def landed(name: str, folder: str, numbers: range, at: int) -> dict[str, Any]:
    land = CONTESTANTS[name](Path(folder))
    loaded, written, clock = cpu_seconds(), written_bytes(), time.perf_counter()
    land(numbers, at)
    return {
        "importSeconds": round(loaded, 1),
        "cpuSeconds": round(cpu_seconds() - loaded, 1),
        "wallSeconds": round(time.perf_counter() - clock, 1),
        "writtenMb": round((written_bytes() - written) / 2**20, 1),
        "peakMb": peak_mb(),
    }


def written_bytes() -> int:
    lines = Path("/proc/self/io").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("wchar"))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--changes", type=int, nargs="*", default=[10_000, 200])
    asked = parser.parse_args()

    for name in CONTESTANTS:
        with tempfile.TemporaryDirectory(prefix="inlet-bench-") as folder:
            spreads = [range(0, asked.rows, asked.rows // changed) for changed in asked.changes]
            for at, numbers in enumerate([range(asked.rows), *spreads]):
                with multiprocessing.get_context("spawn").Pool(1) as pool:
                    figures = pool.apply(landed, (name, folder, numbers, at))
                print(json.dumps({"by": name, "rows": len(numbers), **figures}), flush=True)


if __name__ == "__main__":
    main()
