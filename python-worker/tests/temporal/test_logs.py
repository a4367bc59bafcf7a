from __future__ import annotations

import base64
import io
import json
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import structlog

from inlet_sdk import redaction
from inlet_worker.host import logs

CANARY = 'canary/"+ü=71'


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (root.handlers, root.level, logging.getLogger("inlet_worker").level)
    stream = io.StringIO()
    logs.configure_logs({"environment": "test"}, stream=stream)
    yield stream
    root.handlers, root.level = before[0], before[1]
    logging.getLogger("inlet_worker").setLevel(before[2])
    structlog.reset_defaults()


def told(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_the_process_and_the_run(lines: io.StringIO) -> None:
    logs.get_logger("inlet_worker.x").info("unit landed", runId="run_1", rows=3)
    (line,) = told(lines)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "unit landed",
        "level": "info",
        "service": "python-worker",
        "environment": "test",
        "runId": "run_1",
        "rows": 3,
    }


def test_a_field_that_is_not_on_the_list_stays_out(lines: io.StringIO) -> None:
    logs.get_logger("inlet_worker.x").info(
        "asked", body="the vendor's answer", authorization="Basic abc"
    )
    assert {"body", "authorization"}.isdisjoint(told(lines)[0])


def test_an_error_is_told_by_its_type_and_place_not_its_words(lines: io.StringIO) -> None:
    try:
        raise ValueError("the vendor said hunter2")
    except ValueError:
        logs.get_logger("inlet_worker.x").warning("failed", exc_info=True)
        logging.getLogger("some.library").exception("also failed")
    assert "hunter2" not in lines.getvalue()
    assert [line["errorType"] for line in told(lines)] == ["ValueError", "ValueError"]
    assert all("test_logs.py:" in line["where"][-1] for line in told(lines))


@pytest.mark.parametrize(
    "form",
    [
        lambda s: s,
        lambda s: quote(s, safe=""),
        lambda s: base64.b64encode(s.encode()).decode(),
        lambda s: base64.urlsafe_b64encode(s.encode()).decode(),
        lambda s: s.encode().hex(),
        lambda s: json.dumps(s, ensure_ascii=False)[1:-1],
    ],
)
def test_a_guarded_value_appears_in_no_line_in_any_form(lines: io.StringIO, form: Any) -> None:
    logging.getLogger("urllib3").warning(
        "sent %s to the site", form(CANARY)
    )  # the control: found before it is guarded
    assert form(CANARY) in told(lines)[0]["event"]
    redaction.guard_values([CANARY])
    logging.getLogger("urllib3").warning("sent %s to the site", form(CANARY))
    logs.get_logger("inlet_worker.x").info("unit landed", reason=f"x{form(CANARY)}y")
    assert [line.get("reason") for line in told(lines)[1:]] == [None, f"x{redaction.REDACTED}y"]
    assert told(lines)[1]["event"] == f"sent {redaction.REDACTED} to the site"
