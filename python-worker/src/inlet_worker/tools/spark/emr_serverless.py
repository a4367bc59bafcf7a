"""Execution tool `spark` where the environment has EMR Serverless: each call is a job run there.
Rows go as Parquet by a bucket that is the environment's own, below a prefix of the call.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import obstore
import pyarrow as pa
import pyarrow.parquet as pq

from inlet_sdk.errors import FatalError, RetryableError
from inlet_sdk.ports.execution_tool import FunctionProgram, Program
from inlet_worker.tools.exact_output import exact_batch, failed

POLL_SECONDS = 5.0
ENDED = frozenset({"SUCCESS", "FAILED", "CANCELLED"})
TRIES_PER_CALL = 1
"""A job that fails is not run again by the service: the run decides."""


@dataclass(frozen=True)
class EmrPlace:
    """application, role: of EMR Serverless, the role being the tenant's own. entry_point: where
    `job.py` lies. uri: of the folder that `store` opens, as the job sees it.
    """

    application: str
    role: str
    entry_point: str
    uri: str


class EmrServerlessTool:
    """`client` is boto3's of `emr-serverless`; the run's role may start jobs of this application
    and pass it the job's role.
    """

    name: ClassVar[str] = "spark"

    def __init__(
        self,
        place: EmrPlace,
        client: Any,
        store: Any,
        seconds: float,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._place = place
        self._client = client
        self._store = store
        self._seconds = seconds
        self._sleep = sleep
        self._running: str | None = None

    def output_of(self, program: Program, inputs: Mapping[str, pa.Schema]) -> pa.Schema:
        empty = {name: pa.Table.from_batches([], schema) for name, schema in inputs.items()}
        try:
            return self._answered(program, empty).schema.remove_metadata()
        except FatalError as error:
            raise FatalError("CONFIG_INVALID", error.message, details=error.details) from None

    def run(
        self,
        program: Program,
        inputs: Mapping[str, pa.RecordBatchReader],
        output: pa.Schema,
    ) -> Iterator[pa.RecordBatch]:
        tables = {name: reader.read_all() for name, reader in inputs.items()}
        for batch in self._answered(program, tables).to_batches():
            yield exact_batch(batch, output)

    def close(self) -> None:
        """Cancels the job that is running."""
        job, self._running = self._running, None
        if job is not None:
            self._client.cancel_job_run(applicationId=self._place.application, jobRunId=job)

    def _answered(self, program: Program, tables: Mapping[str, pa.Table]) -> pa.Table:
        function = _name_of(program)
        call = uuid.uuid4().hex
        try:
            for name, table in tables.items():
                self._put(f"{call}/in/{name}/rows.parquet", table)
            self._run_job(call, function, list(tables))
            return self._read(f"{call}/out")
        finally:
            self._delete(call)

    def _run_job(self, call: str, function: str, names: list[str]) -> None:
        uri = f"{self._place.uri}/{call}"
        arguments = json.dumps(
            {
                "function": function,
                "inputs": {name: f"{uri}/in/{name}" for name in names},
                "output": f"{uri}/out",
            }
        )
        started = self._client.start_job_run(
            applicationId=self._place.application,
            clientToken=call,
            executionRoleArn=self._place.role,
            executionIamPolicy={"policy": job_policy(self._place, uri)},
            executionTimeoutMinutes=max(5, round(self._seconds / 60)),
            jobDriver={
                "sparkSubmit": {
                    "entryPoint": self._place.entry_point,
                    "entryPointArguments": [arguments],
                }
            },
            name=f"inlet-{call}",
            retryPolicy={"maxAttempts": TRIES_PER_CALL},
        )
        self._running = started["jobRunId"]
        state = self._awaited(started["jobRunId"])
        self._running = None
        if state != "SUCCESS":
            raise failed(
                f"The Spark job of the transform ended {state}. Look at job run "
                f"{started['jobRunId']} of the environment's application."
            )

    def _awaited(self, job: str) -> str:
        deadline = time.monotonic() + self._seconds
        while time.monotonic() < deadline:
            told = self._client.get_job_run(applicationId=self._place.application, jobRunId=job)
            state = str(told["jobRun"]["state"])
            if state in ENDED:
                return state
            self._sleep(POLL_SECONDS)

        self.close()
        raise failed(
            f"The Spark job of the transform takes longer than {self._seconds:g} s. Make it "
            "simpler."
        )

    def _put(self, key: str, table: pa.Table) -> None:
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink)
        obstore.put(self._store, key, sink.getvalue().to_pybytes())

    def _read(self, prefix: str) -> pa.Table:
        keys = [entry["path"] for page in obstore.list(self._store, prefix) for entry in page]
        parts = sorted(key for key in keys if key.endswith(".parquet"))
        if not parts:
            raise RetryableError(
                "STAGING_CORRUPT",
                "The Spark job left no rows to read; the slice is tried again.",
            )
        return pa.concat_tables(
            pq.read_table(pa.BufferReader(bytes(obstore.get(self._store, key).bytes())))
            for key in parts
        )

    def _delete(self, prefix: str) -> None:
        for page in obstore.list(self._store, prefix):
            obstore.delete(self._store, [entry["path"] for entry in page])


def job_policy(place: EmrPlace, uri: str) -> str:
    """What of the role's permissions is left to one job: the rows of its call, and its code."""
    s3 = f"arn:{place.role.split(':')[1]}:s3:::"
    bucket, _, folder = uri.removeprefix("s3://").partition("/")
    entry_point = place.entry_point.removeprefix("s3://")
    listing = {"StringLike": {"s3:prefix": [folder, f"{folder}/*"]}}
    through = {"StringLike": {"kms:ViaService": ["s3.*"]}}

    statements: list[dict[str, Any]] = [
        {"Action": "s3:*", "Resource": f"{s3}{bucket}/{folder}/*"},
        {"Action": "s3:GetObject", "Resource": f"{s3}{entry_point}"},
        {"Action": "s3:ListBucket", "Resource": f"{s3}{bucket}", "Condition": listing},
        {"Action": "kms:*", "Resource": "*", "Condition": through},
    ]
    allowed = [{"Effect": "Allow", **statement} for statement in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": allowed}, separators=(",", ":"))


def _name_of(program: Program) -> str:
    if isinstance(program, FunctionProgram):
        return f"{program.function.__module__}:{program.function.__qualname__}"
    raise FatalError(
        "CONFIG_INVALID",
        "Spark runs functions of installed packages: give policy.transform.function, and no query.",
        details={"field": "policy.transform.function"},
    )
