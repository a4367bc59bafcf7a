"""Sink `jdbc`: a database of the tenant's own. One protocol (`endpoint.py`), one `Database` for
each kind of server.
"""
