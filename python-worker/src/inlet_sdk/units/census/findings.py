"""What a census says, in the words of its unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inlet_sdk.ports.census import Finding

SHOWN_IDS = 5


@dataclass(frozen=True)
class Words:
    """What people call the records (`issues`), a group of them (`project`), and several."""

    records: str
    group: str
    groups: str

    def compared(self, shown: int, landed: int, late: int = 0, note: str = "") -> Finding:
        """`late` of those that are shown changed too lately to have landed."""
        changing = f"; {late} of them changed too lately to have landed" if late else ""
        return Finding(
            "CENSUS_OK",
            f"The source shows {shown} {self.records}{note}{changing}; {landed} have landed.",
        )

    def mismatch(self, missing: Sequence[int]) -> Finding:
        first = ", ".join(map(str, missing[:SHOWN_IDS]))
        return Finding(
            "CENSUS_MISMATCH",
            f"{len(missing)} {self.records} that the source shows have not landed (ids {first}). "
            "Reset the unit to read them.",
            "suspicious",
        )

    def shows_nothing(self, landed: int) -> Finding:
        """Where thousands had landed, an empty site is a lost permission rather than a deletion."""
        return Finding(
            "SUSPICIOUS_EMPTY",
            f"The source shows no {self.records} where {landed} have landed. "
            "Check the account's permissions.",
            "suspicious",
        )

    def invisible(self, hidden: Mapping[str | None, int]) -> tuple[Finding, ...]:
        """One for each group, with its landed records that are no longer shown."""
        return tuple(
            Finding(
                "INVISIBLE",
                f"{self.group.capitalize()} {group or '(unknown)'} no longer shows {count} landed "
                f"{self.records}. They are kept as they are; grant the account access, or set "
                "policy.approveDeletes if they were deleted.",
                "partial",
            )
            for group, count in sorted(hidden.items(), key=lambda item: str(item[0]))
        )

    def gone(self, count: int) -> tuple[Finding, ...]:
        """Where the policy ignores deletes."""
        if not count:
            return ()
        return (
            Finding(
                "CENSUS_GONE",
                f"{count} landed {self.records} are no longer shown; policy.deletes is ignore, "
                "so they stay.",
            ),
        )

    def left_the_groups(self, count: int) -> tuple[Finding, ...]:
        """They exist, but are not among what the unit reads."""
        if not count:
            return ()
        return (
            Finding(
                "NOT_SHOWN",
                f"{count} landed {self.records} left the {self.groups} of the unit; they are kept.",
            ),
        )

    def owed(self, count: int) -> tuple[Finding, ...]:
        if not count:
            return ()
        return (
            Finding(
                "REREAD_OWED",
                f"{count} {self.records} changed while their {self.group} was hidden and have not "
                "landed yet; the next run reads them.",
                "partial",
            ),
        )
