"""Every execution tool by name. A new one is a folder here and one line below. Its engine is an
extra of the worker, and loads when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any, TypeAlias

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.execution_tool import BoundProgram, ExecutionTool, SqlProgram
from inlet_sdk.ports.policy import TransformPolicy
from inlet_worker.tools.limits import ToolLimits
from inlet_worker.tools.packaged_functions import packaged_function

Place: TypeAlias = Mapping[str, Any]
"""Where an engine that is not this process's own is."""


@dataclass(frozen=True)
class ToolType:
    """`module`: without it the tool is not installed."""

    module: str
    load: Callable[[ToolLimits, Place], ExecutionTool]


def _duckdb(limits: ToolLimits, _: Place) -> ExecutionTool:
    from inlet_worker.tools.duckdb.tool import DuckDbTool

    return DuckDbTool(limits)


def _pandas(_: ToolLimits, __: Place) -> ExecutionTool:
    from inlet_worker.tools.pandas.tool import PandasTool

    return PandasTool()


def _spark(limits: ToolLimits, place: Place) -> ExecutionTool:
    from inlet_worker.tools.spark.places import spark_tool

    return spark_tool(limits, place)


TOOLS = {
    "duckdb": ToolType("duckdb", _duckdb),
    "pandas": ToolType("pandas", _pandas),
    "spark": ToolType("pyspark", _spark),
}


def open_tool(
    name: str, limits: ToolLimits | None = None, spark: Place = MappingProxyType({})
) -> ExecutionTool:
    """`spark`: where the environment has one (`tools/spark/places.py`). Raises FatalError
    `CONFIG_INVALID` for a tool that is unknown or not installed here.
    """
    if name not in TOOLS:
        raise _refused(f"No execution tool is called {name}: use one of {', '.join(TOOLS)}.")
    tool = TOOLS[name]
    if find_spec(tool.module) is None:
        raise _refused(
            f"This worker has no {name}: install it with `pip install inlet-worker[{name}]`, or "
            "choose another tool."
        )
    return tool.load(limits or ToolLimits(), spark)


def bind_transform(
    order: TransformPolicy, limits: ToolLimits, spark: Place = MappingProxyType({})
) -> BoundProgram:
    """What a unit's policy orders, ready to run. Raises FatalError `CONFIG_INVALID` for a tool or a
    function that this worker does not have.
    """
    tool = open_tool(order.tool, limits, spark)
    if order.sql is not None:
        return BoundProgram(tool, SqlProgram(order.sql))
    program, version = packaged_function(order.function or "")
    return BoundProgram(tool, program, version)


def _refused(message: str) -> FatalError:
    return FatalError("CONFIG_INVALID", message, details={"field": "policy.transform.tool"})
