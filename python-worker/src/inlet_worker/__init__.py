"""Inlet's data plane: source, staging, sink (DESIGN section 3)."""
