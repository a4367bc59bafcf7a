"""The execution tool DuckDB."""
