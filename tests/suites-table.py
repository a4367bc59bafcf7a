"""Makes `docs/suites.md` of the last reports of `npm test` and `npm run test:engines`:

    npm test && npm run test:engines && npm run suites

Ends with 1, and writes nothing, where a test failed, or where a sink, a tool or a provider of the
registries was not held to every law.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "python-worker/src"))

from inlet_sdk.testing.contract_interruptions import InterruptionContract  # noqa: E402
from inlet_sdk.testing.contract_maintenance import MaintenanceContract  # noqa: E402
from inlet_sdk.testing.contract_sink import SinkContract  # noqa: E402
from inlet_sdk.testing.contract_staging import StagingContract  # noqa: E402
from inlet_sdk.testing.contract_tool import ToolContract  # noqa: E402
from inlet_worker.sinks.registry import SINKS  # noqa: E402
from inlet_worker.staging.registry import PROVIDERS  # noqa: E402
from inlet_worker.tools.registry import TOOLS  # noqa: E402

REPORTS = {
    "npm test": ROOT / ".local/tests/python.xml",
    "npm run test:engines": ROOT / ".local/tests/engines.xml",
}
PAGE = ROOT / "docs/suites.md"
THEMES = {
    **{kind.__name__: kind for kind in SinkContract.__bases__},
    MaintenanceContract.__name__: MaintenanceContract,
    InterruptionContract.__name__: InterruptionContract,
}
TITLES = {"MaintenanceContract": "upkeep", "InterruptionContract": "interruptions"}
KILLS = {
    "SIGKILL and a retry": "test_sigkill_at_any_request_and_a_retry_land_what_one_commit_does",
    "SIGSTOP past the lease": (
        "test_a_writer_that_sleeps_past_its_lease_commits_nothing_after_its_successor"
    ),
    "store restarted": "test_a_store_that_is_killed_and_comes_back_has_the_slice_once",
    "answer of the commit lost": "test_a_commit_whose_answer_is_lost_is_settled_by_looking",
}
HEAD = """# Suites

Every sink, every execution tool and every staging provider is held to one suite of its kind, \
`python-worker/src/inlet_sdk/testing/`. This page is made from what ran, by

```sh
npm test && npm run test:engines && npm run suites
```

and a test holds its rows to the registries. A number is that of the cases that passed. A number \
in brackets is that of the cases in which a law asks nothing; why is said below. What a sink \
cannot do it refuses, and a law of the theme `refusals`, `merging` or `tombstones` shows that."""
INTERRUPTIONS = """## Kills

Writers of their own processes get the signal before a request to the store is sent, or after it \
was answered: at the last eight points of a commit, where it is decided, and at others before. \
Shown at each: no row is lost, none is doubled, nobody who was overtaken commits, and after the \
sweep nothing is left. A number is that of the points tried; laws of the theme `kills` stop every \
kind of commit at every step besides, in one process.
"""
KNOWLEDGE_BASE = """`kb` is no sink: nothing of it is in the registry, and a run without a sink \
hands its records over by reference ([planes](design/planes.md)). The hand-over is killed before \
and after each of eight objects (`tests/pipeline/test_hand_over_records.py`); the worker that \
takes the records in, and Temporal, are killed meanwhile (`npm run test:kill`)."""


@dataclass
class Tally:
    """Of one subject and one theme, by law."""

    passed: Counter[str] = field(default_factory=Counter)
    over: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    points: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)

    def cell(self) -> str:
        return _cell(self.passed.total(), self.over.total())


Tallies = Mapping[str, Mapping[str, Tally]]
"""By subject, then by the class of the laws."""


def main() -> int:
    tallies = read_reports()
    faults = [*faults_of(tallies)]
    for fault in faults:
        sys.stderr.write(f"{fault}\n")
    if faults:
        return 1
    PAGE.write_text("\n".join(page(tallies)) + "\n", "utf-8")
    return 0


def read_reports() -> Tallies:
    tallies: dict[str, dict[str, Tally]] = defaultdict(lambda: defaultdict(Tally))
    for report in REPORTS.values():
        for case in ElementTree.parse(report).iter("testcase"):
            told: dict[str, list[str]] = defaultdict(list)
            for one in case.iter("property"):
                told[one.get("name", "")].append(one.get("value", ""))
            if "subject" in told:
                _count(tallies[told["subject"][0]][told["laws"][0]], case, told)
    return tallies


def _count(tally: Tally, case: ElementTree.Element, told: Mapping[str, list[str]]) -> None:
    law = case.get("name", "").partition("[")[0]
    if any(case.find(kind) is not None for kind in ("failure", "error", "skipped")):
        tally.failed.append(case.get("name", ""))
    elif "passesOver" in told:
        tally.over[law] += 1
        tally.reasons[told["passesOver"][0]] += 1
    else:
        tally.passed[law] += 1
        tally.points[law] += int(told.get("points", ["1"])[0])


def faults_of(tallies: Tallies) -> Iterator[str]:
    for subject, by_theme in tallies.items():
        for tally in by_theme.values():
            yield from (f"{subject}: {case} did not pass" for case in tally.failed)

    kinds = (
        (SINKS, THEMES),
        (TOOLS, {"ToolContract": ToolContract}),
        (PROVIDERS, {"StagingContract": StagingContract}),
    )
    for registry, themes in kinds:
        for name in registry:
            for theme, laws in themes.items():
                tried = {law for one in _of(tallies, name) for law in _laws_of(tallies[one], theme)}
                missing = {law for law in vars(laws) if law.startswith("test_")} - tried
                yield from (f"{name} was not held to {law}" for law in sorted(missing))


def _laws_of(by_theme: Mapping[str, Tally], theme: str) -> set[str]:
    tally = by_theme.get(theme, Tally())
    return {*tally.passed, *tally.over}


def _of(tallies: Tallies, name: str) -> list[str]:
    """The subjects that are this one of the registry, in one place or another."""
    return sorted(one for one in tallies if one == name or one.startswith(f"{name} "))


def page(tallies: Tallies) -> Iterator[str]:
    yield f"{HEAD}\n"
    yield from _sinks(tallies)
    yield from _interruptions(tallies)
    yield from _laws(tallies, "Execution tools", TOOLS, ToolContract)
    yield from _laws(tallies, "Staging providers", PROVIDERS, StagingContract)


def _sinks(tallies: Tallies) -> Iterator[str]:
    titles = [_title(theme) for theme in THEMES]
    yield "## Sinks\n"
    yield from _rows(
        ["sink", *titles],
        ([one, *(tallies[one][theme].cell() for theme in THEMES)] for one in _all(tallies, SINKS)),
    )
    yield ""
    yield "Where a law asks nothing of a sink:\n"
    for one in _all(tallies, SINKS):
        reasons = sum((tallies[one][theme].reasons for theme in THEMES), Counter())
        if reasons:
            told = "; ".join(f"{reason} ({reasons[reason]})" for reason in sorted(reasons))
            yield f"- `{one}`: {told}."
    yield ""


def _interruptions(tallies: Tallies) -> Iterator[str]:
    yield INTERRUPTIONS
    theme = InterruptionContract.__name__
    tried = [one for one in _all(tallies, SINKS) if theme in tallies[one]]
    yield from _rows(
        ["sink", *KILLS],
        ([one, *(_points(tallies[one][theme], law) for law in KILLS.values())] for one in tried),
    )
    yield f"\n{KNOWLEDGE_BASE}\n"


def _points(tally: Tally, law: str) -> str:
    return str(tally.points[law] or "-")


def _laws(tallies: Tallies, title: str, registry: Iterable[str], contract: type) -> Iterator[str]:
    subjects = _all(tallies, registry)
    laws = [law for law in vars(contract) if law.startswith("test_")]
    yield f"## {title}\n"
    yield from _rows(
        ["law", *subjects],
        (
            [
                law.removeprefix("test_").replace("_", " "),
                *(_law_cell(tallies[one][contract.__name__], law) for one in subjects),
            ]
            for law in laws
        ),
    )
    yield ""


def _law_cell(tally: Tally, law: str) -> str:
    return _cell(tally.passed[law], tally.over[law])


def _cell(passed: int, over: int) -> str:
    return " ".join(filter(None, [str(passed or ""), f"({over})" if over else ""])) or "-"


def _all(tallies: Tallies, registry: Iterable[str]) -> list[str]:
    return [one for name in registry for one in _of(tallies, name)]


def _title(theme: str) -> str:
    return TITLES.get(theme, theme.removesuffix("Laws").lower())


def _rows(head: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    for cells in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
