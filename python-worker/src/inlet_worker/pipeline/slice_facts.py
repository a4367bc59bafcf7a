"""What a sealed slice remembers beside its rows: all that its commit needs after a crash. It is
`facts` of the manifest, as JSON.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, cast

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.checkpoint import Checkpoint
from inlet_sdk.ports.results import Evidence, ExportResult, Wait
from inlet_sdk.ports.run_stats import ExportStats, RunStats
from inlet_sdk.ports.staging_provider import Manifest
from inlet_worker.pipeline.run_stats import NOTHING

MOST_LISTED = 100_000


def read_facts(export: ExportResult) -> dict[str, Any]:
    """Of a slice that was read from the source."""
    return {
        "newCheckpoint": export.new_checkpoint,
        "exhausted": export.exhausted,
        "committable": export.committable,
        "resume": export.resume,
        "wait": asdict(export.wait) if export.wait else None,
        "warnings": [asdict(warning) for warning in export.warnings],
        "quarantined": list(export.quarantined),
        "listed": export.listed,
        "listsCut": export.lists_cut,
        "aside": export.aside,
        "stats": export.stats,
    }


@dataclass
class Lists:
    """The complete lists of parents that readings told, the latest of each. More keys than
    MOST_LISTED are forgotten: the census then compares every record instead, and neither it nor a
    manifest grows with what changed.
    """

    found: dict[str, Sequence[str]] = field(default_factory=dict)
    are_cut: bool = False
    _keys: int = 0

    def add(self, listed: Mapping[str, Sequence[str]]) -> None:
        """Take lists that are newer than those before."""
        if self.are_cut:
            return
        self.found.update(listed)
        self._keys += sum(map(len, listed.values()))
        if self._keys > MOST_LISTED:
            self.found, self.are_cut = {}, True


_OF_BEFORE = {"unfit_values": 0}
"""Figures that a worker of an earlier release does not tell."""


def exported(manifest: Manifest) -> ExportResult:
    """What a sealed slice says of its export."""
    facts = _Facts(manifest)
    wait = facts["wait"]
    return ExportResult(
        checkpoint=facts.checkpoint,
        stats=cast("ExportStats", {**_OF_BEFORE, **facts["stats"]}),
        exhausted=facts["exhausted"],
        committable=facts["committable"],
        resume=facts["resume"],
        wait=Wait(**wait) if wait else None,
        warnings=tuple(Evidence(**one) for one in facts["warnings"]),
        quarantined=tuple(facts["quarantined"]),
        listed=manifest.facts.get("listed", {}),
        aside=manifest.facts.get("aside", {}),
        lists_cut=manifest.facts.get("listsCut", False),
    )


def was_read(manifest: Manifest) -> bool:
    """Whether the slice is one of a reading; else a census staged it."""
    return "exhausted" in manifest.facts


@dataclass(frozen=True)
class CensusFacts:
    """Of the slice of a census, whose rows are tombstones."""

    checkpoint: Checkpoint
    stats: RunStats
    evidence: tuple[Evidence, ...]

    @classmethod
    def of(cls, manifest: Manifest) -> CensusFacts:
        facts = _Facts(manifest)
        checkpoint = Checkpoint.parse(facts["newCheckpoint"])
        return cls(checkpoint, facts.run_stats, facts.evidence)

    def dump(self) -> dict[str, Any]:
        return {
            "newCheckpoint": self.checkpoint.dump(),
            "stats": self.stats,
            "evidence": [asdict(one) for one in self.evidence],
        }


@dataclass(frozen=True)
class RedriveFacts:
    """Of the slice of a redrive. `after`: up to where records were tried. `verdict`: what becomes
    of each, in the form of `staging/quarantine_shelf.py`. `aside`: what is set aside once that
    holds.
    """

    stats: RunStats
    exhausted: bool
    after: tuple[str, int] | None
    verdict: Mapping[str, Any]
    aside: Mapping[str, Any] | None
    evidence: tuple[Evidence, ...]

    @classmethod
    def of(cls, manifest: Manifest) -> RedriveFacts:
        facts = _Facts(manifest)
        after = facts["after"]
        return cls(
            facts.run_stats,
            facts["exhausted"],
            (after[0], after[1]) if after else None,
            facts["verdict"],
            manifest.facts.get("aside"),
            facts.evidence,
        )

    def dump(self) -> dict[str, Any]:
        return {
            "newCheckpoint": None,
            "stats": self.stats,
            "exhausted": self.exhausted,
            "after": list(self.after) if self.after else None,
            "verdict": self.verdict,
            "aside": self.aside,
            "evidence": [asdict(one) for one in self.evidence],
        }


@dataclass(frozen=True)
class RefillFacts:
    """Of the slice of a refill. `exhausted`: no landed row that is behind was left to look at."""

    stats: RunStats
    exhausted: bool
    evidence: tuple[Evidence, ...]

    @classmethod
    def of(cls, manifest: Manifest) -> RefillFacts:
        facts = _Facts(manifest)
        return cls(facts.run_stats, facts["exhausted"], facts.evidence)

    def dump(self) -> dict[str, Any]:
        return {
            "newCheckpoint": None,
            "stats": self.stats,
            "exhausted": self.exhausted,
            "evidence": [asdict(one) for one in self.evidence],
        }


class _Facts:
    """The facts of a manifest. Raises FatalError `INTERNAL` naming one that is missing."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest

    def __getitem__(self, name: str) -> Any:
        try:
            return self._manifest.facts[name]
        except KeyError:
            raise FatalError(
                "INTERNAL",
                f"The manifest of slice {self._manifest.slice} does not say `{name}`: "
                "report this with the run's id.",
            ) from None

    @property
    def checkpoint(self) -> Checkpoint | None:
        given = self["newCheckpoint"]
        return Checkpoint.parse(given) if given else None

    @property
    def run_stats(self) -> RunStats:
        """What a worker of an earlier release sealed may lack a figure of this one."""
        return cast("RunStats", {**NOTHING, **self["stats"]})

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        return tuple(Evidence(**one) for one in self["evidence"])
