"""What a unit's transform makes: the columns that land, found on no rows before anything is read
(docs/transforms.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson
import pyarrow as pa

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.execution_tool import BoundProgram
from inlet_sdk.ports.policy import Policy, TransformPolicy
from inlet_sdk.ports.results import Evidence, IngestionUnitResult
from inlet_worker.pipeline.endpoint_registry import EndpointRegistry
from inlet_worker.staging.columns import ARROW_TYPES, RAW

ROWS = "rows"
"""What a program calls its input."""
OWN = "_"
"""Columns that begin so are ours."""
MOST_COLUMNS = 1000
LONGEST_NAME = 200
FIRST_VERSION = 1
"""Of how an answer becomes rows: raised when the same answer makes other ones."""


@dataclass(frozen=True)
class Transform:
    """given: columns of the input. made: those of the answer that land, as Arrow. fields: the same
    as fields. read: the fields of the source.
    """

    order: TransformPolicy
    bound: BoundProgram
    keys: tuple[str, ...]
    ordering: tuple[str, ...]
    read: tuple[FieldDescriptor, ...]
    given: pa.Schema
    answer: pa.Schema
    fields: tuple[FieldDescriptor, ...]

    @classmethod
    def of(
        cls,
        order: TransformPolicy,
        bound: BoundProgram,
        policy: Policy,
        read: Sequence[FieldDescriptor],
    ) -> Transform:
        """Runs the program on no rows. Raises FatalError `CONFIG_INVALID` for one that cannot run,
        or loses what identifies a row.
        """
        given = pa.schema([*((f.name, ARROW_TYPES[f.type]) for f in read), (RAW, pa.string())])
        answer = bound.tool.output_of(bound.program, {ROWS: given})
        fields = _fields(answer, read, policy)
        ordered = (policy.cursor_field, policy.sequence_field)
        known = {field.name for field in read}
        ordering = tuple(name for name in ordered if name and name in known)
        _refuse_lost(fields, read, (*policy.primary_keys, *ordering))

        typed = {field.name: ARROW_TYPES[field.type] for field in fields}
        output = pa.schema([(f.name, typed.get(f.name, f.type)) for f in answer])
        return cls(order, bound, policy.primary_keys, ordering, tuple(read), given, output, fields)

    def close(self) -> None:
        """End the tool."""
        self.bound.tool.close()

    @property
    def digest(self) -> str:
        """Stands for all that decides what a row becomes."""
        told = {
            "tool": self.order.tool,
            "program": self.order.sql or self.order.function,
            "filters": self.order.filters,
            "package": self.bound.version,
            "version": FIRST_VERSION,
        }
        return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def open_transform(
    registry: EndpointRegistry,
    policy: Policy,
    read: Sequence[FieldDescriptor],
    *,
    lands: bool = True,
) -> Transform | None:
    """None where the policy orders nothing. Raises FatalError `CONFIG_INVALID` for an order that
    cannot be obeyed; `lands` is false for the knowledge base, which takes records and no rows.
    """
    order = policy.transform
    if order is None:
        return None
    if not lands:
        raise _refused("The knowledge base takes records as they are. Leave policy.transform out.")
    _refuse_policy(policy, order)
    bound = registry.transform(order)
    try:
        return Transform.of(order, bound, policy, read)
    except BaseException:
        bound.tool.close()
        raise


def with_uncompared(
    result: IngestionUnitResult, transform: Transform | None
) -> IngestionUnitResult:
    """The answer of the last slice, which says that no census was taken where rows are left out."""
    if transform is None or not (transform.order.filters and result.done):
        return result
    message = "policy.transform leaves rows out, so what has landed was not compared."
    uncompared = Evidence("CENSUS_UNCOMPARED", message, "info")
    return replace(result, evidence=(*result.evidence, uncompared))


def _refuse_policy(policy: Policy, order: TransformPolicy) -> None:
    if not policy.primary_keys:
        raise _refused(
            "A transform needs to know which row is which. Set policy.primaryKeys.", "primaryKeys"
        )
    if order.filters and policy.wants_deletes:
        raise _refused(
            "Where a transform leaves rows out, nothing tells a row that was left out from one "
            "that is gone. Set policy.deletes to ignore.",
            "deletes",
        )


def _fields(
    answer: pa.Schema, read: Sequence[FieldDescriptor], policy: Policy
) -> tuple[FieldDescriptor, ...]:
    if len(set(answer.names)) != len(answer.names):
        raise _refused("Two columns of the transform have one name. Give each its own.")
    if len(answer.names) > MOST_COLUMNS:
        raise _refused(f"The transform makes more than {MOST_COLUMNS} columns. Make fewer.")

    before = {field.name: field for field in read}
    return tuple(
        _field(column, before.get(column.name), policy) for column in answer if column.name != RAW
    )


def _field(column: pa.Field, before: FieldDescriptor | None, policy: Policy) -> FieldDescriptor:
    name = column.name
    if not name or name.startswith(OWN) or len(name) > LONGEST_NAME:
        raise _refused(
            f"The transform makes a column {name[:LONGEST_NAME]!r}. Give it a name of 1 to "
            f"{LONGEST_NAME} characters that does not begin with an underscore."
        )
    kind = _kind_of(column)
    if before is not None and ARROW_TYPES[before.type] == ARROW_TYPES[kind]:
        return before
    return FieldDescriptor(name, kind, name not in policy.primary_keys)


def _kind_of(column: pa.Field) -> str:
    """The type of field whose values are the column's, all of them."""
    type_ = column.type
    if isinstance(type_, pa.BaseExtensionType):
        if type_.extension_name == "arrow.json":
            return "json"
        raise _unlandable(column)
    if pa.types.is_dictionary(type_):
        type_ = type_.value_type
    for is_kind, kind in _KINDS:
        if is_kind(type_):
            return kind
    raise _unlandable(column)


_KINDS = (
    (lambda t: pa.types.is_integer(t) or (pa.types.is_decimal(t) and t.scale == 0), "long"),
    (lambda t: pa.types.is_string(t) or pa.types.is_large_string(t), "string"),
    (pa.types.is_floating, "double"),
    (pa.types.is_boolean, "boolean"),
    (lambda t: pa.types.is_timestamp(t) and t.tz is not None, "timestamp"),
    (pa.types.is_date, "date"),
)


def _unlandable(column: pa.Field) -> FatalError:
    return _refused(
        f"Column {column.name} of the transform is {column.type}, which no field is. Cast it to "
        "text, a whole number, a double, a boolean, a date, or a time with a time zone; make a "
        "list or a structure JSON."
    )


def _refuse_lost(
    fields: Sequence[FieldDescriptor],
    read: Sequence[FieldDescriptor],
    wanted: Sequence[str],
) -> None:
    made = {field.name: field.type for field in fields}
    for field in read:
        if field.name in wanted and made.get(field.name) != field.type:
            raise _refused(
                f"The transform loses {field.name}, which identifies or orders the rows. Let it "
                f"hand on the column {field.name} as it is."
            )


def _refused(message: str, key: str = "transform") -> FatalError:
    return FatalError("CONFIG_INVALID", message, details={"field": f"policy.{key}"})
