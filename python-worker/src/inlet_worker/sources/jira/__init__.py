"""Jira Cloud: `endpoint.py` is the connector, one file per idea beside it."""
