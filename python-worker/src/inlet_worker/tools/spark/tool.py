"""Execution tool `spark`: a function of an installed package, in a Spark session of the
environment's: local, or behind Spark Connect. No tenant's text reaches it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

import pyarrow as pa
from pyspark.errors import PySparkException
from pyspark.sql.pandas.types import to_arrow_schema

from inlet_sdk.errors import FatalError, IngestError
from inlet_sdk.ports.execution_tool import FunctionProgram, Program
from inlet_worker.tools.exact_output import exact_batch, failed


class SparkTool:
    """The function is given data frames of Spark, and answers one."""

    name: ClassVar[str] = "spark"

    def __init__(self, open_session: Callable[[], Any]) -> None:
        self._open_session = open_session
        self._session_: Any = None

    def output_of(self, program: Program, inputs: Mapping[str, pa.Schema]) -> pa.Schema:
        function = _function(program)
        empty = {name: pa.Table.from_batches([], schema) for name, schema in inputs.items()}
        try:
            return to_arrow_schema(self._made(function, empty).schema)
        except FatalError as error:
            raise FatalError("CONFIG_INVALID", error.message, details=error.details) from None

    def run(
        self,
        program: Program,
        inputs: Mapping[str, pa.RecordBatchReader],
        output: pa.Schema,
    ) -> Iterator[pa.RecordBatch]:
        function = _function(program)
        tables = {name: reader.read_all() for name, reader in inputs.items()}
        made = self._made(function, tables)
        for batch in _told(made.toArrow).to_batches():
            yield exact_batch(batch, output)

    def close(self) -> None:
        session, self._session_ = self._session_, None
        if session is not None:
            session.stop()

    @property
    def _session(self) -> Any:
        if self._session_ is None:
            self._session_ = self._open_session()
        return self._session_

    def _made(self, function: Callable[..., Any], tables: Mapping[str, pa.Table]) -> Any:
        frames = {name: self._session.createDataFrame(table) for name, table in tables.items()}
        made = _told(lambda: function(**frames))
        if not hasattr(made, "toArrow"):
            raise failed("The transform's function answered no DataFrame. Let it return one.")
        if len(set(made.columns)) != len(made.columns):
            raise failed("Two columns of the transform have one name. Give each its own.")
        return made


def _function(program: Program) -> Callable[..., Any]:
    if isinstance(program, FunctionProgram):
        return program.function
    raise FatalError(
        "CONFIG_INVALID",
        "Spark runs functions of installed packages: give policy.transform.function, and no query.",
        details={"field": "policy.transform.function"},
    )


def _told(ask: Callable[[], Any]) -> Any:
    """What Spark says may quote a row, so only the kind of a failure is told."""
    try:
        return ask()
    except IngestError:
        raise
    except PySparkException as error:
        kind = error.getCondition() or type(error).__name__
        raise failed(
            f"Spark failed on the transform's rows with {kind}. Mend the function for such rows."
        ) from None
    except Exception as error:
        raise failed(
            f"The transform's function failed with {type(error).__name__}. Mend the function for "
            "such rows."
        ) from None
