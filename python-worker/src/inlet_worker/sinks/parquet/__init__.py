"""What sinks of parquet files have in common: their rows, columns, and what is kept of commits."""
