"""Lands a slice in a process of its own, which is killed at a statement: config, run, first and
last id, and the number of the statement, as JSON. It says how many there were.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

from inlet_sdk.testing.contract_sink import TARGET, a_commit, staged
from inlet_sdk.testing.contract_staging import a_row
from inlet_worker.sinks.jdbc.database import Database
from inlet_worker.sinks.jdbc.endpoint import JdbcSink
from inlet_worker.sinks.jdbc.login import DatabaseLogin
from inlet_worker.sinks.jdbc.mysql import MysqlDatabase
from inlet_worker.sinks.jdbc.postgresql import PostgresDatabase
from inlet_worker.staging.in_memory import InMemoryStaging

from .servers import GUARD

asked = 0


def counted(database: type[Database], name: str, kill_at: int) -> None:
    """Kills this process before, or after, a statement."""
    original = getattr(database, name)

    def count(*args: Any, **named: Any) -> Any:
        global asked
        for moment in ("before", "after"):
            asked += 1
            if asked == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            if moment == "before":
                answer = original(*args, **named)
        return answer

    setattr(database, name, count)


def main() -> None:
    config, run, first, last, kill_at = json.loads(sys.argv[1])
    database = PostgresDatabase if config["dialect"] == "postgresql" else MysqlDatabase
    for name in ("run", "rows", "load"):
        counted(database, name, kill_at)
    sink = JdbcSink(config, GUARD, DatabaseLogin("inlet", "secret"))
    rows = [a_row(n) for n in range(first, last)]
    sink.commit(TARGET, staged(InMemoryStaging(), rows), a_commit(run))
    sys.stdout.write(str(asked))


main()
