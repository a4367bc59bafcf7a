"""The sink `jdbc` on servers that the tests start."""
