"""The manifest entry of the CloudWatch connector. TypeScript calls its methods (decision 1)."""

from __future__ import annotations

from typing import Any

from inlet_sdk.http.budget.limits import RATE_LIMIT_SCHEMA
from inlet_sdk.http.secret_schemas import HIDDEN, secret_of
from inlet_sdk.ports.described_endpoint import EndpointDescriptor

# AWS counts each operation by itself, by account and region. The slowest of those that we call are
# allowed a few requests a second; Service Quotas has the account's own figures.
RATE_LIMIT: dict[str, Any] = {"requestsPerSecond": 5, "burst": 5, "reservedShare": 0.25}

CONFIG_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "region": {
            "type": "string",
            "pattern": "^[a-z]{2}(-[a-z]{2,12}){1,3}-[0-9]{1,2}$",
            "examples": ["eu-central-1"],
            "title": "Region",
            "description": "AWS region whose metrics, logs and alarms are meant.",
            "x-routes": True,
        },
        "endpointUrl": {
            "type": "string",
            "examples": ["https://monitoring.example.com"],
            "title": "Address",
            "description": "Of what speaks like CloudWatch. Default: AWS's own of the region.",
            "x-address": "url",
        },
        "rateLimit": RATE_LIMIT_SCHEMA,
    },
    "required": ["region"],
    "additionalProperties": False,
}

DESCRIPTOR = EndpointDescriptor(
    name="cloudwatch",
    kind="source",
    version="1.0.0",
    title="Amazon CloudWatch",
    description="Metrics, log events and alarms of an AWS account and region, by its methods.",
    capabilities=(),
    config_schema=CONFIG_SCHEMA,
    sample_config={"region": "eu-central-1"},
    auth_types=("awsRole", "awsKeys"),
    secret_schema={
        "awsRole": {
            **secret_of(
                roleArn={
                    "type": "string",
                    "pattern": "^arn:aws[a-z-]{0,20}:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$",
                    "maxLength": 200,
                    "examples": ["arn:aws:iam::123456789012:role/inlet-reads"],
                    "description": "A role of your account that trusts this platform.",
                },
                externalId={
                    "type": "string",
                    "pattern": "^[A-Za-z0-9+=,.@:/_-]{2,256}$",
                    "description": "What the role's trust policy asks for as `sts:ExternalId`: "
                    "inlet/<environment>/<tenant>. Left out, it is that.",
                },
            ),
            "required": ["roleArn"],
        },
        "awsKeys": secret_of(
            accessKeyId={"type": "string", "minLength": 1, "maxLength": 128},
            secretAccessKey={**HIDDEN, "minLength": 8, "maxLength": 256},
        ),
    },
    rate_limit=RATE_LIMIT,
)
