"""One file a provider; `staging_provider.py` is the port."""
