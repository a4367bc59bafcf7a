"""Where an Iceberg lake is: typed keys, and no bag of properties that a library would read."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from inlet_worker.sinks.iceberg.sqlite_dialect import LOCK_SECONDS
from inlet_worker.sinks.places import place_text

SQLITE = "sqlite:///"


class IcebergPlace(BaseModel):
    """`uri` is the SQL catalogue's, `region` the bucket's and Glue's. `endpoint_url` names an S3
    that is not AWS's: the platform's own lake on one machine has one, a tenant's config cannot.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)
    catalog: Literal["sql", "glue"]
    warehouse: str = Field(min_length=1)
    uri: str | None = Field(default=None, pattern=r"^sqlite:///[^?#]+\z")
    region: str | None = None
    endpoint_url: str | None = Field(default=None, alias="endpointUrl")
    needs_keys: bool = Field(default=False, alias="needsKeys")

    @property
    def as_text(self) -> str:
        """What tells this place from others."""
        return place_text(self.catalog, self.uri or self.region, self.warehouse, self.endpoint_url)

    @property
    def file_properties(self) -> dict[str, str]:
        """pyiceberg's properties of a catalogue's files."""
        named = {
            "warehouse": self.warehouse,
            "s3.region": self.region,
            "s3.endpoint": self.endpoint_url,
        }
        return {name: value for name, value in named.items() if value}

    @property
    def sql_uri(self) -> str:
        """For SQLAlchemy: writers wait for each other."""
        return f"{self.uri}?timeout={LOCK_SECONDS:.0f}"
