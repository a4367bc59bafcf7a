"""Telling deleted from invisible by project: what was hidden from the account is hidden project by
project.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from inlet_sdk.ports.census import Finding
from inlet_worker.sources.jira.scope import ProjectScope

EMPTIED_ROWS = 10
"""A project of which at least so many rows had landed and none is shown is hidden until a person
says otherwise.
"""


def visible_projects(scope: ProjectScope) -> frozenset[str]:
    """Projects, in capitals, that the account sees and whose issues it may search."""
    roster = scope.roster()
    return roster if scope.keys is None else roster & {key.upper() for key in scope.keys}


@dataclass(frozen=True)
class ByProject:
    """Landed issues by project key (None: unknown)."""

    landed: Mapping[str | None, int]
    roster: frozenset[str]

    def invisible(self, absent: Iterable[str | None], *, approved: bool) -> dict[str | None, int]:
        """Rows that prove nothing, by project: of projects the account does not see, or that show
        no row at all.
        """
        counts = Counter(absent)
        return {
            key: count for key, count in counts.items() if not self._is_seen(key, count, approved)
        }

    def _is_seen(self, key: str | None, absent: int, approved: bool) -> bool:
        if key is None or key.upper() not in self.roster:
            return False
        return approved or absent < EMPTIED_ROWS or absent < self.landed.get(key, 0)


def project_of(issue_key: str | None) -> str | None:
    """`DEMO` of `DEMO-7`."""
    return issue_key.rpartition("-")[0] or None if issue_key else None


def invisible_findings(hidden: Mapping[str | None, int], what: str) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            "INVISIBLE",
            f"Project {key or '(unknown)'} no longer shows {count} landed {what}. They are kept as they are; grant the "
            "account access, or set policy.approveDeletes if they were deleted.",
            "partial",
        )
        for key, count in sorted(hidden.items(), key=lambda item: str(item[0]))
    )


def gone_finding(count: int, what: str) -> tuple[Finding, ...]:
    if not count:
        return ()
    message = f"{count} landed {what} are no longer shown; policy.deletes is ignore, so they stay."
    return (Finding("CENSUS_GONE", message),)


def shows_nothing(landed: int, what: str) -> Finding:
    """Where thousands had landed, an empty site is a lost permission rather than a deletion."""
    return Finding(
        "SUSPICIOUS_EMPTY",
        f"The source shows no {what} where {landed} have landed. Check the account's permissions.",
        "suspicious",
    )


def compared_finding(shown: int, landed: int, late: int, what: str) -> Finding:
    changing = f"; {late} of them changed too lately to have landed" if late else ""
    return Finding("CENSUS_OK", f"The source shows {shown} {what}{changing}; {landed} have landed.")


def mismatch_finding(missing: Sequence[int], what: str) -> Finding:
    first = ", ".join(map(str, missing[:5]))
    return Finding(
        "CENSUS_MISMATCH",
        f"{len(missing)} {what} that the source shows have not landed (ids {first}). Reset the unit to read them.",
        "suspicious",
    )
