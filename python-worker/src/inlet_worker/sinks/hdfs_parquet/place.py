"""Where a sink in HDFS is, and the names that its tables have there."""

from __future__ import annotations

from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field

from inlet_sdk.ports.sink_endpoint import SinkTarget

DELEGATION_TOKEN, BASIC = "delegation_token", "basic"
"""Types of a credential."""


class HdfsPlace(BaseModel):
    """`path` is absolute, below which all files lie. `user` is who we say we are where a cluster
    believes that.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)
    url: str = Field(min_length=1)
    path: str = Field(pattern=r"^(?:/[A-Za-z0-9_=-]+)+$")
    user: str | None = Field(default=None, pattern=r"^[A-Za-z_][A-Za-z0-9_.-]*$")


def table_path(place: HdfsPlace, target: SinkTarget) -> str:
    """The target's folder: one name each for namespace and table, whatever characters they have."""
    return f"{place.path}/{file_name(target.namespace)}/{file_name(target.table)}"


def file_name(text: str) -> str:
    """Another name for another text; letters, digits and `_ - =` stay, and dots that are not first.
    HDFS takes no colon, and gateways decode a percent sign once more.
    """
    quoted = quote(text, safe="=").replace("~", "%7E").replace("%", "~")
    return f"~2E{quoted[1:]}" if quoted.startswith(".") else quoted
