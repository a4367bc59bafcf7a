"""EMR Serverless: the requests are checked against AWS's own model of the service, and the job that
they order runs, on a local Spark. That AWS runs it so is in docs/unproven.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import boto3
import obstore
import pytest
from botocore.validate import ParamValidator
from obstore.store import LocalStore

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.execution_tool import ExecutionTool, FunctionProgram, Program
from inlet_sdk.testing.contract_tool import ROWS, ToolContract, a_row, rows_of
from inlet_worker.tools.spark import job
from inlet_worker.tools.spark.emr_serverless import EmrPlace, EmrServerlessTool
from inlet_worker.tools.spark.places import LOCAL

from . import spark_programs as programs
from . import test_spark

ROLE = "arn:aws:iam::123456789012:role/inlet-spark"


class Service:
    """Answers as the service does; runs the job in its place. Every request is checked by boto3's
    model of the service.
    """

    def __init__(self, states: tuple[str, ...] = ("SCHEDULED", "RUNNING", "SUCCESS")) -> None:
        client = boto3.client("emr-serverless", region_name="eu-west-1")
        self._model = client.meta.service_model
        self._states = list(states)
        self.started: list[dict[str, Any]] = []
        self.cancelled: list[str] = []
        self._left: list[str] = []

    def start_job_run(self, **given: Any) -> dict[str, Any]:
        self._check("StartJobRun", given)
        self.started.append(given)
        self._left = list(self._states)
        if "SUCCESS" in self._states:
            (order,) = given["jobDriver"]["sparkSubmit"]["entryPointArguments"]
            conf = {"spark.master": "local[2]", **LOCAL}
            try:
                job.main(order, conf, find)
            except Exception:
                self._left = ["RUNNING", "FAILED"]
        return {"applicationId": "a", "jobRunId": "job-1", "arn": "arn"}

    def get_job_run(self, **given: Any) -> dict[str, Any]:
        self._check("GetJobRun", given)
        state = self._left.pop(0) if len(self._left) > 1 else self._left[0]
        return {"jobRun": {"state": state}}

    def cancel_job_run(self, **given: Any) -> dict[str, Any]:
        self._check("CancelJobRun", given)
        self.cancelled.append(given["jobRunId"])
        return {}

    def _check(self, operation: str, given: dict[str, Any]) -> None:
        shape = self._model.operation_model(operation).input_shape
        report = ParamValidator().validate(given, shape)
        assert not report.has_errors(), report.generate_report()


def find(name: str) -> FunctionProgram:
    module, _, function = name.partition(":")
    assert module == programs.__name__
    return FunctionProgram(getattr(programs, function))


def a_tool(folder: Path, service: Service, seconds: float = 60) -> EmrServerlessTool:
    place = EmrPlace("00f1app", ROLE, "s3://code/job.py", f"file://{folder}")
    store = LocalStore(str(folder), mkdir=True)
    return EmrServerlessTool(place, service, store, seconds, sleep=lambda _: None)


class TestEmrServerless(ToolContract):
    subject = "spark on EMR Serverless"
    programs: ClassVar[Mapping[str, Program]] = test_spark.TestSpark.programs

    @pytest.fixture(scope="class")
    @classmethod
    def tool(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExecutionTool]:
        yield a_tool(tmp_path_factory.mktemp("emr"), Service())


def test_a_job_is_ordered_once_and_nothing_is_left(tmp_path: Path) -> None:
    service = Service()
    tool = a_tool(tmp_path, service)
    reader = rows_of([a_row("a", 1, open=True)]).to_reader()
    (batch,) = tool.run(FunctionProgram(programs.keep), {"rows": reader}, ROWS)
    assert batch.num_rows == 1

    (order,) = service.started
    assert (order["applicationId"], order["executionRoleArn"]) == ("00f1app", ROLE)
    told = json.loads(order["jobDriver"]["sparkSubmit"]["entryPointArguments"][0])
    assert told["function"] == f"{programs.__name__}:keep"
    left = [e for page in obstore.list(LocalStore(str(tmp_path))) for e in page]
    assert [e["path"] for e in left if not e["path"].endswith(".crc")] == []


@pytest.mark.parametrize("states", [("RUNNING", "FAILED"), ("CANCELLED",)])
def test_a_job_that_fails_says_where_to_look(tmp_path: Path, states: tuple[str, ...]) -> None:
    tool = a_tool(tmp_path, Service(states))
    with pytest.raises(FatalError) as refused:
        list(tool.run(FunctionProgram(programs.keep), {"rows": rows_of([]).to_reader()}, ROWS))
    assert refused.value.code == "TRANSFORM_FAILED" and "job-1" in refused.value.message


def test_a_job_that_takes_too_long_is_cancelled(tmp_path: Path) -> None:
    service = Service(("RUNNING",))
    tool = a_tool(tmp_path, service, seconds=0.05)
    with pytest.raises(FatalError):
        list(tool.run(FunctionProgram(programs.keep), {"rows": rows_of([]).to_reader()}, ROWS))
    assert service.cancelled == ["job-1"]
