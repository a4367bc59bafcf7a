"""A full and an incremental load of the issues unit through `run_ingestion_unit`, and the
hand-written loop beside it.

    python bench/data_plane.py '{"url": "http://127.0.0.1:8181", "user": "…", "token": "…",
    "folder": "/tmp/lake"}'

Prints one load as a JSON line: rows, seconds, rows a second, peak RSS of the process in MB,
requests. The first in a folder is the full one, the next are incremental. `run_ingestion_unit` runs
as a run of the worker does, in a child of a fork server that has everything loaded, or with
`"alone": true` in this process, as its peers do; the hand-written loop loads what it needs itself,
before its clock starts. `"mode"` is INCREMENTAL unless it says FULL. Staging and lake are local
folders: the sinks' own code, without a network between.
"""

import json
import multiprocessing
import os
import resource
import sys
import time
from base64 import b64encode
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

UNIT = "jira.issues"


def as_a_run(site: dict[str, Any], folder: Path) -> dict[str, Any]:
    """One load of Inlet, in a process like a run's."""
    from inlet_worker.memory import ENVIRONMENT
    from inlet_worker.temporal.child_process import PRELOAD

    if site.get("alone"):
        if not ENVIRONMENT.items() <= os.environ.items():  # read when a process starts
            os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ENVIRONMENT})
        return landed_by_inlet(site, folder)

    os.environ.update(ENVIRONMENT)
    workers = multiprocessing.get_context("forkserver")
    workers.set_forkserver_preload(list(PRELOAD))
    with ProcessPoolExecutor(1, mp_context=workers) as pool:
        return pool.submit(landed_by_inlet, site, folder).result()


def landed_by_inlet(site: dict[str, Any], folder: Path) -> dict[str, Any]:
    """One load, from the checkpoint that the load before has left."""
    from inlet_sdk.http.auth import Credential, StaticCredential
    from inlet_sdk.ports.ingestion_context import IngestionContext
    from inlet_worker.pipeline.endpoint_registry import ResolvedEndpoints
    from inlet_worker.pipeline.run_ingestion_unit import run_ingestion_unit
    from inlet_worker.sinks.registry import sink_class
    from inlet_worker.sources.jira.endpoint import JiraEndpoint
    from inlet_worker.staging.registry import open_staging

    credential = StaticCredential(
        Credential("basic", {"email": site["user"], "apiToken": site["token"]})
    )
    source = JiraEndpoint({"baseUrl": site["url"]}, credential, allow_private_networks=True)
    catalog = source.collect()
    unit = next(
        u for u in source.list_units([d.name for d in catalog.datasets]) if u.unit_id == UNIT
    )
    lake = {
        "catalog": "sql",
        "uri": f"sqlite:///{folder}/lake.db",
        "warehouse": f"file://{folder}/lake",
    }
    registry = ResolvedEndpoints(
        sources={"site": source},
        sinks={"lake": sink_class("warehouse.iceberg")(lake)},
        providers={"object_store": open_staging("object_store", {"folder": f"{folder}/staging"})},
        columns={d.name: d.fields for d in catalog.datasets},
    )
    kept = folder / "checkpoint.json"
    checkpoint: dict[str, Any] | None = json.loads(kept.read_text()) if kept.exists() else None
    name, epoch = ("full", 1) if checkpoint is None else ("incremental", 2)
    requests, started, landed = requests_of(site), time.perf_counter(), 0
    slice_, resume, done = 0, None, False
    while not done:
        context = IngestionContext(
            *(
                "bench",
                f"run-{epoch}",
                "site",
                "jira",
                UNIT,
                UNIT,
                site.get("mode", "INCREMENTAL"),
                epoch,
                slice_,
                resume,
            )
        )
        result = run_ingestion_unit(
            *("site", "lake", UNIT, checkpoint, unit.default_policy, "object_store"),
            context=context,
            registry=registry,
            load_pending=lambda: None,
            save_pending=lambda _: None,
        )
        checkpoint = result.new_checkpoint or checkpoint
        landed += result.stats["landed"]
        slice_, resume, done = slice_ + 1, result.resume, result.done
    kept.write_text(json.dumps(checkpoint))
    return measured(f"inlet {name}", landed, started, requests_of(site) - requests)


def landed_by_hand(site: dict[str, Any], folder: Path) -> dict[str, Any]:
    """What one writes first: page, parse, keep all, write one file. No types, no retries, no
    cursor, no proof.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    requests = requests_of(site)
    started, rows, token = time.perf_counter(), [], None
    while True:
        query = {
            "jql": "updated >= 0 ORDER BY updated ASC",
            "fields": "*all",
            "maxResults": 100,
        }
        page = get(
            site,
            "/rest/api/3/search/jql",
            query | ({"nextPageToken": token} if token else {}),
        )
        rows += [
            {"id": i["id"], "updated": i["fields"]["updated"], "raw": json.dumps(i)}
            for i in page["issues"]
        ]
        token = page.get("nextPageToken")
        if not token:
            break
    raw = [{**row, "raw": row["raw"].encode("utf-8", "surrogatepass")} for row in rows]
    pq.write_table(pa.Table.from_pylist(raw), folder / "by-hand.parquet")
    return measured("hand-written full", len(rows), started, requests_of(site) - requests)


def measured(name: str, rows: int, started: float, requests: int) -> dict[str, Any]:
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = {
        "rows": rows,
        "seconds": round(seconds, 2),
        "rowsPerSecond": round(rows / seconds),
    }
    return {"load": name, **figures, "peakRssMb": round(peak), "requests": requests}


def get(site: dict[str, Any], path: str, query: dict[str, Any]) -> Any:
    secret = b64encode(f"{site['user']}:{site['token']}".encode()).decode()
    request = Request(
        f"{site['url']}{path}?{urlencode(query)}",
        headers={"Authorization": f"Basic {secret}"},
    )
    with urlopen(request) as answer:
        return json.load(answer)


def requests_of(site: dict[str, Any]) -> int:
    with urlopen(f"{site['url']}/__control/stats") as answer:
        return sum(json.load(answer)["requestsByRoute"].values())


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    load = landed_by_hand if asked.get("byHand") else as_a_run
    print(json.dumps(load(asked, Path(asked["folder"]))))
