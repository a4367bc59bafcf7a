"""Generated from `schemas/` by `npm run generate`. Do not edit."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from pydantic import AnyUrl, AwareDatetime, BaseModel, ConfigDict, Field, RootModel


class InletWorkerContracts(RootModel[Any]):
    root: Annotated[Any, Field(title="Inlet worker contracts")]


class ArtifactFile(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    location: str
    rows: Annotated[int, Field(ge=0, le=9007199254740991)]
    bytes: Annotated[int, Field(ge=0, le=9007199254740991)]
    sha256: Annotated[str | None, Field(description="Null where the sink keeps no checksum.")]


class ArtifactPage(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    files: list[ArtifactFile]
    more: bool


class Error(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    code: str
    message: str


class BrokerAnswer2(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    error: Error


class VersionSeen(RootModel[str]):
    root: Annotated[
        str,
        Field(
            description="The version that the vendor refused. A newer one is answered if there is one, and made if there is none.",
            max_length=200,
        ),
    ]


class VersionId(RootModel[str]):
    root: Annotated[
        str,
        Field(
            description="A stored version that nothing points at yet: credentials that are being tried.",
            max_length=200,
        ),
    ]


class BrokerRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    grant: Annotated[str, Field(description="The signed grant: a JWS in compact form.", max_length=4096)]
    version_seen: Annotated[
        VersionSeen | None,
        Field(
            alias="versionSeen",
            description="The version that the vendor refused. A newer one is answered if there is one, and made if there is none.",
        ),
    ] = None
    version_id: Annotated[
        VersionId | None,
        Field(
            alias="versionId",
            description="A stored version that nothing points at yet: credentials that are being tried.",
        ),
    ] = None
    rotate: Annotated[
        bool | None,
        Field(description="Replaces what is good: for maintenance alone. Refused where only people can."),
    ] = None


class ExpiresAt(RootModel[AwareDatetime]):
    root: Annotated[AwareDatetime, Field(description="Point in time, ISO 8601 with zone.")]


class BrokeredCredential(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    auth_type: Annotated[str, Field(alias="authType")]
    secret: dict[str, str]
    version: Annotated[str, Field(description="Changes whenever `secret` does.")]
    expires_at: Annotated[ExpiresAt | None, Field(alias="expiresAt", description="Null: it does not say.")]
    scopes: Annotated[list[str] | None, Field(description="Null: unknown.")]


class Hold(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    until: Annotated[int, Field(ge=0, le=9007199254740991)]
    reason: str


class Leases(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    id: str
    tokens: Annotated[int, Field(ge=0, le=9007199254740991)]
    until: Annotated[
        int,
        Field(
            description="Epoch milliseconds. Tokens that are left then count as spent.",
            ge=0,
            le=9007199254740991,
        ),
    ]
    people: bool


class UsedItem(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    start: Annotated[int, Field(ge=0, le=9007199254740991)]
    count: Annotated[int, Field(ge=0, le=9007199254740991)]
    before: Annotated[int, Field(ge=0, le=9007199254740991)]


class Reported(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    at: Annotated[int, Field(ge=0, le=9007199254740991)]
    headers: dict[str, str]


class Wall(RootModel[int]):
    root: Annotated[
        int,
        Field(
            description="The pace at which the vendor last refused: near it, time raises pace slowly.",
            ge=1,
            le=1000000,
        ),
    ]


class BudgetBucket(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    tokens: Annotated[
        int,
        Field(description="Millionths of a request, at the time `at`.", ge=0, le=9007199254740991),
    ]
    at: Annotated[
        int,
        Field(
            description="The bucket is filled up to this time. It is in the future while the vendor's hold lasts.",
            ge=0,
            le=9007199254740991,
        ),
    ]
    pace: Annotated[
        int,
        Field(
            description="Millionths of the configured flow. Refusals lower it, time raises it.",
            ge=1,
            le=1000000,
        ),
    ]
    hold: Hold | None
    leases: Annotated[dict[str, Leases], Field(description="By holder.")]
    used: Annotated[list[UsedItem], Field(description="By minute, hour and day.")]
    reported: Reported | None
    wall: Annotated[
        Wall | None,
        Field(description="The pace at which the vendor last refused: near it, time raises pace slowly."),
    ] = None


class ConnectorVersion(RootModel[str]):
    root: Annotated[str, Field(description="Semantic version.", pattern="^\\d+\\.\\d+\\.\\d+$")]


class FieldModel(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    name: str
    from_: Annotated[
        str,
        Field(alias="from", description="Column of the unit's dataset that the field is made of."),
    ]


class CommonData(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    entity: Annotated[str, Field(description="For example `work_item`.")]
    version: Annotated[
        int,
        Field(
            description="Of the mapping. A newer one makes the same rows anew.",
            ge=1,
            le=9007199254740991,
        ),
    ]
    fields: list[FieldModel]


class Author(RootModel[str]):
    root: Annotated[str, Field(description="Who wrote it. Left out: this platform.", max_length=200)]


class MethodCount(RootModel[int]):
    root: Annotated[int, Field(description="How many methods it has.", ge=0, le=9007199254740991)]


class Event(RootModel[str]):
    root: Annotated[str, Field(max_length=100)]


class ConnectorOperations(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARN", "ERROR"] | None,
        Field(
            alias="logLevel",
            description="The least of what is logged of a call. Of every call there is an audit entry.",
        ),
    ] = None
    log_destinations: Annotated[
        list[Literal["log", "events"]] | None,
        Field(
            alias="logDestinations",
            description="`log`: the log group of the service. `events`: an event `integration.method.logged` for each line. Empty: nowhere.",
            max_length=2,
        ),
    ] = None
    attempt_seconds: Annotated[
        float | None,
        Field(
            alias="attemptSeconds",
            description="How long one request to the vendor may take.",
            ge=0.1,
            le=120.0,
        ),
    ] = None
    total_seconds: Annotated[
        float | None,
        Field(
            alias="totalSeconds",
            description="How long a call may take, with its repetitions, while somebody waits for it.",
            ge=0.5,
            le=25.0,
        ),
    ] = None
    async_seconds: Annotated[
        float | None,
        Field(
            alias="asyncSeconds",
            description="How long a call may take that was answered with 202.",
            ge=1.0,
            le=600.0,
        ),
    ] = None
    attempts: Annotated[
        int | None,
        Field(
            description="Requests at most, of a call that may be repeated. 1: none is repeated.",
            ge=1,
            le=10,
        ),
    ] = None
    first_retry_seconds: Annotated[
        float | None,
        Field(
            alias="firstRetrySeconds",
            description="The first repetition waits up to this long, each further one up to twice as long.",
            ge=0.0,
            le=60.0,
        ),
    ] = None
    longest_retry_seconds: Annotated[
        float | None,
        Field(
            alias="longestRetrySeconds",
            description="No wait is longer, but the vendor's own.",
            ge=0.0,
            le=60.0,
        ),
    ] = None
    breaker_failures: Annotated[
        int | None,
        Field(
            alias="breakerFailures",
            description="Failures in a row after which the vendor is not called for a while.",
            ge=1,
            le=1000,
        ),
    ] = None
    breaker_open_seconds: Annotated[
        float | None,
        Field(
            alias="breakerOpenSeconds",
            description="How long it is not called before one call tries whether it is back.",
            ge=1.0,
            le=3600.0,
        ),
    ] = None
    cache_seconds: Annotated[
        int | None,
        Field(
            alias="cacheSeconds",
            description="How long the answer of a method that changes nothing is answered again. 0: never.",
            ge=0,
            le=3600,
        ),
    ] = None


class RequestsPerSecond(RootModel[float]):
    root: Annotated[float, Field(description="Requests a second, for all callers together.", ge=0.01, le=1000.0)]


class Burst(RootModel[int]):
    root: Annotated[
        int,
        Field(description="Requests that may be made at once after an idle time.", ge=1, le=10000),
    ]


class ReservedShare(RootModel[float]):
    root: Annotated[
        float,
        Field(
            description="Share of the burst that is reserved for calls that a person waits for.",
            ge=0.0,
            le=0.9,
        ),
    ]


class MaxPerRecordCalls(RootModel[int]):
    root: Annotated[int, Field(description="Calls of one record each that one run may need.", ge=0, le=10000000)]


class PointsPerHour(RootModel[int]):
    root: Annotated[
        int,
        Field(description="Points that the calls of an app may cost in an hour.", ge=100, le=100000000),
    ]


class ConnectorRateLimit(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    requests_per_second: Annotated[RequestsPerSecond | None, Field(alias="requestsPerSecond")] = None
    burst: Burst | None = None
    reserved_share: Annotated[ReservedShare | None, Field(alias="reservedShare")] = None
    max_per_record_calls: Annotated[MaxPerRecordCalls | None, Field(alias="maxPerRecordCalls")] = None
    points_per_hour: Annotated[PointsPerHour | None, Field(alias="pointsPerHour")] = None
    points_for: Annotated[
        list[str] | None,
        Field(
            alias="pointsFor",
            description="Auth types whose calls the vendor counts in points, by app.",
        ),
    ] = None


class CostStep(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    what: str
    dataset: Annotated[str, Field(description="Dataset whose records are counted. Not always the unit's own.")]
    records_per_call: Annotated[int, Field(alias="recordsPerCall", ge=1, le=9007199254740991)]
    share: Annotated[
        float,
        Field(description="Part of the records that need these calls. 1 means all.", ge=0.0, le=1.0),
    ]
    only_with_filters: Annotated[
        bool,
        Field(
            alias="onlyWithFilters",
            description="True when the calls are needed only if `policy.filters` narrows what is read.",
        ),
    ]
    points_per_record: Annotated[
        int,
        Field(
            alias="pointsPerRecord",
            description="Points for each record, in addition to one for each call, where the vendor counts in points.",
            ge=0,
            le=9007199254740991,
        ),
    ]


class CredentialGrant(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    tenant_id: Annotated[
        str,
        Field(
            alias="tenantId",
            description="Opaque identifier.",
            pattern="^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$",
        ),
    ]
    owner_id: Annotated[
        str,
        Field(
            alias="ownerId",
            description="Endpoint or sink.",
            pattern="^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$",
        ),
    ]
    purpose: Literal["run", "collection", "probe", "call", "maintenance"]
    subject: Annotated[str, Field(description="Id of the run, collection, probe or call.", max_length=200)]
    exp: Annotated[int, Field(description="Epoch seconds.", ge=-9007199254740991, le=9007199254740991)]


class Grant(RootModel[str]):
    root: Annotated[
        str,
        Field(
            description="Signed: what the broker is shown. Left out by an earlier release.",
            max_length=4096,
        ),
    ]


class CredentialRef(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    secret_id: Annotated[str, Field(alias="secretId")]
    version_id: Annotated[
        str,
        Field(alias="versionId", description="The version that counted when the work was given out."),
    ]
    tenant_id: Annotated[
        str,
        Field(
            alias="tenantId",
            description="Opaque identifier.",
            pattern="^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$",
        ),
    ]
    owner_id: Annotated[
        str,
        Field(
            alias="ownerId",
            description="Opaque identifier.",
            pattern="^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$",
        ),
    ]
    grant: Annotated[
        Grant | None,
        Field(description="Signed: what the broker is shown. Left out by an earlier release."),
    ] = None
    tried: Annotated[
        bool | None,
        Field(description="Nothing points at the version: it is read by its id, for a probe."),
    ] = None


class DatasetField(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    name: str
    type: Literal["string", "long", "double", "boolean", "timestamp", "date", "json"]
    nullable: bool
    description: str | None


class Batch(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    key: str
    sha256: str
    records: Annotated[int, Field(ge=0, le=9007199254740991)]
    bytes: Annotated[int, Field(ge=0, le=9007199254740991)]


class EnrichmentManifest(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    batches: list[Batch]


class EnrichmentRef(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    key: str
    sha256: str
    records: Annotated[int, Field(ge=0, le=9007199254740991)]
    bytes: Annotated[int, Field(ge=0, le=9007199254740991)]
    batches: Annotated[int, Field(ge=0, le=9007199254740991)]


class More(RootModel[int]):
    root: Annotated[
        int,
        Field(
            description="Number of further findings of the same code and weight that are not listed.",
            ge=0,
            le=9007199254740991,
        ),
    ]


class Evidence(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    code: str
    message: str
    weight: Literal["info", "partial", "suspicious"]
    more: Annotated[
        More | None,
        Field(description="Number of further findings of the same code and weight that are not listed."),
    ] = None


class HttpAuth1(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    type: Literal["apiKey"]
    in_: Annotated[Literal["header", "query"], Field(alias="in")]
    name: Annotated[str, Field(pattern="^[A-Za-z0-9_.-]{1,128}$")]
    prefix: Annotated[str | None, Field(description="Before the key. For example `Token `.", max_length=32)] = None


class HttpAuth2(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    type: Literal["basic"]


class HttpAuth3(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    type: Literal["bearer"]


class Scope(RootModel[str]):
    root: Annotated[str, Field(max_length=200)]


class HttpAuth4(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    type: Literal["oauth2"]
    authorization_url: Annotated[str, Field(alias="authorizationUrl", max_length=2048)]
    token_url: Annotated[str, Field(alias="tokenUrl", max_length=2048)]
    scopes: Annotated[list[Scope], Field(max_length=500)]


class HttpAuth5(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    type: Literal["clientCredentials"]
    token_url: Annotated[str, Field(alias="tokenUrl", max_length=2048)]
    scopes: Annotated[list[Scope], Field(max_length=500)]


class HttpAuth(RootModel[HttpAuth1 | HttpAuth2 | HttpAuth3 | HttpAuth4 | HttpAuth5]):
    root: HttpAuth1 | HttpAuth2 | HttpAuth3 | HttpAuth4 | HttpAuth5


class BaseUrl(RootModel[str]):
    root: Annotated[
        str,
        Field(
            description="Where an endpoint's config names no `baseUrl`. Null: it must.",
            max_length=2048,
        ),
    ]


class HttpConnector(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    base_url: Annotated[
        BaseUrl | None,
        Field(
            alias="baseUrl",
            description="Where an endpoint's config names no `baseUrl`. Null: it must.",
        ),
    ]
    auth: Annotated[
        list[HttpAuth],
        Field(description="One for each auth type. Empty: none is needed.", max_length=5),
    ]
    probe_path: Annotated[
        str,
        Field(
            alias="probePath",
            description="Path of a harmless read, by which a credential is tried.",
            max_length=2048,
        ),
    ]


class IngestionError(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    code: Annotated[
        Literal[
            "VALIDATION_ERROR",
            "CONFIG_INVALID",
            "CURSOR_INVALID",
            "UNAUTHENTICATED",
            "FORBIDDEN",
            "NOT_FOUND",
            "METHOD_NOT_ALLOWED",
            "CONFLICT",
            "RUN_ACTIVE",
            "NOT_COLLECTED",
            "ENDPOINT_DISABLED",
            "CONNECTOR_INACTIVE",
            "TENANT_SUSPENDED",
            "QUOTA_EXCEEDED",
            "IDEMPOTENCY_IN_FLIGHT",
            "ARTIFACT_GONE",
            "STALE_VERSION",
            "PAYLOAD_TOO_LARGE",
            "ITEM_TOO_LARGE",
            "UNSUPPORTED_MEDIA_TYPE",
            "IDEMPOTENCY_MISMATCH",
            "PRECONDITION_REQUIRED",
            "RATE_LIMITED",
            "RATE_LIMIT_EXCEEDED",
            "WORKER_BUSY",
            "INTERNAL",
            "EXECUTION_ERROR",
            "SOURCE_UNAVAILABLE",
            "UNEXPECTED_RESPONSE",
            "RESPONSE_TOO_LARGE",
            "TIMEOUT",
            "SOURCE_HOST_UNKNOWN",
            "SOURCE_REFUSED",
            "SOURCE_CERTIFICATE_INVALID",
            "SOURCE_TLS_FAILED",
            "AUTH_ERROR",
            "SOURCE_REJECTED",
            "SOURCE_FORBIDDEN",
            "SOURCE_NOT_FOUND",
            "API_GONE",
            "PAGINATION_LOOP",
            "UNIT_UNKNOWN",
            "RECORD_INVALID",
            "PROJECT_FORBIDDEN",
            "SUSPICIOUS_EMPTY",
            "SCHEMA_FROZEN",
            "SOURCE_CHANGED",
            "TRANSFORM_FAILED",
            "SINK_UNAVAILABLE",
            "SINK_REJECTED",
            "STAGING_GONE",
            "STAGING_CORRUPT",
            "FENCED",
            "STALE_CHECKPOINT",
            "OUT_OF_MEMORY",
            "CANCELLED",
        ],
        Field(description="Error code."),
    ]
    message: Annotated[str, Field(description="What happened. Ends with what to do.", max_length=2000)]
    retryable: Annotated[bool, Field(description="Whether the same run may succeed later without a change.")]


class Files(RootModel[int]):
    root: Annotated[
        int,
        Field(
            description="How many files the data plane listed. Null: the sink keeps none, or a worker of before listed none.",
            ge=0,
            le=9007199254740991,
        ),
    ]


class LandedArtifact(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    commit_id: Annotated[str, Field(alias="commitId")]
    location: str
    snapshot_id: Annotated[str | None, Field(alias="snapshotId")]
    rows: Annotated[int, Field(ge=0, le=9007199254740991)]
    bytes: Annotated[int, Field(ge=0, le=9007199254740991)]
    schema_hash: Annotated[str | None, Field(alias="schemaHash")]
    files: Annotated[
        Files | None,
        Field(
            description="How many files the data plane listed. Null: the sink keeps none, or a worker of before listed none."
        ),
    ] = None


class MaintenanceFigures(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    files_compacted: Annotated[int, Field(alias="filesCompacted", ge=0, le=9007199254740991)]
    files_written: Annotated[int, Field(alias="filesWritten", ge=0, le=9007199254740991)]
    bytes_written: Annotated[int, Field(alias="bytesWritten", ge=0, le=9007199254740991)]
    snapshots_expired: Annotated[int, Field(alias="snapshotsExpired", ge=0, le=9007199254740991)]
    files_deleted: Annotated[int, Field(alias="filesDeleted", ge=0, le=9007199254740991)]
    lost_races: Annotated[
        int,
        Field(
            alias="lostRaces",
            description="Work that was given up since a run had committed meanwhile.",
            ge=0,
            le=9007199254740991,
        ),
    ]


class MergeWindow(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    read_every_minutes: Annotated[int, Field(alias="readEveryMinutes", ge=1, le=9007199254740991)]
    lands_at: Annotated[AwareDatetime, Field(alias="landsAt", description="Point in time, ISO 8601 with zone.")]


class Resource1(RootModel[str]):
    root: Annotated[str, Field(description="What it is about. For example `issue`.", max_length=100)]


class IdempotencyHeader(RootModel[str]):
    root: Annotated[
        str,
        Field(
            description="Header in which the vendor takes a key that makes a repetition harmless.",
            max_length=64,
        ),
    ]


class RequestTransform(RootModel[str]):
    root: Annotated[
        str,
        Field(
            description="Name of the transform that makes the request of the parameters.",
            max_length=200,
        ),
    ]


class ResponseTransform(RootModel[str]):
    root: Annotated[
        str,
        Field(description="Name of the transform that makes `data` of the answer.", max_length=200),
    ]


class Method(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    name: Annotated[
        str,
        Field(
            description="Unique in the connector's version. For example `searchIssues`.",
            pattern="^[A-Za-z][A-Za-z0-9_.-]{0,127}$",
        ),
    ]
    title: Annotated[str, Field(max_length=200)]
    description: Annotated[str, Field(max_length=2000)]
    resource: Annotated[Resource1 | None, Field(description="What it is about. For example `issue`.")] = None
    param_schema: Annotated[
        dict[str, Any],
        Field(alias="paramSchema", description="JSON Schema of the parameters: one object."),
    ]
    response_schema: Annotated[
        dict[str, Any] | None,
        Field(alias="responseSchema", description="JSON Schema of `data`. Left out where unknown."),
    ] = None
    safe: Annotated[bool, Field(description="It changes nothing at the vendor: a read.")]
    idempotent: Annotated[bool, Field(description="Doing it twice has the effect of doing it once.")]
    idempotency_header: Annotated[
        IdempotencyHeader | None,
        Field(
            alias="idempotencyHeader",
            description="Header in which the vendor takes a key that makes a repetition harmless.",
        ),
    ] = None
    scopes: Annotated[
        list[Scope],
        Field(description="The least that the credential must allow, in the vendor's words."),
    ]
    request_transform: Annotated[
        RequestTransform | None,
        Field(
            alias="requestTransform",
            description="Name of the transform that makes the request of the parameters.",
        ),
    ] = None
    response_transform: Annotated[
        ResponseTransform | None,
        Field(
            alias="responseTransform",
            description="Name of the transform that makes `data` of the answer.",
        ),
    ] = None


class NextCheckpoint(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    cursor: Annotated[dict[str, Any], Field(description="A JSON object.")]
    position: float | None


class Relation(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    type: Annotated[str, Field(pattern="^[A-Z][A-Z_]{0,39}$")]
    entity_type: Annotated[str, Field(alias="entityType", pattern="^entity\\.[a-z][a-z0-9_]{0,47}$")]
    id: Annotated[str, Field(pattern="^[\\x21-\\x7e]{1,128}$")]


class NormalizedRecord(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    entity_type: Annotated[str, Field(alias="entityType", pattern="^entity\\.[a-z][a-z0-9_]{0,47}$")]
    id: Annotated[
        str,
        Field(
            description="Id of the record in the source. Never a display name.",
            pattern="^[\\x21-\\x7e]{1,128}$",
        ),
    ]
    cursor: Annotated[
        str | None,
        Field(description="Orders the versions of the record. Null where the source has no cursor."),
    ]
    payload: Annotated[dict[str, Any], Field(description="A JSON object.")]
    relations: Annotated[list[Relation], Field(max_length=40)]


class ResumeAt(RootModel[AwareDatetime]):
    root: Annotated[AwareDatetime, Field(description="Point in time, ISO 8601 with zone.")]


class RecordId(RootModel[str]):
    root: Annotated[str, Field(description="Opaque identifier.", pattern="^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$")]


class QuarantinePlan(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    record_ids: Annotated[
        list[RecordId] | None,
        Field(alias="recordIds", description="Only these records.", max_length=100, min_length=1),
    ] = None
    run_id: Annotated[
        str | None,
        Field(
            alias="runId",
            description="Only records that this run set aside.",
            pattern="^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$",
        ),
    ] = None
    code: Annotated[
        str | None,
        Field(
            description="Only records that were set aside with this code.",
            max_length=64,
            min_length=1,
        ),
    ] = None
    discard: Annotated[bool | None, Field(description="The records are not tried: what they say counts no more.")] = (
        None
    )


class RecordError(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    code: str
    message: str
    key: str | None


class ReplayedRun(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    run_id: Annotated[
        str,
        Field(
            alias="runId",
            description="Opaque identifier.",
            pattern="^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$",
        ),
    ]
    epoch: Annotated[int, Field(ge=0, le=9007199254740991)]
    slice: Annotated[int, Field(ge=0, le=9007199254740991)]
    mode: Annotated[
        Literal["FULL", "INCREMENTAL", "SCD1", "CUSTOM"],
        Field(description="How a unit is read and merged."),
    ]


class Resource(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    name: str
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: Annotated[str, Field(description="Path, relative to the site.")]
    description: str
    schema_: Annotated[dict[str, Any], Field(alias="schema", description="JSON Schema of one answer.")]
    sample: Annotated[Any, Field(description="A sample answer that the schema accepts.")]


class RunFigures(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    rows: Annotated[int, Field(ge=0, le=9007199254740991)]
    pages: Annotated[int, Field(ge=0, le=9007199254740991)]
    bytes: Annotated[int, Field(ge=0, le=9007199254740991)]
    requests: Annotated[int, Field(ge=0, le=9007199254740991)]
    waited_ms: Annotated[int, Field(alias="waitedMs", ge=0, le=9007199254740991)]
    slice: Annotated[int, Field(ge=0, le=9007199254740991)]
    updated_at: Annotated[AwareDatetime, Field(alias="updatedAt", description="Point in time, ISO 8601 with zone.")]


class LandedBefore(RootModel[int]):
    root: Annotated[
        int,
        Field(
            description="Rows that the last FULL run of this unit read. Null when unknown.",
            ge=0,
            le=9007199254740991,
        ),
    ]


class Limit(RootModel[int]):
    root: Annotated[int, Field(ge=1, le=100)]


class Deadline(RootModel[AwareDatetime]):
    root: Annotated[AwareDatetime, Field(description="Point in time, ISO 8601 with zone.")]


class RunProbeResult(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    summary: Annotated[dict[str, Any], Field(description="A JSON object.")]
    key: str | None
    error: IngestionError | None


class RunStats(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    read: Annotated[int, Field(ge=0, le=9007199254740991)]
    landed: Annotated[int, Field(description="Rows inserted or updated.", ge=0, le=9007199254740991)]
    deduplicated: Annotated[
        int,
        Field(
            description="Rows that the sink already had, in this version or a newer one, and rows that a slice repeated.",
            ge=0,
            le=9007199254740991,
        ),
    ]
    unchanged: Annotated[
        int,
        Field(
            description="Of the `deduplicated` rows, those that had already landed in this version.",
            ge=0,
            le=9007199254740991,
        ),
    ]
    quarantined: Annotated[int, Field(ge=0, le=9007199254740991)]
    inserted: Annotated[int, Field(ge=0, le=9007199254740991)]
    updated: Annotated[int, Field(ge=0, le=9007199254740991)]
    deleted: Annotated[int, Field(ge=0, le=9007199254740991)]
    bytes: Annotated[int, Field(ge=0, le=9007199254740991)]
    bytes_rewritten: Annotated[int, Field(alias="bytesRewritten", ge=0, le=9007199254740991)]
    requests: Annotated[int, Field(ge=0, le=9007199254740991)]
    pages: Annotated[int, Field(ge=0, le=9007199254740991)]
    waited_ms: Annotated[int, Field(alias="waitedMs", ge=0, le=9007199254740991)]
    duration_ms: Annotated[
        int,
        Field(
            alias="durationMs",
            description="Duration of an ended run, waits included, but for those between readings that land together.",
            ge=0,
            le=9007199254740991,
        ),
    ]
    slices: Annotated[int, Field(ge=0, le=9007199254740991)]
    unfit: Annotated[
        int,
        Field(
            description="Values that did not fit their columns: each is null there and counted here, and its row landed.",
            ge=0,
            le=9007199254740991,
        ),
    ]
    filtered: Annotated[int, Field(description="Rows that `policy.transform` left out.", ge=0, le=9007199254740991)]


class RunUnitResult(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    outcome: Literal["COMMITTED", "CONTINUE", "WAIT", "STAGED", "ENRICH"]
    done: bool
    slice: Annotated[int, Field(ge=0, le=9007199254740991)]
    next_checkpoint: Annotated[
        NextCheckpoint | None,
        Field(
            alias="nextCheckpoint",
            description="`newCheckpoint` by the name that it had before: for readers of an earlier release.",
        ),
    ]
    new_checkpoint: Annotated[
        NextCheckpoint | None,
        Field(
            alias="newCheckpoint",
            description="How far the unit has landed; null: no further. A worker of before left it out.",
        ),
    ] = None
    stats: Annotated[
        RunStats,
        Field(
            description="Figures of this slice. All but requests, pages, waits and time are zero until it is committed."
        ),
    ]
    errors: Annotated[
        list[RecordError] | None,
        Field(description="The first records that were set aside. A worker of before left it out."),
    ] = None
    artifact: LandedArtifact | None
    evidence: list[Evidence]
    continuation: dict[str, Any] | None
    resume_at: Annotated[ResumeAt | None, Field(alias="resumeAt")]
    wait_reason: Annotated[str | None, Field(alias="waitReason")]
    enrichment: Annotated[EnrichmentRef | None, Field(description="Set only when the outcome is `ENRICH`.")] = None


class SinkTraits(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    is_default: Annotated[
        bool,
        Field(
            alias="isDefault",
            description="Every tenant gets a sink of this type when it is created.",
        ),
    ]
    compares_versions: Annotated[
        bool,
        Field(
            alias="comparesVersions",
            description="It merges by primary key; only a newer version replaces a landed row.",
        ),
    ]
    deletes: Annotated[
        list[Literal["soft", "hard"]],
        Field(description="Values of `policy.deletes` that it supports besides `ignore`."),
    ]
    sweeps_after_days: Annotated[
        int,
        Field(
            alias="sweepsAfterDays",
            description="Days after which leftovers of a killed commit are deleted.",
            ge=0,
            le=9007199254740991,
        ),
    ]


class SourceRef(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    endpoint_id: Annotated[
        str,
        Field(
            alias="endpointId",
            description="Opaque identifier.",
            pattern="^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$",
        ),
    ]
    slug: Annotated[
        str,
        Field(
            description="Lower-case name that can be a table namespace.",
            pattern="^[a-z][a-z0-9_]{0,62}$",
        ),
    ]
    connector: str
    connector_version: Annotated[str, Field(alias="connectorVersion")]
    config: Annotated[dict[str, Any], Field(description="A JSON object.")]
    auth_type: Annotated[str | None, Field(alias="authType")]
    credential: CredentialRef | None


class SourceSystem(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    vendor: str
    base_url: Annotated[AnyUrl, Field(alias="baseUrl")]
    site_id: Annotated[str | None, Field(alias="siteId")]
    title: str | None


class ThroughSinkRef(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    sink_id: Annotated[
        str,
        Field(
            alias="sinkId",
            description="Opaque identifier.",
            pattern="^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$",
        ),
    ]
    type: str
    config: Annotated[dict[str, Any], Field(description="A JSON object.")]
    credential: CredentialRef | None
    role_arn: Annotated[
        str | None,
        Field(
            alias="roleArn",
            description="The role that the credential names. The run may assume no other role.",
        ),
    ] = None


class UnitCost(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    fixed_calls: Annotated[
        int,
        Field(
            alias="fixedCalls",
            description="Calls that do not depend on the number of records.",
            ge=0,
            le=9007199254740991,
        ),
    ]
    steps: list[CostStep]


class UnitDescriptor(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    unit_id: Annotated[str, Field(alias="unitId")]
    dataset: str
    name: str
    default_mode: Annotated[
        Literal["FULL", "INCREMENTAL", "SCD1", "CUSTOM"],
        Field(alias="defaultMode", description="How a unit is read and merged."),
    ]
    supported_modes: Annotated[
        list[Literal["FULL", "INCREMENTAL", "SCD1", "CUSTOM"]],
        Field(alias="supportedModes", min_length=1),
    ]
    default_policy: Annotated[dict[str, Any], Field(alias="defaultPolicy", description="A JSON object.")]
    policy_schema: Annotated[dict[str, Any], Field(alias="policySchema", description="A JSON object.")]
    cost: Annotated[UnitCost | None, Field(description="Without it, no cost of a run is estimated.")] = None
    entity_type: Annotated[
        str | None,
        Field(
            alias="entityType",
            description="Entity type of the unit's records in the knowledge base. Without it, the unit cannot enrich the knowledge base.",
        ),
    ] = None
    common_data: Annotated[
        CommonData | None,
        Field(
            alias="commonData",
            description="What the unit's rows are in the Common Data Model. Without it, a sink of type `cdm` cannot be the unit's sink.",
        ),
    ] = None


class AskSinkResult(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    committed: bool
    artifact: LandedArtifact | None
    stats: Annotated[dict[str, Any], Field(description="A JSON object.")]


class BrokerAnswer1(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    credential: BrokeredCredential


class BrokerAnswer(RootModel[BrokerAnswer1 | BrokerAnswer2]):
    root: BrokerAnswer1 | BrokerAnswer2


class CollectInput(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    tenant_id: Annotated[
        str,
        Field(
            alias="tenantId",
            description="Opaque identifier.",
            pattern="^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$",
        ),
    ]
    collection_id: Annotated[
        str,
        Field(
            alias="collectionId",
            description="Opaque identifier.",
            pattern="^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$",
        ),
    ]
    source: SourceRef


class CollectResult(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    source_system: Annotated[SourceSystem, Field(alias="sourceSystem")]
    key: str
    sha256: str
    datasets: Annotated[int, Field(ge=0, le=9007199254740991)]
    units: Annotated[list[str], Field(description="Ids of the units that the catalogue gives.")]
    warnings: list[str]


class CollectedDataset(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    name: Annotated[str, Field(description="For example `jira.issues`.")]
    title: str
    fields: Annotated[
        list[DatasetField],
        Field(description="Fields of the dataset. Only the first when there are very many: see `fieldCount`."),
    ]
    ingestable: bool
    primary_keys: Annotated[list[str], Field(alias="primaryKeys")]
    entries: Annotated[
        list[dict[str, Any]],
        Field(description="Values of a dictionary dataset. Only the first when there are very many: see `entryCount`."),
    ]


class Connector(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    name: Annotated[
        str,
        Field(description="For example `jira`, `warehouse.iceberg`.", pattern="^[a-z][a-z0-9_.]*$"),
    ]
    kind: Literal["source", "sink"]
    version: Annotated[str, Field(description="Semantic version.", pattern="^\\d+\\.\\d+\\.\\d+$")]
    title: str
    description: str
    status: Annotated[
        Literal["active", "inactive", "deprecated"],
        Field(description="`inactive`: its methods are not called. `deprecated`: it works, and says so."),
    ]
    author: Annotated[Author | None, Field(description="Who wrote it. Left out: this platform.")] = None
    capabilities: list[
        Literal[
            "metadata.collect",
            "metadata.preview",
            "ingest.full",
            "ingest.incremental",
            "sink.hdfs",
            "sink.iceberg",
            "sink.jdbc",
            "sink.cdm",
            "sink.files",
        ]
    ]
    auth_types: Annotated[list[str], Field(alias="authTypes")]
    config_schema: Annotated[
        dict[str, Any],
        Field(alias="configSchema", description="JSON Schema of an endpoint's config."),
    ]
    sample_config: Annotated[dict[str, Any], Field(alias="sampleConfig", description="A JSON object.")]
    secret_schema: Annotated[
        dict[str, dict[str, Any]],
        Field(alias="secretSchema", description="JSON Schema of the credential, by auth type."),
    ]
    modes: Annotated[
        list[Literal["FULL", "INCREMENTAL", "SCD1", "CUSTOM"]],
        Field(description="Modes that a sink can land."),
    ]
    resources: list[Resource]
    units: Annotated[
        list[UnitDescriptor],
        Field(description="Those that every endpoint has; an endpoint's own come with its catalogue."),
    ]
    rate_limit: Annotated[
        ConnectorRateLimit | None,
        Field(alias="rateLimit", description="Defaults, which an endpoint's config may override."),
    ] = None
    operations: Annotated[
        ConnectorOperations | None,
        Field(description="How its methods are called, where neither endpoint nor method says otherwise."),
    ] = None
    sink: Annotated[SinkTraits | None, Field(description="What a sink of this type can do.")] = None
    methods: Annotated[
        list[Method] | None,
        Field(
            description="As they are published. The registry keeps each by itself: `GET /connectors/{name}/versions/{version}/methods`."
        ),
    ] = None
    method_count: Annotated[MethodCount | None, Field(alias="methodCount", description="How many methods it has.")] = (
        None
    )
    events: Annotated[
        list[Event] | None,
        Field(description="Types of the canonical events that are made of what it sends."),
    ] = None
    http: Annotated[
        HttpConnector | None,
        Field(description="How its methods are called, where it has no code of its own."),
    ] = None


class ConnectorManifest(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    worker_version: Annotated[str, Field(alias="workerVersion")]
    connectors: list[Connector]


class MaintainTableResult(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    done: bool
    figures: MaintenanceFigures


class PendingResult(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    done: bool
    errors: list[RecordError]
    evidence: list[Evidence]
    continuation: dict[str, Any] | None
    resume_at: Annotated[ResumeAt | None, Field(alias="resumeAt")]
    wait_reason: Annotated[str | None, Field(alias="waitReason")]


class PendingSlice(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    slice: Annotated[int, Field(ge=0, le=9007199254740991)]
    commit_id: Annotated[str, Field(alias="commitId")]
    epoch: Annotated[int, Field(ge=0, le=9007199254740991)]
    next_checkpoint: Annotated[NextCheckpoint | None, Field(alias="nextCheckpoint")]
    stats: Annotated[RunStats, Field(description="Of before the commit; the checkpoint keeps them.")]
    result: Annotated[PendingResult | None, Field(description="For a retry of the data plane alone.")] = None


class SinkRef(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    sink_id: Annotated[
        str,
        Field(
            alias="sinkId",
            description="Opaque identifier.",
            pattern="^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$",
        ),
    ]
    type: str
    config: Annotated[dict[str, Any], Field(description="A JSON object.")]
    credential: CredentialRef | None
    role_arn: Annotated[
        str | None,
        Field(
            alias="roleArn",
            description="The role that the credential names. The run may assume no other role.",
        ),
    ] = None
    through: Annotated[ThroughSinkRef | None, Field(description="Of a sink that is written through another one.")] = (
        None
    )


class CollectedCatalog(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    datasets: list[CollectedDataset]
    connector_version: Annotated[ConnectorVersion | None, Field(alias="connectorVersion")] = None
    units: Annotated[
        list[UnitDescriptor] | None,
        Field(
            description="What can be ingested of the datasets, in the connector's order. A worker of an earlier release sends neither these nor `connectorVersion`."
        ),
    ] = None


class MaintainTableInput(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    tenant_id: Annotated[
        str,
        Field(
            alias="tenantId",
            description="Opaque identifier.",
            pattern="^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$",
        ),
    ]
    endpoint_id: Annotated[
        str,
        Field(
            alias="endpointId",
            description="Opaque identifier.",
            pattern="^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$",
        ),
    ]
    unit_id: Annotated[str, Field(alias="unitId")]
    slug: Annotated[str, Field(description="The endpoint's, by which the table's namespace is named.")]
    dataset: str
    sink: SinkRef


class RunPlan(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    tenant_id: Annotated[
        str,
        Field(
            alias="tenantId",
            description="Opaque identifier.",
            pattern="^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$",
        ),
    ]
    run_id: Annotated[
        str,
        Field(
            alias="runId",
            description="Opaque identifier.",
            pattern="^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$",
        ),
    ]
    unit_id: Annotated[str, Field(alias="unitId")]
    dataset: str
    fields: list[DatasetField]
    mode: Annotated[
        Literal["FULL", "INCREMENTAL", "SCD1", "CUSTOM"],
        Field(description="How a unit is read and merged."),
    ]
    policy: Annotated[dict[str, Any], Field(description="A JSON object.")]
    epoch: Annotated[int, Field(ge=0, le=9007199254740991)]
    trigger: Literal["MANUAL", "SCHEDULE"]
    source: SourceRef
    sink: Annotated[SinkRef | None, Field(description="Null means the knowledge base.")]
    staging_provider_id: Annotated[str, Field(alias="stagingProviderId")]
    checkpoint: NextCheckpoint | None
    checkpoint_version: Annotated[int, Field(alias="checkpointVersion", ge=0, le=9007199254740991)]
    landed_before: Annotated[
        LandedBefore | None,
        Field(
            alias="landedBefore",
            description="Rows that the last FULL run of this unit read. Null when unknown.",
        ),
    ]
    replay: Annotated[
        ReplayedRun | None,
        Field(description="When set, the run reads what this run staged, and no source."),
    ] = None
    redrive: Annotated[
        QuarantinePlan | None,
        Field(description="When set, the run reads the unit's quarantine, and no source."),
    ] = None
    refill: Annotated[
        Literal[True] | None,
        Field(description="When set, the run makes landed rows again from their `_raw`."),
    ] = None
    window: Annotated[
        MergeWindow | None,
        Field(description="When set, the run reads until `landsAt` before it lands."),
    ] = None


class RunProbeInput(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    tenant_id: Annotated[
        str,
        Field(
            alias="tenantId",
            description="Opaque identifier.",
            pattern="^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$",
        ),
    ]
    probe_id: Annotated[
        str,
        Field(
            alias="probeId",
            description="Opaque identifier.",
            pattern="^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$",
        ),
    ]
    kind: Literal["TEST_ENDPOINT", "TEST_SINK", "PREVIEW"]
    source: SourceRef | None
    sink: SinkRef | None
    dataset: str | None
    limit: Limit | None
    deadline: Annotated[
        Deadline | None,
        Field(description="After this time nobody waits for the answer, and the source is not asked."),
    ] = None


class RunUnitInput(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    plan: RunPlan
    slice: Annotated[int, Field(ge=0, le=9007199254740991)]
    continuation: dict[str, Any] | None
    only: Annotated[
        Literal["STAGE", "LAND"] | None,
        Field(
            description="`STAGE`: what is read waits for the commit of a later slice, as long as that is no more than a slice may be. `LAND`: what waits is committed, and nothing is read. Left out: both."
        ),
    ] = None


class AskSinkInput(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    plan: RunPlan
    commit_id: Annotated[str, Field(alias="commitId")]


class CloseStagingInput(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    plan: RunPlan
