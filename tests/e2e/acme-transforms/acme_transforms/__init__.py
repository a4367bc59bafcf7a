"""Transforms of a company's own."""
