"""The wall between what tenants name and our own network (docs/adr/0018)."""
