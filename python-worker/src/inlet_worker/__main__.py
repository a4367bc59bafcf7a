"""`python -m inlet_worker worker | manifest | sweep | ingest`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0, or 2 for a configuration that says what to mend."""
    from inlet_sdk.errors import (
        IngestError,
    )  # nothing heavy at import: child processes import this module too

    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except IngestError as e:
        print(f"{e.code}: {e.message}", file=sys.stderr)  # noqa: T201
        return 2
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="inlet_worker", description="Inlet's data plane.")
    commands = parser.add_subparsers(required=True)

    worker = commands.add_parser("worker", help="run the Temporal worker of this environment")
    worker.add_argument(
        "--environment-at", type=int, default=None, help=argparse.SUPPRESS
    )  # by itself only
    worker.set_defaults(run=_worker)

    manifest = commands.add_parser(
        "manifest", help="print the manifest of all connectors and sinks as JSON"
    )
    manifest.set_defaults(run=_manifest)

    sweep = commands.add_parser(
        "sweep", help="delete what runs that are over left in the staging bucket"
    )
    sweep.set_defaults(run=_sweep)

    ingest = commands.add_parser(
        "ingest", help="land a Jira site in a folder of this machine, without any service"
    )
    ingest.add_argument(
        "--server", required=True, metavar="URL", help="the site, for example http://127.0.0.1:8099"
    )
    ingest.add_argument("--email", required=True, help="the account")
    ingest.add_argument(
        "--token", default=None, help="its API token; INLET_INGEST_TOKEN where left out"
    )
    ingest.add_argument(
        "--lake", default=".local/lake", metavar="FOLDER", help="where the tables go"
    )
    ingest.add_argument(
        "--unit", action="append", metavar="UNIT", help="only this unit; may be repeated"
    )
    ingest.add_argument(
        "--full", action="store_true", help="read everything, whatever the unit's default mode"
    )
    ingest.set_defaults(run=_ingest)

    return parser


def _worker(options: argparse.Namespace) -> NoReturn:
    import asyncio
    import logging

    from inlet_worker.config import read_settings
    from inlet_worker.host import logs
    from inlet_worker.temporal.child_process import ChildProcesses
    from inlet_worker.temporal.clean_start import (
        give_up_root,
        read_handed_environment,
        start_again_clean,
    )
    from inlet_worker.temporal.seclusion import seclude
    from inlet_worker.temporal.worker import run_worker

    seclude()
    if options.environment_at is None:
        read_settings(os.environ)  # a fault is reported before
        start_again_clean()
    else:
        read_handed_environment(options.environment_at)
    settings = read_settings(os.environ)
    logs.configure_logs({"environment": settings.environment})
    children = ChildProcesses(settings)
    children.warm()
    give_up_root(settings)
    asyncio.run(run_worker(settings, children))

    # Threads of Temporal's library may still be at work: one of them that meets an interpreter at
    # its end aborts the process.
    logging.shutdown()
    os._exit(0)


def _manifest(_: argparse.Namespace) -> int:
    from inlet_worker.host.manifest import manifest_json

    print(manifest_json())  # noqa: T201
    return 0


def _sweep(_: argparse.Namespace) -> int:
    from datetime import UTC, datetime, timedelta

    from inlet_worker.config import read_settings
    from inlet_worker.temporal.staging_sweep import sweep_staging
    from inlet_worker.temporal.work import Work

    swept = sweep_staging(
        {}, Work(read_settings(os.environ), datetime.now(UTC) + timedelta(minutes=10))
    )
    print(f"{swept.runs} runs swept")  # noqa: T201
    return 0


def _ingest(options: argparse.Namespace) -> int:
    from inlet_worker.ingest import ingest

    token = options.token or os.environ.get("INLET_INGEST_TOKEN", "")
    return ingest(
        options.server, options.email, token, options.lake, units=options.unit, full=options.full
    )


if __name__ == "__main__":
    sys.exit(main())
