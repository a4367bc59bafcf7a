"""The quarantined records of one unit, and what redrives made of them.

    <unit>/<run>/<slice>-<part>.jsonl        what a run set aside (`quarantine.py`); never changed
    <unit>/_redriving/<run>-<slice>.json     a verdict whose commit is on its way
    <unit>/_redriven/<run>-<slice>.json      a verdict that holds: {commitId, landed, refused,
                                             discarded}; adapters/s3 reads it too

A verdict is claimed before the commit of its rows and confirmed after it. Who finds a claim asks
the sink about its commit id, so that a kill at any point leaves each record either in quarantine or
in the sink.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import obstore
import orjson

from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import QuarantinedRecord
from inlet_worker.staging.quarantine import quarantine_prefix

CLAIMS, MARKS = "_redriving", "_redriven"
CHUNK_BYTES = 1024 * 1024
Lines = dict[str, list[int]]
Place = tuple[str, int]
"""A part's name and a line of it."""


@dataclass(frozen=True)
class Selection:
    """Which records are wanted: those that fit every member that is given. Discarded ones only
    where they are named.
    """

    record_ids: frozenset[str] | None = None
    run_id: str | None = None
    code: str | None = None


@dataclass(frozen=True)
class ShelvedRecord:
    """`name` and `line` say where it lies; `epoch` is that of the run that set it aside, so when it
    was read.
    """

    name: str
    line: int
    record: QuarantinedRecord
    epoch: int
    is_landed: bool = False
    is_discarded: bool = False

    @property
    def is_open(self) -> bool:
        return not self.is_landed and not self.is_discarded

    @property
    def record_id(self) -> str:
        """As the API names it."""
        return f"{self.name.removesuffix('.jsonl').replace('/', ':')}:{self.line}"


@dataclass
class Verdict:
    """What becomes of the records that a slice has tried."""

    landed: Lines = field(default_factory=dict)
    refused: dict[tuple[str, str], Lines] = field(default_factory=dict)
    discarded: Lines = field(default_factory=dict)

    def lands(self, shelved: ShelvedRecord) -> None:
        self.landed.setdefault(shelved.name, []).append(shelved.line)

    def refuses(self, shelved: ShelvedRecord, code: str, reason: str) -> None:
        self.refused.setdefault((code, reason), {}).setdefault(shelved.name, []).append(
            shelved.line
        )

    def discards(self, shelved: ShelvedRecord) -> None:
        self.discarded.setdefault(shelved.name, []).append(shelved.line)

    @property
    def refusals(self) -> int:
        return sum(_count(lines) for lines in self.refused.values())

    @property
    def discards_made(self) -> int:
        return _count(self.discarded)

    def as_json(self, commit_id: str) -> dict[str, Any]:
        refused = [
            {"code": c, "reason": r, "lines": lines} for (c, r), lines in self.refused.items()
        ]
        return {
            "commitId": commit_id,
            "landed": self.landed,
            "refused": refused,
            "discarded": self.discarded,
        }


class QuarantineShelf:
    """Over the staging bucket, whichever provider stages the run."""

    def __init__(self, store: Any, context: IngestionContext) -> None:
        self._store = store
        self._unit = quarantine_prefix(context.tenant_id, context.endpoint_id, context.unit_id)

    def records(
        self, wanted: Selection, after: tuple[str, int] | None = None
    ) -> Iterator[ShelvedRecord]:
        """Those that are to be tried: no redrive has landed them, and nobody discarded them."""
        for shelved in self.everything(wanted, after):
            if self.is_tried(shelved, wanted):
                yield shelved

    def is_tried(self, shelved: ShelvedRecord, wanted: Selection) -> bool:
        """Whether a redrive takes it up."""
        return shelved.is_open or (shelved.is_discarded and wanted.record_ids is not None)

    def everything(
        self, wanted: Selection, after: tuple[str, int] | None = None
    ) -> Iterator[ShelvedRecord]:
        """Records whatever became of them, oldest run first, from behind `after` on. Code and
        reason are those of the latest refusal.
        """
        landed, discarded, refusals = self._marks()

        for name in self._names(wanted.run_id):
            if after is not None and name < after[0]:
                continue
            for line, stored in enumerate(self._lines(name)):
                place = (name, line)
                if after is not None and place <= after:
                    continue
                shelved = replace(
                    _shelved(name, line, orjson.loads(stored), refusals.get(place)),
                    is_landed=place in landed,
                    is_discarded=place in discarded,
                )
                if _is_wanted(shelved, wanted):
                    yield shelved

    def claim(self, name: str, verdict: Mapping[str, Any]) -> None:
        """Say what a commit that is on its way decides. Called again it says the same."""
        obstore.put(self._store, self._key(CLAIMS, name), orjson.dumps(verdict))

    def claims(self) -> list[str]:
        """Names of claims that nobody has confirmed or dropped."""
        return [_name_in(entry["path"]) for entry in self._listed(CLAIMS)]

    def commit_of(self, name: str) -> str | None:
        """The commit id of a claim; None when it is gone."""
        claim = self._read(self._key(CLAIMS, name))
        return None if claim is None else str(claim["commitId"])

    def confirm(self, name: str) -> None:
        """The commit of a claim is in the sink. Idempotent."""
        claim = self._read(self._key(CLAIMS, name))
        if claim is not None:
            self.mark(name, claim)
            self.drop(name)

    def drop(self, name: str) -> None:
        """The commit of a claim never was, and never will be."""
        obstore.delete(self._store, self._key(CLAIMS, name))

    def mark(self, name: str, verdict: Mapping[str, Any]) -> None:
        obstore.put(self._store, self._key(MARKS, name), orjson.dumps(verdict))

    def _marks(self) -> tuple[set[Place], set[Place], dict[Place, tuple[str, str]]]:
        landed: set[Place] = set()
        discarded: set[Place] = set()
        refusals: dict[Place, tuple[str, str]] = {}
        for entry in self._listed(MARKS):  # by run, so the latest refusal comes last
            mark = self._read(entry["path"]) or {"landed": {}, "refused": []}
            landed.update(_places(mark["landed"]))
            discarded.update(_places(mark.get("discarded", {})))
            for refusal in mark["refused"]:
                refusals.update(
                    dict.fromkeys(_places(refusal["lines"]), (refusal["code"], refusal["reason"]))
                )
        return landed, discarded, refusals

    def _names(self, run_id: str | None) -> list[str]:
        paths = (
            entry["path"] for entry in self._listed(run_id) if entry["path"].endswith(".jsonl")
        )
        return [path.removeprefix(f"{self._unit}/") for path in paths]

    def _listed(self, folder: str | None) -> list[Any]:
        prefix = self._unit if folder is None else f"{self._unit}/{folder}"
        entries = [entry for page in obstore.list(self._store, prefix) for entry in page]
        return sorted(entries, key=lambda entry: str(entry["path"]))

    def _lines(self, name: str) -> Iterator[bytes]:
        try:
            body = obstore.get(self._store, f"{self._unit}/{name}")
        except FileNotFoundError:
            return  # its days are over
        held = b""
        for chunk in body.stream(min_chunk_size=CHUNK_BYTES):
            *whole, held = (held + bytes(chunk)).split(b"\n")
            yield from whole

    def _read(self, key: str) -> Any:
        try:
            return orjson.loads(bytes(obstore.get(self._store, key).bytes()))
        except FileNotFoundError:
            return None

    def _key(self, folder: str, name: str) -> str:
        return f"{self._unit}/{folder}/{name}.json"


def _count(lines: Lines) -> int:
    return sum(len(numbers) for numbers in lines.values())


def _name_in(path: str) -> str:
    return path.rsplit("/", 1)[-1].removesuffix(".json")


def _places(lines: Lines) -> Iterator[Place]:
    for name, numbers in lines.items():
        yield from ((name, number) for number in numbers)


def _shelved(
    name: str, line: int, stored: dict[str, Any], refusal: tuple[str, str] | None
) -> ShelvedRecord:
    code, reason = refusal or (stored["code"], stored["reason"])
    row = stored.get("row")  # older records have neither row nor epoch
    record = QuarantinedRecord(
        stored["key"],
        code,
        reason,
        stored["raw"],
        orjson.loads(row) if row else None,
        unnamed=bool(stored.get("unnamed")),
    )
    return ShelvedRecord(name, line, record, int(stored.get("epoch", 0)))


def _is_wanted(shelved: ShelvedRecord, wanted: Selection) -> bool:
    if wanted.record_ids is not None and shelved.record_id not in wanted.record_ids:
        return False
    return wanted.code is None or shelved.record.code == wanted.code
