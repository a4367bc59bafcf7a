"""Drives the data plane of a checkout of Inlet: a unit, in a mode, against a site, into a lake folder of its own.

    lab = Lab(site)                            # or Lab(site, projectKeys=["DEMO"]): the connector's config
    lab.collect()                              # the catalogue; its warnings are returned. Again: a re-collection
    run = lab.run("issues", full=True, deletes="soft")      # keywords are the unit's policy
    run.status, run.evidence, run.stats, run.error
    lab.rows("issues")                         # the live rows by key: typed columns, _raw, _deleted_at
    lab.reset("issues")                        # forget the checkpoint, as the API's reset does
    lab.at(other_site), lab.into_new_lake()    # the same checkpoints with another source, another sink

A run is what the control plane makes of it. Its status follows from what the slices answered (`core/run-outcome.ts`):
SUSPICIOUS before PARTIAL before COMPLETE, rows in quarantine are PARTIAL, figures that do not add up and a full run of
nothing after a full run of something are SUSPICIOUS. FAILED: the data plane refused with a code; what it calls
retryable is tried once more first. CRASH: any other exception; the control plane would try that again for long.
RUNNING: not over within the time given.

Everything that this file knows of the product's inside stands in the section "adapter". When a name of it is gone,
AdapterBroken is raised, which `run.py` tells apart from a case that failed. Whoever renames one of them
renames it here, in the same commit: the rest of this file is not ours to change.
"""

from __future__ import annotations

import inspect
import json
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

# ------------------------------------------------------------------------------------------------------------- adapter


class AdapterBroken(BaseException):
    """The product is not what this file takes it for. Never a verdict on the product."""


try:
    from inlet_sdk.errors import IngestError
    from inlet_sdk.http.auth import Credential, StaticCredential
    from inlet_sdk.http.budget.bucket_store import ProcessBucket
    from inlet_sdk.http.budget.limits import effective_limits
    from inlet_sdk.http.budget.spender import Spender
    from inlet_sdk.http.budget.vendor_budget import VendorBudget
    from inlet_worker import ingest as _ingest
    from inlet_worker.sources.jira.endpoint import JiraEndpoint
    from pyiceberg.catalog import load_catalog
    from pyiceberg.exceptions import NoSuchNamespaceError, NoSuchTableError

    _run_slices = _ingest._slices
    _LakeFolder = _ingest.LakeFolder
    _NAMESPACE = _ingest.SLUG
    for _name in ("checkpoint", "save_checkpoint", "sink_config"):
        getattr(_LakeFolder, _name)
    inspect.signature(_run_slices).bind("source", "unit", "fields", "folder", "mode")
    inspect.signature(_LakeFolder).bind("root")
except (ImportError, AttributeError, TypeError) as _error:
    raise AdapterBroken(f"a name or a signature of the product is gone: {_error}") from _error


def _of_product(call: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a function that touches the product. A name that this file itself looks for in vain is the adapter's."""

    def called(*args: Any, **options: Any) -> Any:
        try:
            return call(*args, **options)
        except (AttributeError, TypeError, KeyError) as error:
            if Path(traceback.extract_tb(error.__traceback__)[-1].filename) == Path(__file__):
                raise AdapterBroken(f"{call.__name__}: {error!r}") from error
            raise

    return called


class _Folder(_LakeFolder):  # type: ignore[misc,valid-type]
    """The product's lake folder, with the checkpoints kept here: a dict by unit, as JSON."""

    def __init__(self, root: Path, checkpoints: dict[str, str]) -> None:
        super().__init__(root)
        object.__setattr__(self, "kept", checkpoints)

    def checkpoint(self, unit_id: str) -> dict[str, Any] | None:
        text = self.kept.get(unit_id)
        return None if text is None else dict(json.loads(text))

    def save_checkpoint(self, unit_id: str, checkpoint: dict[str, Any]) -> None:
        self.kept[unit_id] = json.dumps(checkpoint)


@_of_product
def _open_source(config: dict[str, Any]) -> Any:
    """As `inlet_worker.ingest.ingest` does."""
    limits = effective_limits(JiraEndpoint.descriptor.rate_limit)
    credential = Credential("basic", {"email": "reader@example.invalid", "apiToken": "token"})
    return JiraEndpoint(
        config,
        StaticCredential(credential),
        allow_private_networks=True,
        budget=VendorBudget(Spender(ProcessBucket(), limits, people=True)),
    )


@_of_product
def _collect(source: Any) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """Columns by dataset, units by id, the warnings' texts."""
    catalog = source.collect()
    columns = {dataset.name: dataset.fields for dataset in catalog.datasets}
    units = source.list_units([dataset.name for dataset in catalog.datasets if dataset.ingestable])
    return columns, {unit.unit_id: unit for unit in units}, [warning.message for warning in catalog.warnings]


@_of_product
def _with_policy(unit: Any, policy: dict[str, Any]) -> Any:
    return replace(unit, default_policy={**unit.default_policy, **policy})


@_of_product
def _mode(unit: Any, full: bool) -> str:
    return "FULL" if full else str(unit.default_mode)


@_of_product
def _key_of(unit: Any) -> str:
    return str(unit.default_policy["primaryKeys"][0])


@_of_product
def _slices_of(source: Any, unit: Any, columns: dict[str, Any], folder: _Folder, mode: str) -> list[Any]:
    return list(_run_slices(source, unit, columns[unit.dataset], folder, mode))


@_of_product
def _answer_of(result: Any) -> tuple[dict[str, int], list[Evidence], bool]:
    """Figures, evidence and the end mark of a slice."""
    evidence = [Evidence(str(e.weight), str(e.code), str(e.message)) for e in result.evidence]
    return dict(result.stats), evidence, bool(result.done)


@_of_product
def _failure_of(error: IngestError) -> tuple[str, str, bool]:
    return str(error.code), str(error.message), bool(error.retryable)


@_of_product
def _catalog_of(folder: _Folder) -> Any:
    config = folder.sink_config
    return load_catalog("lake", type=config["catalog"], uri=config["uri"], warehouse=config["warehouse"])


def _table_name(unit_id: str) -> str:
    return f"{_NAMESPACE}.{unit_id.split('.', 1)[-1]}"


FIGURES = frozenset(
    "read quarantined landed deduplicated inserted updated deleted bytes bytesRewritten requests pages waitedMs "
    "durationMs slices".split()
)
"""The figures of a run as of this file's writing: a new one that is not zero counts as being told."""

# ------------------------------------------------------------------------------------------------------- end of adapter


@dataclass(frozen=True)
class Evidence:
    weight: str
    code: str
    message: str


@dataclass
class Run:
    status: str
    evidence: list[Evidence] = field(default_factory=list)
    stats: dict[str, int] = field(default_factory=dict)
    error: str | None = None
    seconds: float = 0.0

    @property
    def codes(self) -> set[str]:
        return {evidence.code for evidence in self.evidence}

    @property
    def is_green(self) -> bool:
        return self.status == "COMPLETE"

    @property
    def says_compared(self) -> bool:
        """It says that what has landed is what the source shows."""
        return "CENSUS_OK" in self.codes

    @property
    def tells(self) -> bool:
        """It says that something was not as usual."""
        figures = any(value for name, value in self.stats.items() if name not in FIGURES)
        return not self.is_green or figures or bool(self.codes - {"CENSUS_OK"})

    def __str__(self) -> str:
        said = "; ".join(f"{e.code}: {e.message[:110]}" for e in self.evidence)
        figures = ", ".join(
            f"{name} {self.stats[name]}"
            for name in ("read", "landed", "deduplicated", "quarantined", "deleted")
            if self.stats.get(name)
        )
        return " | ".join(filter(None, (self.status, (self.error or "")[:220], figures, said)))


class CollectionFailed(AssertionError):
    """The catalogue could not be collected: a verdict, where the case says that it must."""


class Lab:
    """A source, its catalogue, its checkpoints, and the lake that it lands in."""

    def __init__(self, site: Any, **config: Any) -> None:
        self.config = {"baseUrl": site.url, **config}
        self.root = Path(tempfile.mkdtemp(prefix="lake-"))
        self.checkpoints: dict[str, str] = {}
        self.warnings: list[str] = []
        self._full_read: dict[str, int] = {}
        self._columns: dict[str, Any] = {}
        self._units: dict[str, Any] = {}
        self._source = _open_source(self.config)

    @property
    def units(self) -> list[str]:
        """Their short names."""
        return [unit_id.split(".", 1)[-1] for unit_id in self._units]

    def collect(self) -> Lab:
        try:
            self._columns, self._units, self.warnings = _collect(self._source)
        except IngestError as error:
            code, message, _ = _failure_of(error)
            raise CollectionFailed(f"collection FAILED {code}: {message}") from error
        except Exception as error:
            raise CollectionFailed(f"collection CRASHED: {error!r}") from error
        return self

    def at(self, site: Any, **config: Any) -> Lab:
        """The same lake and checkpoints, another source under the same name, collected."""
        other = self._copy(Lab(site, **config))
        other.root = self.root
        return other.collect()

    def with_config(self, **config: Any) -> Lab:
        """The same site, lake and checkpoints under another config, collected."""
        other = object.__new__(Lab)
        other.config = {"baseUrl": self.config["baseUrl"], **config}
        other.root, other.warnings, other._columns, other._units = self.root, [], {}, {}
        other._source = _open_source(other.config)
        return self._copy(other).collect()

    def into_new_lake(self) -> Lab:
        """The same source and checkpoints, an empty lake."""
        other = object.__new__(Lab)
        other.__dict__.update(self.__dict__)
        other.root = Path(tempfile.mkdtemp(prefix="lake-"))
        return self._copy(other)

    def run(self, unit: str, *, full: bool = False, within: float | None = None, **policy: Any) -> Run:
        """One run. With `within` it is left alone after so many seconds."""
        if within is None:
            return self._run(unit, full, policy)
        box: list[Run] = []
        started = time.monotonic()
        thread = threading.Thread(target=lambda: box.append(self._run(unit, full, policy)), daemon=True)
        thread.start()
        thread.join(within)
        return box[0] if box else Run("RUNNING", seconds=time.monotonic() - started)

    def rows(self, unit: str) -> dict[str, dict[str, Any]]:
        """The live rows by key; none before the table is there."""
        return {key: row for key, row in self.all_rows(unit).items() if row.get("_deleted_at") is None}

    def all_rows(self, unit: str) -> dict[str, dict[str, Any]]:
        """With those that are marked as deleted."""
        descriptor = self._unit(unit)
        try:
            table = _catalog_of(self._folder).load_table(_table_name(f"jira.{unit}"))
        except (NoSuchTableError, NoSuchNamespaceError):
            return {}
        return {str(row[_key_of(descriptor)]): row for row in table.scan().to_arrow().to_pylist()}

    def reset(self, unit: str) -> None:
        self.checkpoints.pop(f"jira.{unit}", None)

    def drop_table(self, unit: str) -> None:
        """As a person does by hand, with another tool."""
        _catalog_of(self._folder).drop_table(_table_name(f"jira.{unit}"))

    @property
    def _folder(self) -> _Folder:
        return _Folder(self.root, self.checkpoints)

    def _copy(self, other: Lab) -> Lab:
        other.checkpoints, other._full_read = self.checkpoints, self._full_read
        return other

    def _unit(self, unit: str) -> Any:
        if not self._units:
            self.collect()
        if f"jira.{unit}" not in self._units:
            raise AssertionError(f"the catalogue has no unit {unit}")
        return self._units[f"jira.{unit}"]

    def _run(self, unit: str, full: bool, policy: dict[str, Any]) -> Run:
        descriptor = _with_policy(self._unit(unit), policy)
        mode = _mode(descriptor, full)
        started = time.monotonic()
        for attempt in (1, 2):
            try:
                results = _slices_of(self._source, descriptor, self._columns, self._folder, mode)
                run = self._outcome(unit, mode, policy, results)
                break
            except IngestError as error:
                code, message, retryable = _failure_of(error)
                run = Run("FAILED", error=f"{code}: {message}")
                if not retryable or attempt == 2:
                    break
            except Exception as error:
                last = traceback.extract_tb(error.__traceback__)[-1]
                where = f"{Path(last.filename).name}:{last.lineno}"
                run = Run("CRASH", error=f"{type(error).__name__}: {str(error)[:200]} ({where})")
                break
        run.seconds = time.monotonic() - started
        return run

    def _outcome(self, unit: str, mode: str, policy: dict[str, Any], results: list[Any]) -> Run:
        stats: dict[str, int] = {}
        said: dict[Evidence, None] = {}
        done = False
        for result in results:
            figures, evidence, done = _answer_of(result)
            for name, value in figures.items():
                stats[name] = stats.get(name, 0) + value
            said.update(dict.fromkeys(evidence))
        if not done:
            raise AdapterBroken("a run ended before its last slice")
        said.update(dict.fromkeys(self._figures_evidence(unit, mode, policy, stats)))
        weights = {evidence.weight for evidence in said}
        status = "SUSPICIOUS" if "suspicious" in weights else "PARTIAL" if "partial" in weights else "COMPLETE"
        if mode == "FULL":
            self._full_read[unit] = stats.get("read", 0)
        return Run(status, list(said), stats)

    def _figures_evidence(self, unit: str, mode: str, policy: dict[str, Any], stats: dict[str, int]) -> list[Evidence]:
        """What the control plane adds."""
        read, landed, same, aside = (stats.get(n, 0) for n in ("read", "landed", "deduplicated", "quarantined"))
        found = []
        if read != landed + same + aside:
            parts = f"{landed} landed, {same} deduplicated, {aside} quarantined"
            found.append(Evidence("suspicious", "ACCOUNTING", f"Of {read} rows read: {parts}."))
        if mode == "FULL" and not read and self._full_read.get(unit) and not policy.get("allowEmpty"):
            found.append(Evidence("suspicious", "SUSPICIOUS_EMPTY", "The source shows no rows."))
        if aside:
            found.append(Evidence("partial", "QUARANTINED", f"{aside} rows are in quarantine."))
        return found


# --------------------------------------------------------------------------------------------------------------- cases


class Wrong(AssertionError):
    """The product did not do what the case says is right."""


@dataclass(frozen=True)
class Case:
    name: str
    act: Callable[[], None]
    seconds: float


CASES: dict[str, Case] = {}


def case(seconds: float = 60.0) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Registers a function as a case that may take so many seconds."""

    def register(act: Callable[[], None]) -> Callable[[], None]:
        if act.__name__ in CASES:
            raise ValueError(f"two cases are called {act.__name__}")
        CASES[act.__name__] = Case(act.__name__, act, seconds)
        return act

    return register


def check(right: bool, detail: object) -> None:
    if not right:
        raise Wrong(str(detail))


def plain_site_lands(make_site: Callable[[], Any]) -> None:
    """Whether lab and product still speak with each other. Raises AdapterBroken."""
    site = make_site()
    site.issue_range(1, 3)
    try:
        lab = Lab(site).collect()
        first, second = lab.run("issues"), lab.run("issues")
        if not (first.is_green and len(lab.rows("issues")) == 3 and first.stats.get("landed") == 3):
            raise AdapterBroken(f"three plain issues do not land: {first}, {len(lab.rows('issues'))} rows")
        if not (second.is_green and second.stats.get("read") == 0):
            raise AdapterBroken(f"a second run does not go on from the checkpoint: {second}")
        lab.reset("issues")
        third, full = lab.run("issues", keepRaw=True), lab.run("issues", full=True)
        if not (third.is_green and third.stats.get("read") == 3 and full.is_green and full.stats.get("read") == 3):
            raise AdapterBroken(f"a reset or a full run does not read again: {third}, {full}")
        if "_raw" not in lab.rows("issues")["1"]:
            raise AdapterBroken("a row has no _raw")
        users = lab.run("users")
        if not (users.is_green and set(lab.rows("users")) == {"u1"}):
            raise AdapterBroken(f"a plain person does not land: {users}")
    except CollectionFailed as error:
        raise AdapterBroken(f"a plain site cannot be collected: {error}") from error
