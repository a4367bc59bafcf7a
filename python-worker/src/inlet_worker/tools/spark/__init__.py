"""The execution tool Spark."""
