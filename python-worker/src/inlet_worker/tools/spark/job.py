"""What a job run of EMR Serverless runs: one function over Parquet, with Spark's own sessions as
exact as ours. Its image has the same packages as the worker's.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from inlet_worker.tools.packaged_functions import packaged_function
from inlet_worker.tools.spark.places import EXACT, opened

PARQUET = {
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
}
"""Times as they are, in the calendar that everybody else uses."""


def main(
    order: str,
    conf: dict[str, str] | None = None,
    find: Callable[[str], Any] = lambda name: packaged_function(name)[0],
) -> None:
    """`order` is JSON: {function, inputs: folder by name, output}."""
    given = json.loads(order)
    session = opened({**(conf or {}), **EXACT, **PARQUET})
    frames = {name: session.read.parquet(path) for name, path in given["inputs"].items()}
    made = find(given["function"]).function(**frames)
    made.write.parquet(given["output"])


if __name__ == "__main__":
    main(sys.argv[1])
