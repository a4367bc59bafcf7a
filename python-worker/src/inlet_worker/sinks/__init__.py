"""One file a sink; `sink_endpoint.py` is the port."""
