"""The six programs of the contract suite, for Spark."""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as f


def select(rows: DataFrame) -> DataFrame:
    return rows.select(f.col("id").alias("key"), f.col("version").alias("number"))


def keep(rows: DataFrame) -> DataFrame:
    return rows.filter(f.col("open"))


def derive(rows: DataFrame) -> DataFrame:
    return rows.select(
        "*",
        (f.col("version") + 1).alias("next"),
        f.upper("title").alias("upper"),
        f.year("updated").cast("long").alias("year"),
    )


def newest(rows: DataFrame) -> DataFrame:
    latest = Window.partitionBy("id").orderBy(f.col("version").desc())
    return rows.withColumn("turn", f.row_number().over(latest)).filter("turn = 1").drop("turn")


def union(rows: DataFrame, others: DataFrame) -> DataFrame:
    return rows.unionByName(others)


def count(rows: DataFrame) -> DataFrame:
    return rows.groupBy("title").agg(f.count("*").alias("n"))
