"""The tool `pandas` and what every tool promises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import pytest

from inlet_sdk.ports.execution_tool import ExecutionTool, FunctionProgram, Program
from inlet_sdk.testing.contract_tool import ToolContract
from inlet_worker.tools.registry import open_tool

from . import programs


class TestPandas(ToolContract):
    subject = "pandas"
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
        tool = open_tool("pandas")
        yield tool
        tool.close()
