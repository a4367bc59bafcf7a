"""The protocols and types of documents 000 to 002."""
