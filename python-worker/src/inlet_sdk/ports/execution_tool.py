"""The port of execution tools (document 000): engines that make rows of rows. Contract suite:
`testing/contract_tool.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeAlias, runtime_checkable

import pyarrow as pa


@dataclass(frozen=True)
class SqlProgram:
    """One query over the inputs, which are tables of their names. Its text may be anybody's."""

    text: str


@dataclass(frozen=True)
class FunctionProgram:
    """A function of an installed package. It is called with the inputs by name, each as the
    engine's own table, and answers one of them.
    """

    function: Callable[..., Any]


Program: TypeAlias = SqlProgram | FunctionProgram


@runtime_checkable
class ExecutionTool(Protocol):
    """An engine. All of them answer the same of the same rows: no value is rounded, cut, shifted to
    another time zone or made null on the way in or out.
    """

    name: ClassVar[str]

    def output_of(self, program: Program, inputs: Mapping[str, pa.Schema]) -> pa.Schema:
        """The columns that the program makes, as the engine types them, found without a row. Raises
        FatalError `CONFIG_INVALID` for a program that cannot or must not run.
        """

    def run(
        self,
        program: Program,
        inputs: Mapping[str, pa.RecordBatchReader],
        output: pa.Schema,
    ) -> Iterator[pa.RecordBatch]:
        """Batches of exactly the schema `output`. Raises FatalError `TRANSFORM_FAILED` where the
        program fails on these rows, makes other columns, or a value that its column cannot hold as
        it is; the message names the column and quotes no row.
        """

    def close(self) -> None:
        """End what the engine runs. Idempotent."""


@dataclass(frozen=True)
class BoundProgram:
    """A program with the tool that runs it. version: of the package that a function is of; empty
    for a query, which is its own version.
    """

    tool: ExecutionTool
    program: Program
    version: str = ""
