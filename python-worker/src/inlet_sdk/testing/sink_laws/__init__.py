"""What every sink promises, by theme. `contract_sink.py` gathers it."""
