"""One file a provider; `inlet_sdk/ports/staging_provider.py` is the port."""
