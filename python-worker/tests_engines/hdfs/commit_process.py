"""One commit in a process of its own, which kills or stops itself at a request.

python -m tests_engines.hdfs.commit_process JSON, with `url`, `path`, `user`, `run`, `epoch`, `mode`
and `ids` of the commit; `signal` comes before the request of number `at`, those to data nodes
counted. Says what became of the commit, and how many requests there were.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

from inlet_sdk.errors import IngestError
from inlet_sdk.testing.contract_sink import TARGET, a_commit, staged
from inlet_sdk.testing.contract_staging import a_row
from inlet_worker.sinks.hdfs_parquet.answers import Answer
from inlet_worker.sinks.hdfs_parquet.connection import HdfsConnection
from inlet_worker.sinks.hdfs_parquet.endpoint import HdfsParquetSink
from inlet_worker.staging.in_memory import InMemoryStaging

from .sinks import LOCAL


def main() -> None:
    given = json.loads(sys.argv[1])
    asked = 0
    send = HdfsConnection._send

    def counted(self: HdfsConnection, *request: Any) -> Answer:
        nonlocal asked
        asked += 1
        if asked == given.get("at"):
            os.kill(os.getpid(), signal.Signals[given.get("signal", "SIGKILL")])
        return send(self, *request)

    HdfsConnection._send = counted  # type: ignore[method-assign]
    place = {name: given[name] for name in ("url", "path", "user")}
    sink = HdfsParquetSink(place, guard=LOCAL)
    rows = staged(InMemoryStaging(), [a_row(n) for n in given["ids"]])
    commit = a_commit(given["run"], given["epoch"], given["mode"])

    try:
        said = str(sink.commit(TARGET, rows, commit).landed)
    except IngestError as e:
        said = e.code
    sys.stdout.write(json.dumps({"said": said, "requests": asked}))


if __name__ == "__main__":
    main()
