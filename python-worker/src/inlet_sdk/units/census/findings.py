"""What a census says, in the words of its unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inlet_sdk.ports.census import Finding
from inlet_sdk.units.census.left_out import LeftOut

SHOWN_IDS = 5


@dataclass(frozen=True)
class Words:
    """What people call the records (`issues`), a group of them (`project`), and several."""

    records: str
    group: str
    groups: str

    def compared(self, shown: int, landed: int, late: int = 0, how: str = "") -> Finding:
        """`late` of those that are shown changed too lately to have landed. `how` their times of
        change were compared.
        """
        changing = f"; {late} of them changed too lately to have landed" if late else ""
        times = f" Times of change were compared {how}." if how else ""
        message = f"The source shows {shown} {self.records}{changing}; {landed} have landed."
        return Finding("CENSUS_OK", message + times)

    def mismatch(self, missing: Sequence[int], stale: Sequence[int] = ()) -> tuple[Finding, ...]:
        """Records that have not landed, and those that landed in another version."""
        parts = [
            f"{len(ids)} {self.records} that the source shows have {what} (ids {_first(ids)})"
            for ids, what in ((missing, "not landed"), (stale, "landed in another version"))
            if ids
        ]
        if not parts:
            return ()
        remedy = "The next run reads them; reset the unit if this is said again."
        return (Finding("CENSUS_MISMATCH", f"{'; '.join(parts)}. {remedy}", "suspicious"),)

    def contradicted(
        self, aside: LeftOut, shown: int, left_out: Sequence[int]
    ) -> tuple[Finding, ...]:
        """The source contradicts itself: lists leave out what it counts, or shows when asked."""
        parts = []
        if aside.is_contradiction(shown):
            parts.append(f"The source counts {shown + aside.excess} {self.records}, lists {shown}")
        if left_out:
            parts.append(
                f"The source's lists leave out {len(left_out)} landed {self.records} that it shows "
                f"when it is asked for them (ids {_first(left_out)})"
            )
        remedy = "Rows may be missing or old. Run again, and report it if it stays."
        if parts:
            return (Finding("UNEXPECTED_RESPONSE", f"{'; '.join(parts)}. {remedy}", "partial"),)
        return self.uncompared(aside.excess, shown) if aside.excess else ()

    def uncompared(self, count: int, of: int, what: str = "") -> tuple[Finding, ...]:
        """So many of so many records were not compared; `what` of them was not."""
        if not count:
            return ()
        share = max(1, round(100 * count / max(of, count)))
        about = f"{what} of " if what else ""
        return (
            Finding(
                "CENSUS_UNCOMPARED",
                f"{about}{count} of {of} {self.records} ({share} %) could not be compared by this "
                "run; each census compares others.",
            ),
        )

    def apart(self, count: int) -> tuple[Finding, ...]:
        """What was set aside or discarded is said elsewhere, and does not agree."""
        if not count:
            return ()
        message = f"{count} {self.records} were not compared: they are set aside, or discarded."
        return (Finding("CENSUS_UNCOMPARED", message),)

    def renamed(self, count: int) -> tuple[Finding, ...]:
        if not count:
            return ()
        return (
            Finding(
                "CENSUS_OWED",
                f"{count} landed {self.records} have the key that their {self.group} had before; "
                "the next run reads them again.",
                "partial",
            ),
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


def _first(ids: Sequence[int]) -> str:
    return ", ".join(map(str, ids[:SHOWN_IDS]))
