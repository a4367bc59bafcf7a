"""Which database a place is. Drivers load when they are asked for."""

from __future__ import annotations

from inlet_sdk.http.egress.guard import EgressGuard
from inlet_worker.sinks.jdbc.database import Database
from inlet_worker.sinks.jdbc.login import DatabaseLogin
from inlet_worker.sinks.jdbc.place import JdbcPlace


def open_database(place: JdbcPlace, guard: EgressGuard, login: DatabaseLogin | None) -> Database:
    """A connection. Raises as `Database` does, and what the egress guard raises."""
    if place.dialect == "sqlite":
        from inlet_worker.sinks.jdbc.sqlite import SqliteDatabase

        return SqliteDatabase(place)
    if place.dialect == "postgresql":
        from inlet_worker.sinks.jdbc.postgresql import PostgresDatabase

        return PostgresDatabase(place, guard, login)

    from inlet_worker.sinks.jdbc.mysql import MysqlDatabase

    return MysqlDatabase(place, guard, login)
