"""Source to staging to sink, for one unit: the order of steps that makes landing exactly once."""
