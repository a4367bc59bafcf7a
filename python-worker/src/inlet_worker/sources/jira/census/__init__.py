"""Which landed issues, comments and worklogs are gone: one file per unit, and what they share."""
