"""A tool over Arrow's tables: small, but a whole implementation of the port. Those that are engines
are in `tests_engines`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

import pyarrow as pa

from inlet_sdk.ports.execution_tool import BoundProgram, FunctionProgram, Program
from inlet_sdk.ports.policy import TransformPolicy
from inlet_worker.tools.exact_output import exact_batch

ORDER = {"tool": "pandas", "function": "acme.things:made"}
"""What a policy says; the plane's `transforms` says which function that is."""


class ArrowTool:
    name: ClassVar[str] = "arrow"

    def output_of(self, program: Program, inputs: Mapping[str, pa.Schema]) -> pa.Schema:
        return _called(program, {name: one.empty_table() for name, one in inputs.items()}).schema

    def run(
        self,
        program: Program,
        inputs: Mapping[str, pa.RecordBatchReader],
        output: pa.Schema,
    ) -> Iterator[pa.RecordBatch]:
        made = _called(program, {name: reader.read_all() for name, reader in inputs.items()})
        for batch in made.to_batches():
            yield exact_batch(batch, output)

    def close(self) -> None:
        """Nothing is kept."""


def packaged(function: Callable[..., pa.Table]) -> Callable[[TransformPolicy], BoundProgram]:
    """The function as an installed package offers it: another one is another version."""
    program = FunctionProgram(function)
    return lambda _: BoundProgram(ArrowTool(), program, f"acme {function.__name__}")


def _called(program: Program, inputs: Mapping[str, pa.Table]) -> pa.Table:
    assert isinstance(program, FunctionProgram)
    made: Any = program.function(**inputs)
    assert isinstance(made, pa.Table)
    return made
