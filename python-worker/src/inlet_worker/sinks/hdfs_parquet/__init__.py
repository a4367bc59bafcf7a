"""Parquet files in HDFS, by its REST interface."""
