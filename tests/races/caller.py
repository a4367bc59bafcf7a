"""Readers of one credential in a process of the data plane, for a race with other processes. Each
is a run's holder of its own, through the broker's function, as AWS_ENDPOINT_URL says where.

Its input, a line of JSON each: {"function", "callers"}; then for each round {"reference": a
CredentialRef, "versionSeen": null or a version that the vendor refused}. Its output: "ready", then
for each round a list of {"token", "version"} or {"error": code}, one for each caller.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from inlet_sdk.errors import IngestError
from inlet_worker.contracts.models import CredentialRef
from inlet_worker.host.aws import Aws
from inlet_worker.host.broker import CredentialBroker
from inlet_worker.host.credentials import HeldCredential


def main() -> None:
    settings = json.loads(sys.stdin.readline())
    callers: int = settings["callers"]
    # One client has ten connections: each caller is a process of its own elsewhere.
    brokers = [CredentialBroker(Aws().functions, settings["function"]) for _ in range(callers)]
    say("ready")

    with ThreadPoolExecutor(callers) as threads:
        for line in sys.stdin:
            asked = json.loads(line)
            reference = CredentialRef.model_validate(asked["reference"])
            together = Barrier(callers)
            answers = [
                threads.submit(read, broker, reference, asked.get("versionSeen"), together)
                for broker in brokers
            ]
            say([answer.result() for answer in answers])


def read(
    broker: CredentialBroker, reference: CredentialRef, version_seen: str | None, together: Barrier
) -> dict[str, str]:
    holder = HeldCredential(reference, broker)
    together.wait(60)
    try:
        credential = holder.read() if version_seen is None else holder.force_refresh(version_seen)
    except IngestError as error:
        return {"error": error.code}
    return {"token": credential.values.get("accessToken", ""), "version": credential.version}


def say(answer: Any) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
