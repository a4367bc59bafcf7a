"""Checks and bodies that the contract needs beyond Schemathesis's own; loaded through
SCHEMATHESIS_HOOKS.
"""

import json
import os
from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, HookContext, Response

# What only the connector's own schemas say, which an OpenAPI document cannot: half of the bodies
# get what fits.
FITTING = json.loads(os.environ["INLET_FITTING"])
# Whose tokens the fuzzer bears: one that it suspends, deletes or gives a small quota answers
# nothing worth knowing.
IN_USE = {"demo", "other", "platform"}
SPARE_TENANT = os.environ["INLET_SPARE_TENANT"]
BEYOND_A_SCHEMA = {"CONFIG_INVALID", "CURSOR_INVALID"}


@schemathesis.hook
def before_call(context: HookContext, case: Case, _: dict[str, Any]) -> None:
    """Only what fits the contract is given what fits the connector: what must be refused stays as
    it was drawn.
    """
    if case.path_parameters and case.path_parameters.get("tenantId") in IN_USE:
        case.path_parameters["tenantId"] = SPARE_TENANT
    fitting = FITTING.get(case.operation.label)
    body = case.body
    if (
        not fitting
        or not isinstance(body, dict)
        or not _fits(case)
        or len(json.dumps(body, default=str)) % 2
    ):
        return
    case.body = {
        name: fitting.get(name, value) if isinstance(value, dict) else value
        for name, value in body.items()
    }


@schemathesis.check
def refused_only_beyond_the_schema(_: CheckContext, response: Response, case: Case) -> None:
    """What fits the contract is never a VALIDATION_ERROR: that would be a rule the contract keeps
    to itself.
    """
    if response.status_code != 400 or not _fits(case):
        return
    problem = json.loads(response.content)
    said = f"{problem['code']}: {problem['detail']}"
    assert problem["code"] in BEYOND_A_SCHEMA, f"fits the contract, and is refused with {said}"


def _fits(case: Case) -> bool:
    """Every part of it, since a case that is called positive may still carry a header that could
    not be made to fit.
    """
    parts = case.meta.components.values() if case.meta else ()
    return (
        case.meta is not None
        and case.meta.generation.mode.is_positive
        and all(p.mode.is_positive for p in parts)
    )


@schemathesis.check
def was_asked_at_all(_: CheckContext, response: Response, case: Case) -> None:
    """A request over the tenant's rate, or of a tenant that is no more, conforms to the contract
    and tests nothing.
    """
    assert response.status_code != 429, "over the tenant's rate: nothing was tested"
    assert b'"TENANT_SUSPENDED"' not in response.content, (
        "of a tenant that is suspended: nothing was tested"
    )


@schemathesis.check
def graphql_fails_on_purpose(_: CheckContext, response: Response, case: Case) -> None:
    """GraphQL answers 200 whatever happens: a masked error is its 500."""
    if not case.path.endswith("/graphql"):
        return
    assert response.status_code < 500, f"answered {response.status_code}"
    if response.status_code != 200:
        return
    for error in json.loads(response.content).get("errors") or []:
        code = error.get("extensions", {}).get("code")
        assert code not in (None, "INTERNAL"), f"answered {code}: {error.get('message')}"
