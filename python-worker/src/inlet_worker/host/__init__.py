"""What the data plane stands in: AWS, logs, manifest, egress proxy."""
