"""The tool's side of the process that queries run in: started, watched, killed."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

import inlet_worker
from inlet_sdk.errors import FatalError
from inlet_worker.tools.exact_output import failed
from inlet_worker.tools.limits import ToolLimits

START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from inlet_worker.tools.duckdb.sandbox_main import main; "
    "main(int(sys.argv[2]), float(sys.argv[3]))"
)
"""Isolated Python reads no variable and no directory of ours, so it is told where the code is."""
STARTING_SECONDS = 60.0
GRACE_SECONDS = 5.0
"""The engine stops a query by itself where it looks at the clock; where it does not, it is
killed.
"""
LONGEST_LINE = 16_384
LONGEST_MESSAGE = 300


class Sandbox:
    """One process at a time; the next call starts another where it had to be killed."""

    def __init__(self, limits: ToolLimits) -> None:
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._is_fresh = True

    def describe(self, sql: str, inputs: Mapping[str, pa.Schema]) -> pa.Schema:
        """The columns of a query that is allowed. Raises FatalError `CONFIG_INVALID`."""
        empty = {name: pa.Table.from_batches([], schema) for name, schema in inputs.items()}
        return self._asked("describe", sql, empty).schema

    def run(self, sql: str, inputs: Mapping[str, pa.Table]) -> pa.Table:
        """Of a query that was described. Raises FatalError `TRANSFORM_FAILED`."""
        return self._asked("run", sql, inputs)

    def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for end in (process.stdin, process.stdout):
                if end is not None:
                    with contextlib.suppress(OSError):
                        end.close()

    def _asked(self, op: str, sql: str, inputs: Mapping[str, pa.Table]) -> pa.Table:
        bodies = {name: _ipc(table) for name, table in inputs.items()}
        order = {
            "op": op,
            "sql": sql,
            "inputs": [{"name": name, "bytes": len(body)} for name, body in bodies.items()],
            "rows": self._limits.output_rows,
            "bytes": self._limits.output_bytes,
        }
        told, body = self._exchanged(json.dumps(order).encode() + b"\n", list(bodies.values()))

        if told is None:
            self.close()
            raise _refused(op, self._killed())
        if "refused" in told:
            raise _refused(op, f"The query is not allowed: {told['refused']}.")
        if "failed" in told:
            raise _refused(op, _failure(op, told))
        return _table(body)

    def _exchanged(
        self, head: bytes, bodies: list[pa.Buffer]
    ) -> tuple[dict[str, Any] | None, bytes]:
        """None where the process is gone, or says more than it may."""
        process = self._running()
        patience = self._limits.seconds + GRACE_SECONDS
        patience += STARTING_SECONDS if self._is_fresh else 0.0
        watch = threading.Timer(patience, process.kill)
        watch.daemon = True
        watch.start()
        try:
            return self._said(process, head, bodies)
        except (OSError, ValueError):
            return None, b""
        finally:
            watch.cancel()
            self._is_fresh = False

    def _said(
        self, process: subprocess.Popen[bytes], head: bytes, bodies: list[pa.Buffer]
    ) -> tuple[dict[str, Any] | None, bytes]:
        given, answers = process.stdin, process.stdout
        if given is None or answers is None:
            return None, b""
        given.write(head)
        for body in bodies:
            given.write(body)
        given.flush()

        line = answers.readline(LONGEST_LINE)
        told = json.loads(line) if line.endswith(b"\n") else None
        size = int(told.get("bytes", 0)) if isinstance(told, dict) else 0
        if not isinstance(told, dict) or not 0 <= size <= 2 * self._limits.output_bytes:
            return None, b""
        body = answers.read(size)
        return (told, body) if len(body) == size else (None, b"")

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            limits = (str(self._limits.memory_bytes), str(self._limits.seconds))
            code = str(Path(inlet_worker.__file__).parent.parent)
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", START, code, *limits],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                close_fds=True,
                cwd="/",
                env={},
            )
            self._is_fresh = True
        return self._process

    def _killed(self) -> str:
        memory = self._limits.memory_bytes // 2**20
        return (
            f"The query needs more than {self._limits.seconds:g} s or {memory} MB for one batch of "
            "rows. Make it simpler."
        )


def _failure(op: str, told: Mapping[str, Any]) -> str:
    """What the engine says of a query that was asked without rows quotes the query alone; what it
    says of rows may quote them, so only its kind is told.
    """
    kind = str(told["failed"]).removesuffix("Exception")
    if op == "describe":
        said = " ".join(str(told.get("message", "")).split())[:LONGEST_MESSAGE]
        return f"DuckDB refuses the query: {said}. Correct it."
    return (
        f"The query failed on a batch of rows: {_KINDS.get(kind, kind)}. Let it take every value "
        "that its columns can hold, for example with TRY_CAST."
    )


_KINDS = {
    "Conversion": "a value cannot be cast",
    "OutOfRange": "a result is out of range",
    "OutOfMemory": "it needs more memory than a transform may use",
    "Interrupt": "it takes longer than a transform may",
}


def _refused(op: str, message: str) -> FatalError:
    if op != "describe":
        return failed(message)
    return FatalError("CONFIG_INVALID", message, details={"field": "policy.transform.sql"})


def _ipc(table: pa.Table) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def _table(body: bytes) -> pa.Table:
    """The process may not be ours any more: nothing of what it says is taken unseen."""
    try:
        table = pa.ipc.open_stream(body).read_all()
        table.validate(full=True)
    except pa.ArrowException:
        raise failed("The query's answer cannot be read. Make it simpler.") from None
    return table
