"""One folder a connector; `inlet_sdk/ports/source_endpoint.py` is the port, `HttpEndpoint` the base
for vendors behind HTTP.
"""
