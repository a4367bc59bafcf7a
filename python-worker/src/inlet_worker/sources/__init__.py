"""One folder or file a connector; `source_endpoint.py` is the port, `http_endpoint.py` the base for
HTTP APIs.
"""
