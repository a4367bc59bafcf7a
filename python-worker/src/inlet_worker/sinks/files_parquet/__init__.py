"""Parquet files in a folder or bucket."""
