"""The process that a tenant's query runs in: started with an empty environment, it limits itself,
opens DuckDB with every door shut, and gives up all means to open a file or a connection before it
sees the query.

tool -> process   a line of JSON: {op, sql, inputs: [{name, bytes}], rows, bytes}, then the
                  inputs as Arrow streams, one after the other
process -> tool   a line of JSON: {bytes}, then an Arrow stream; or {refused} or {failed}, with why
"""

from __future__ import annotations

import contextlib
import json
import resource
import sys
from typing import Any, BinaryIO

import duckdb
import pyarrow as pa

from inlet_worker.tools.duckdb.statement_rules import Refused, check_statement

ENGINE_SHARE = 3
"""The engine may hold a third of the process's memory: beside it are the inputs and the answer, and
what the engine does not count.
"""
BATCH_ROWS = 8192
MEGABYTE = 2**20
UNWANTED = ("pandas", "polars", "torch", "tensorflow")
"""Modules that Arrow and DuckDB would load where they are installed, only to see that they are
given none of theirs.
"""
WARM_UP = "SELECT x, upper(s) AS s, list_sum([x]) AS n, date_trunc('day', t) AS t FROM warm"


class _Without:
    """A finder of modules that finds none of these."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.partition(".")[0] in self._names:
            raise ModuleNotFoundError(name)


def main(memory_bytes: int, seconds: float) -> None:
    """Serves the tool at the other ends of standard input and output until it is gone."""
    sys.meta_path.insert(0, _Without(UNWANTED))
    pa.set_memory_pool(pa.system_memory_pool())
    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    connection = _locked(memory_bytes, seconds)
    _warm_up(connection)
    # No descriptor can be opened any more: no file, no socket, no pipe.
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))

    given, answers = sys.stdin.buffer, sys.stdout.buffer
    while line := given.readline():
        order = json.loads(line)
        inputs = {one["name"]: _read(given, one["bytes"]) for one in order["inputs"]}
        _answer(answers, *_run(connection, order, inputs))


def _locked(memory_bytes: int, seconds: float) -> Any:
    connection = duckdb.connect(":memory:")
    engine = f"{memory_bytes // ENGINE_SHARE // MEGABYTE}MB"
    for name, value in (
        ("memory_limit", f"'{engine}'"),
        ("threads", "1"),
        ("TimeZone", "'UTC'"),
        ("temp_directory", "''"),
        ("max_temp_directory_size", "'0B'"),
        ("python_enable_replacements", "false"),
        ("allow_persistent_secrets", "false"),
        ("allow_community_extensions", "false"),
        ("autoinstall_known_extensions", "false"),
        ("autoload_known_extensions", "false"),
        ("enable_external_access", "false"),
        ("max_execution_time", str(max(1, int(seconds * 1000)))),
        ("lock_configuration", "true"),
    ):
        connection.execute(f"SET {name} = {value}")
    return connection


def _warm_up(connection: Any) -> None:
    """Loads what Python and the engine load late."""
    times = pa.array([0], pa.timestamp("us", tz="UTC"))
    connection.register("warm", pa.table({"x": [1], "s": ["a"], "t": times}))
    columns = {"warm": ("x", "s", "t")}
    check_statement(connection, WARM_UP, columns)
    _ipc(connection.sql(WARM_UP).to_arrow_reader(BATCH_ROWS), None, MEGABYTE)
    with contextlib.suppress(duckdb.Error):
        connection.sql("SELECT 'a'::INTEGER FROM warm").fetchall()
    connection.unregister("warm")


def _run(
    connection: Any, order: dict[str, Any], inputs: dict[str, pa.Table]
) -> tuple[dict[str, Any], bytes]:
    for name, table in inputs.items():
        connection.register(name, table)
    try:
        if order["op"] == "describe":
            columns = {name: table.schema.names for name, table in inputs.items()}
            check_statement(connection, order["sql"], columns)
        made = connection.sql(order["sql"]).to_arrow_reader(BATCH_ROWS)
        result = _ipc(made, order["rows"], order["bytes"])
    except Refused as error:
        return {"refused": str(error)}, b""
    except (duckdb.Error, pa.ArrowException, MemoryError) as error:
        return {"failed": type(error).__name__, "message": str(error)[:2000]}, b""
    finally:
        for name in inputs:
            connection.unregister(name)
    return {"bytes": len(result)}, result


def _ipc(reader: pa.RecordBatchReader, most_rows: int | None, most_bytes: int) -> bytes:
    sink = pa.BufferOutputStream()
    rows = size = 0
    with pa.ipc.new_stream(sink, reader.schema) as writer:
        for batch in reader:
            rows, size = rows + batch.num_rows, size + batch.nbytes
            if most_rows is not None and rows > most_rows:
                raise Refused(f"it makes more than {most_rows} rows of as many")
            if size > most_bytes:
                raise Refused(f"it makes more than {most_bytes // MEGABYTE} MB of a batch of rows")
            writer.write_batch(batch)
    return bytes(sink.getvalue())


def _read(given: BinaryIO, size: int) -> pa.Table:
    return pa.ipc.open_stream(given.read(size)).read_all()


def _answer(answers: BinaryIO, told: dict[str, Any], body: bytes) -> None:
    answers.write(json.dumps(told).encode() + b"\n")
    answers.write(body)
    answers.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
