"""Where the database is: typed keys of the config."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from inlet_worker.sinks.places import LOOPBACK, place_text
from inlet_worker.sinks.sink_config import config_invalid

Dialect = Literal["postgresql", "mysql", "mariadb", "sqlite"]
HOST = "config.host"
PORTS: dict[str, int] = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306}


class JdbcPlace(BaseModel):
    """Keys of a server, or of SQLite's file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)
    dialect: Dialect
    host: str | None = None
    port: int | None = None
    database: str | None = None
    schema_: str = Field(default="inlet", alias="schema")
    tls: Literal["verify-full", "disable"] = "verify-full"
    ca: str | None = Field(default=None, alias="caCertificate")
    path: str | None = None

    @property
    def as_text(self) -> str:
        """Ports of this machine are left out: they change with each start."""
        if self.dialect == "sqlite":
            return place_text("jdbc:sqlite", self.path)
        host = (self.host or "").lower()
        port = "" if host in LOOPBACK else str(self.server_port)
        schema = self.schema_ if self.dialect == "postgresql" else None
        family = "postgresql" if self.dialect == "postgresql" else "mysql"
        return place_text(f"jdbc:{family}", host, port, self.database, schema)

    def location_of(self, table: str) -> str:
        """What a receipt says of where it landed."""
        if self.dialect == "sqlite":
            return f"sqlite://{self.path}#{table}"
        schema = f"/{self.schema_}" if self.dialect == "postgresql" else ""
        return f"{self.dialect}://{self.host}:{self.server_port}/{self.database}{schema}#{table}"

    @property
    def server_port(self) -> int:
        return self.port or PORTS[self.dialect]


def check_place(place: JdbcPlace, sink: str, *, local: bool) -> None:
    """Raises FatalError `CONFIG_INVALID` for what only the local environment may say, and for a
    place that is none.
    """
    if place.dialect == "sqlite":
        if not local or not place.path:
            raise config_invalid(sink, "dialect", "sqlite is for the local environment, with path")
    elif place.tls == "disable" and not local:
        raise config_invalid(sink, "tls", "must be verify-full")
    elif not place.host or not place.database:
        raise config_invalid(sink, "host", "and database are required")
