"""`warehouse.iceberg`: one snapshot a slice, merged by a plan of our own."""
