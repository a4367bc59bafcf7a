"""What sources, staging providers and sinks are made of. It knows no host."""
