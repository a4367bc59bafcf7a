"""One folder a sink; `inlet_sdk/ports/sink_endpoint.py` is the port."""
