"""Execution tool `duckdb`: a query of anybody's, in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import pyarrow as pa

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.execution_tool import Program, SqlProgram
from inlet_worker.tools.duckdb.sandbox import Sandbox
from inlet_worker.tools.exact_output import exact_batch
from inlet_worker.tools.limits import ToolLimits


class DuckDbTool:
    """What a query is may be is in `statement_rules.py`, what it may use in `sandbox_main.py`."""

    name: ClassVar[str] = "duckdb"

    def __init__(self, limits: ToolLimits) -> None:
        self._sandbox = Sandbox(limits)

    def output_of(self, program: Program, inputs: Mapping[str, pa.Schema]) -> pa.Schema:
        return self._sandbox.describe(_text(program), inputs)

    def run(
        self,
        program: Program,
        inputs: Mapping[str, pa.RecordBatchReader],
        output: pa.Schema,
    ) -> Iterator[pa.RecordBatch]:
        sql = _text(program)
        self._sandbox.describe(sql, {name: reader.schema for name, reader in inputs.items()})
        tables = {name: reader.read_all() for name, reader in inputs.items()}
        for batch in self._sandbox.run(sql, tables).to_batches():
            yield exact_batch(batch, output)

    def close(self) -> None:
        self._sandbox.close()


def _text(program: Program) -> str:
    if isinstance(program, SqlProgram):
        return program.text
    raise FatalError(
        "CONFIG_INVALID",
        "DuckDB runs queries: give policy.transform.sql, and no function.",
        details={"field": "policy.transform.sql"},
    )
