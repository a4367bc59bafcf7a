"""What is known of the mappings that made the landed rows: which mapping rows are made by now, and
of each older one, which columns its rows lack. It is `cursor.mapping` of the checkpoint, and, but
for the counts, the fact `mapping` of the landed table, where a reset does not forget it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.row_mapping import RowMapping
from inlet_worker.staging.columns import RAW
from inlet_worker.staging.mapping import FITTING, fingerprint_of

FACT = "mapping"
UNKNOWN = ""
"""In the place of a fingerprint: rows that an earlier release landed, or long ago."""
EVERY_COLUMN = "*"
KEPT_MAPPINGS = 8


@dataclass(frozen=True)
class PresentMapping:
    """How this run makes rows. `columns`: type by name, with `_raw` where it is kept."""

    fingerprint: str
    columns: Mapping[str, str]
    making: str

    @classmethod
    def of(cls, fields: Sequence[FieldDescriptor], mapping: RowMapping) -> PresentMapping:
        """`fields` are those that land."""
        raw = {RAW: "string"} if mapping.keep_raw else {}
        columns = {one.name: one.type for one in fields} | raw
        making = f"{FITTING}.{mapping.version}"
        if mapping.transform:
            making += f".{mapping.transform}"
        return cls(fingerprint_of(fields, mapping), columns, making)

    def beyond(self, columns: Mapping[str, str], making: str) -> set[str]:
        """What rows of another mapping lack."""
        if making != self.making:
            return {EVERY_COLUMN}
        return {name for name, kind in self.columns.items() if columns.get(name) != kind}


@dataclass(frozen=True)
class Older:
    """Rows of an older mapping. `rows` is None until they were counted."""

    lacks: frozenset[str]
    rows: int | None = None


@dataclass(frozen=True)
class MappingState:
    """`older` is by fingerprint, the latest last. `anew`: a reading that began without a checkpoint
    has not come to its end, in this run or those before.
    """

    fingerprint: str | None = None
    older: Mapping[str, Older] = field(default_factory=dict)
    anew: bool = False

    @classmethod
    def parse(cls, stored: Mapping[str, Any]) -> MappingState:
        older = {
            mapping: Older(frozenset(one["lacks"]), one.get("rows"))
            for mapping, one in (stored.get("older") or {}).items()
        }
        return cls(stored.get("fingerprint"), older, bool(stored.get("anew")))

    def dump(self) -> dict[str, Any]:
        older = {
            mapping: {"lacks": sorted(one.lacks), "rows": one.rows}
            for mapping, one in self.older.items()
        }
        dumped = {"fingerprint": self.fingerprint, "older": older}
        return {**dumped, "anew": True} if self.anew else dumped

    @property
    def is_behind(self) -> bool:
        """Rows may lack something, unless they were counted and there are none."""
        return any(one.lacks and one.rows != 0 for one in self.older.values())

    @property
    def is_counted(self) -> bool:
        return all(one.rows is not None for one in self.older.values() if one.lacks)

    def may_be_of(self, mapping: str) -> bool:
        """Whether there may be rows that this mapping made. A state that knows no mapping tells
        nothing.
        """
        if self.fingerprint in (None, mapping):
            return True
        one = self.older.get(mapping) or self.older.get(UNKNOWN)
        return one is not None and one.rows != 0

    def counted(self, rows: Mapping[str, int]) -> MappingState:
        """With the number of live rows by the fingerprint of their mapping."""
        named = {mapping for mapping in self.older if mapping != UNKNOWN} | {self.fingerprint}
        others = sum(count for mapping, count in rows.items() if mapping not in named)
        older = {
            mapping: Older(one.lacks, others if mapping == UNKNOWN else rows.get(mapping, 0))
            for mapping, one in self.older.items()
        }
        return MappingState(self.fingerprint, older, self.anew)

    def after(self, present: PresentMapping, lacking: set[str]) -> MappingState:
        """Rows are made by another mapping from now on, which has what those of this state's lack
        in `lacking`.
        """
        grown = {
            mapping: Older(frozenset(self._still(one.lacks | lacking, present)))
            for mapping, one in {
                **self.older,
                self.fingerprint or UNKNOWN: Older(frozenset()),
            }.items()
            if mapping != present.fingerprint
        }
        return MappingState(present.fingerprint, _few(grown))

    def _still(self, lacks: frozenset[str], present: PresentMapping) -> set[str]:
        """A column that is gone is missed by nobody."""
        return {name for name in lacks if name == EVERY_COLUMN or name in present.columns}


def fact_of(state: MappingState, present: PresentMapping) -> str:
    """What the table says of the rows that are landed from now on."""
    older = {mapping: sorted(one.lacks) for mapping, one in state.older.items()}
    told = {
        "fingerprint": present.fingerprint,
        "columns": dict(present.columns),
        "making": present.making,
        "older": older,
    }
    return orjson.dumps(told).decode()


def state_of_fact(fact: str, present: PresentMapping) -> MappingState:
    """The state of a run that finds a table and remembers nothing of it, or another mapping."""
    told = orjson.loads(fact)
    older = {mapping: Older(frozenset(lacks)) for mapping, lacks in told["older"].items()}
    state = MappingState(told["fingerprint"], older)
    if state.fingerprint == present.fingerprint:
        return state
    return state.after(present, present.beyond(told["columns"], told["making"]))


def _few(older: dict[str, Older]) -> dict[str, Older]:
    """The latest; what rows of the others lack, rows of unknown mappings lack."""
    excess = len(older) - KEPT_MAPPINGS
    if excess <= 0:
        return older
    first = [mapping for mapping in older if mapping != UNKNOWN][:excess]
    lacks = [older[mapping].lacks for mapping in first]
    if UNKNOWN in older:
        lacks.append(older[UNKNOWN].lacks)
    rest = {name: one for name, one in older.items() if name not in (*first, UNKNOWN)}
    return {UNKNOWN: Older(frozenset().union(*lacks)), **rest}
