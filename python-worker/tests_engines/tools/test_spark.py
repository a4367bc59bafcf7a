"""The tool `spark`, on a local Spark, and what every tool promises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import pytest

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.execution_tool import ExecutionTool, FunctionProgram, Program, SqlProgram
from inlet_sdk.testing.contract_tool import ROWS, ToolContract
from inlet_worker.tools.registry import open_tool

from . import spark_programs as programs


class TestSpark(ToolContract):
    subject = "spark"
    programs: ClassVar[Mapping[str, Program]] = {
        "select": FunctionProgram(programs.select),
        "filter": FunctionProgram(programs.keep),
        "derive": FunctionProgram(programs.derive),
        "newest": FunctionProgram(programs.newest),
        "union": FunctionProgram(programs.union),
        "count": FunctionProgram(programs.count),
    }

    @pytest.fixture(scope="class")
    @classmethod
    def tool(cls) -> Iterator[ExecutionTool]:
        tool = open_tool("spark", spark={"kind": "local"})
        yield tool
        tool.close()

    def test_a_text_of_anybody_is_refused(self, tool: ExecutionTool) -> None:
        with pytest.raises(FatalError) as refused:
            tool.output_of(SqlProgram("SELECT 1"), {"rows": ROWS})
        assert refused.value.code == "CONFIG_INVALID"


def test_an_environment_without_spark_is_told_what_it_lacks() -> None:
    for place in ({}, {"kind": "yarn"}, {"kind": "connect", "remote": "http://x"}):
        with pytest.raises(FatalError) as refused:
            open_tool("spark", spark=place)
        assert refused.value.code == "CONFIG_INVALID" and "INLET_SPARK" in refused.value.message
