"""Execution tools: engines that make rows of rows, each an extra of the worker."""
