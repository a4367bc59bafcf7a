"""The contract suites, and what they run against."""
