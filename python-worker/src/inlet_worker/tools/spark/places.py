"""Where Spark is: in this process's own JVM, behind Spark Connect, or in EMR Serverless. Which
one, the environment says (`INLET_SPARK`); no policy does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.execution_tool import ExecutionTool
from inlet_worker.staging.registry import open_store
from inlet_worker.tools.limits import ToolLimits
from inlet_worker.tools.spark.emr_serverless import EmrPlace, EmrServerlessTool
from inlet_worker.tools.spark.tool import SparkTool

EMR_SECONDS = 1800.0
"""A job waits for machines before it runs."""
EXACT = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.execution.pandas.convertToArrowArraySafely": "true",
}
"""Overflow is an error, and time is UTC, whatever the machine or the server says."""
LOCAL = {
    "spark.ui.enabled": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.sql.shuffle.partitions": "2",
    "spark.python.authenticate.socketTimeout": "10m",
    "spark.default.parallelism": "2",
}


def spark_tool(limits: ToolLimits, place: Mapping[str, Any]) -> ExecutionTool:
    """Of `{"kind": "local", "conf"?}`, `{"kind": "connect", "remote": "sc://…", "conf"?}`, or
    `{"kind": "emr-serverless", "applicationId", "executionRoleArn", "entryPoint", "bucket",
    "prefix", "seconds"?}`. Raises FatalError `CONFIG_INVALID` for another place.
    """
    kind = place.get("kind")
    own = dict(place.get("conf") or {})
    if kind == "local":
        return SparkTool(lambda: opened({"spark.master": "local[2]", **LOCAL, **own, **EXACT}))
    if kind == "emr-serverless":
        return _emr(place, limits)
    if kind == "connect" and str(place.get("remote", "")).startswith("sc://"):
        return SparkTool(lambda: opened({**own, **EXACT}, str(place["remote"])))
    raise FatalError(
        "CONFIG_INVALID",
        "The environment says nothing of a Spark: set INLET_SPARK to a place of "
        "docs/transforms.md, or choose another tool.",
        details={"field": "policy.transform.tool"},
    )


def _emr(place: Mapping[str, Any], limits: ToolLimits) -> ExecutionTool:
    import boto3

    bucket, prefix = place["bucket"], place["prefix"]
    emr = EmrPlace(
        application=place["applicationId"],
        role=place["executionRoleArn"],
        entry_point=place["entryPoint"],
        uri=f"s3://{bucket}/{prefix}",
    )
    store = open_store({"bucket": bucket, "prefix": prefix})
    seconds = float(place.get("seconds", max(limits.seconds, EMR_SECONDS)))
    return EmrServerlessTool(emr, boto3.client("emr-serverless"), store, seconds)


def opened(conf: Mapping[str, str], remote: str | None = None) -> Any:
    """A session; the one of this process where it has one."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("inlet")
    builder = builder.remote(remote) if remote else builder
    for name, value in conf.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()
