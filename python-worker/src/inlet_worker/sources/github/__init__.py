"""GitHub: its entry in the manifest. Nothing of it is read as rows yet."""
