"""Execution tool `pandas`: a function of an installed package, in the run's own process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import pandas as pd
import pyarrow as pa

from inlet_sdk.errors import FatalError, IngestError
from inlet_sdk.ports.execution_tool import FunctionProgram, Program
from inlet_worker.tools.exact_output import exact_batch, failed, named


class PandasTool:
    """The function is given frames whose columns are Arrow's own (`ArrowDtype`), so that a column
    of whole numbers stays one when a value is missing, and answers such a frame.
    """

    name: ClassVar[str] = "pandas"

    def output_of(self, program: Program, inputs: Mapping[str, pa.Schema]) -> pa.Schema:
        empty = {name: pa.Table.from_batches([], schema) for name, schema in inputs.items()}
        try:
            return _called(program, empty).schema
        except FatalError as error:
            if error.code != "TRANSFORM_FAILED":
                raise
            raise FatalError("CONFIG_INVALID", error.message, details=error.details) from error

    def run(
        self,
        program: Program,
        inputs: Mapping[str, pa.RecordBatchReader],
        output: pa.Schema,
    ) -> Iterator[pa.RecordBatch]:
        table = _called(program, {name: reader.read_all() for name, reader in inputs.items()})
        for batch in table.to_batches():
            yield exact_batch(batch, output)

    def close(self) -> None:
        """Nothing is kept."""


def _called(program: Program, inputs: Mapping[str, pa.Table]) -> pa.Table:
    if not isinstance(program, FunctionProgram):
        raise FatalError(
            "CONFIG_INVALID",
            "pandas runs functions of installed packages: give policy.transform.function, and no "
            "query.",
            details={"field": "policy.transform.function"},
        )

    frames = {name: table.to_pandas(types_mapper=pd.ArrowDtype) for name, table in inputs.items()}
    try:
        made = program.function(**frames)
    except IngestError:
        raise
    except Exception as error:  # its text may quote a row
        raise failed(
            f"The transform's function failed with {type(error).__name__}. Mend the function for "
            "such rows."
        ) from None
    if not isinstance(made, pd.DataFrame):
        raise failed("The transform's function answered no DataFrame. Let it return one.")
    return _table(made)


def _table(frame: pd.DataFrame) -> pa.Table:
    odd = [str(name) for name in frame.columns if not isinstance(name, str)]
    if odd or frame.columns.has_duplicates:
        raise failed("The transform's columns need names that are text, each its own. Name them.")
    return pa.table({name: _array(str(name), frame[name]) for name in frame.columns})


def _array(name: str, column: Any) -> pa.ChunkedArray:
    """Values of Python objects are none of a type: what Arrow would guess differs by batch."""
    if isinstance(column.dtype, pd.ArrowDtype):
        return column.array.__arrow_array__()
    if column.dtype == object:
        raise failed(
            f"Column {named([name])} holds Python objects. Make it `pd.ArrowDtype(pa.…)`, so that "
            "its type is the same for every batch."
        )
    try:
        return pa.chunked_array([pa.Array.from_pandas(column)])
    except pa.ArrowException:
        raise failed(
            f"Column {named([name])} is of a type that Arrow lacks. Make it `pd.ArrowDtype(pa.…)`."
        ) from None
