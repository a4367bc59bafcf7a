"""Runs SQL statements in Spark over a lake whose catalogue is SQLite, in a process of its own: one
session a process, so that suites with other settings stay apart.

    python statements.py '{"jars": […], "folder": "/tmp/lake", "statements": ["SELECT …"]}'

Writes the rows of each statement, as lists of JSON values, to `<folder>/answers.json`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def run(order: dict[str, Any]) -> list[list[list[Any]]]:
    """Rows by statement."""
    from pyspark.sql import SparkSession

    catalog = "spark.sql.catalog.lake"
    settings = {
        "spark.jars": ",".join(order["jars"]),
        "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        catalog: "org.apache.iceberg.spark.SparkCatalog",
        f"{catalog}.type": "jdbc",
        f"{catalog}.uri": f"jdbc:sqlite:{order['folder']}/lake.db",
        f"{catalog}.jdbc.schema-version": "V0",
        f"{catalog}.warehouse": f"file://{order['folder']}/lake",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "1",
        "spark.ui.enabled": "false",
        "spark.driver.memory": "1g",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
    }
    builder = SparkSession.builder.master("local[1]").appName("statements")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    try:
        return [
            [list(row) for row in session.sql(statement).collect()]
            for statement in order["statements"]
        ]
    finally:
        session.stop()


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    Path(asked["folder"], "answers.json").write_text(json.dumps(run(asked)))
