"""The tool `duckdb` and what every tool promises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import pytest

from inlet_sdk.ports.execution_tool import ExecutionTool, Program, SqlProgram
from inlet_sdk.testing.contract_tool import ToolContract
from inlet_worker.tools.registry import open_tool

QUERIES = {
    "select": "SELECT id AS key, version AS number FROM rows",
    "filter": "SELECT * FROM rows WHERE open",
    "derive": "SELECT *, version + 1 AS next, upper(title) AS upper, year(updated) AS year "
    "FROM rows",
    "newest": "SELECT * FROM rows "
    "QUALIFY row_number() OVER (PARTITION BY id ORDER BY version DESC) = 1",
    "union": "SELECT * FROM rows UNION ALL SELECT * FROM others",
    "count": "SELECT title, count(*) AS n FROM rows GROUP BY title",
}


class TestDuckDb(ToolContract):
    subject = "duckdb"
    programs: ClassVar[Mapping[str, Program]] = {
        case: SqlProgram(text) for case, text in QUERIES.items()
    }

    @pytest.fixture(scope="class")
    @classmethod
    def tool(cls) -> Iterator[ExecutionTool]:
        tool = open_tool("duckdb")
        yield tool
        tool.close()
