"""The columns of a target's files, as its state keeps them: what no file may contradict."""

from __future__ import annotations

from typing import Any

from inlet_sdk.ports.landing_fields import NewField, RetypedField, new_fields
from inlet_sdk.ports.sink_endpoint import TEXT_TYPES, LandedColumn, SinkTarget, SliceCommit
from inlet_sdk.ports.source_endpoint import UNFIT
from inlet_worker.staging.columns import RAW

Json = dict[str, Any]
SYSTEM = {
    "_run_id": "string",
    "_landed_at": "timestamp",
    "_version": "string",
    "_deleted_at": "timestamp",
}


def columns_of(target: SinkTarget, commit: SliceCommit) -> Json:
    """Those that a commit writes, by name: the field's type, and which field it is where that has
    another name.
    """
    own = RAW if commit.policy.keep_raw else UNFIT
    fields = {
        f.name: {"type": f.type, "of": f.of if isinstance(f, RetypedField) else ""}
        for f in target.fields
        if not isinstance(f, NewField)
    }
    return {**fields, **{n: {"type": t, "of": ""} for n, t in {own: "string", **SYSTEM}.items()}}


def refuse_other_columns(state: Json, target: SinkTarget, commit: SliceCommit) -> None:
    """Raises as `new_fields` does. What a sink of an earlier release wrote names no columns."""
    if columns := state.get("columns"):
        new_fields(target, landed(columns), commit.policy)


def landed(columns: Json) -> dict[str, LandedColumn]:
    """Of what the state keeps."""
    return {
        name: LandedColumn(_types(column["type"]), column["of"]) for name, column in columns.items()
    }


def _types(type_: str) -> frozenset[str]:
    return TEXT_TYPES if type_ in TEXT_TYPES else frozenset({type_})
