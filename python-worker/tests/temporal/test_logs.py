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
from hypothesis import assume, given
from hypothesis import strategies as st

from inlet_worker import logs

CANARY = 'canary/"+ü=71'


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    monkeypatch.setattr(logs, "_live", set())
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
    logs.get_logger("inlet_worker.x").info("asked", body="the vendor's answer", authorization="Basic abc")
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
    logging.getLogger("urllib3").warning("sent %s to the site", form(CANARY))  # the control: found before it is guarded
    assert form(CANARY) in told(lines)[0]["event"]
    logs.guard_values([CANARY])
    logging.getLogger("urllib3").warning("sent %s to the site", form(CANARY))
    logs.get_logger("inlet_worker.x").info("unit landed", reason=f"x{form(CANARY)}y")
    assert [line.get("reason") for line in told(lines)[1:]] == [None, f"x{logs.REDACTED}y"]
    assert told(lines)[1]["event"] == f"sent {logs.REDACTED} to the site"


@given(secret=st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=12), before=st.binary(max_size=8))
def test_a_secret_inside_a_longer_base64_is_found(secret: str, before: bytes) -> None:
    assume(len(set(secret)) > 4)
    logs._live.clear()
    logs.guard_values([secret])
    text = base64.b64encode(before + secret.encode() + b":rest").decode()
    assert logs.REDACTED in logs.redact(text)


def test_a_member_with_a_secrets_name_is_redacted_whatever_it_holds() -> None:
    tree = {"apiToken": "abc", "nested": [{"Authorization": {"deep": 1}, "field": "credentials.x"}]}
    assert logs.redact_tree(tree) == {
        "apiToken": logs.REDACTED,
        "nested": [{"Authorization": logs.REDACTED, "field": "credentials.x"}],
    }
