"""The execution tool pandas."""
