"""Fields that a target of a sink names beside those of the catalogue, and which of its fields get a
column with a commit (docs/adr/0036-types-that-change.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.sink_endpoint import LandedColumn, SinkTarget


@dataclass(frozen=True)
class RetypedField(FieldDescriptor):
    """A column for the values of the field `of`, whose own column in the landed table has another
    type.
    """

    of: str = ""


@dataclass(frozen=True)
class NewField(RetypedField):
    """A column that the landed table lacks and may not get: a row with a value in it does
    not fit.
    """


def new_fields(
    target: SinkTarget, landed: Mapping[str, LandedColumn], policy: Policy
) -> tuple[FieldDescriptor, ...]:
    """The fields that have no column yet and get one. Raises FatalError `SINK_REJECTED` where a
    column of that name has another type, and `SCHEMA_FROZEN` where the policy takes no new one.
    """
    fields = [field for field in target.fields if not isinstance(field, NewField)]
    for field in fields:
        column = landed.get(field.name)
        if column is not None and field.type not in column.types:
            kept = " or ".join(sorted(column.types))
            raise FatalError(
                "SINK_REJECTED",
                f"Column {field.name} is {kept} in {target.table}, but the source now says "
                f"{field.type}: rename the column, or land the unit in a place of its own.",
            )

    new = tuple(field for field in fields if field.name not in landed)
    if new and policy.schema == "freeze":
        names = ", ".join(field.name for field in new)
        raise FatalError(
            "SCHEMA_FROZEN", f"New columns {names}: set policy.schema to evolve to take them."
        )
    return new
