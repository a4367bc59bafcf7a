"""`cdm`: records of the Common Data Model, written through another sink of the tenant."""
