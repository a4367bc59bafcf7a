"""Inlet's data plane: source, staging, sink (docs/design/planes.md)."""
