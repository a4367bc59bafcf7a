/** Every schema that leaves TypeScript, by the name it has in JSON Schema, OpenAPI and Python. */

import { Artifact, ArtifactPage } from "./artifact.ts";
import { Budget, BudgetBucket } from "./budget.ts";
import { Checkpoint, CheckpointVersion, RollbackInput } from "./checkpoint.ts";
import { CollectedCatalog, CollectInput, CollectResult } from "./collect-metadata.ts";
import { Collection, Probe } from "./collection.ts";
import { Manifest } from "./connector.ts";
import { BrokerAnswer, BrokerRequest, CredentialGrant } from "./credential-grant.ts";
import { Dataset } from "./dataset.ts";
import { Endpoint, EndpointInput } from "./endpoint.ts";
import { Problem } from "./error.ts";
import { AuditEntry, DomainEvent } from "./event.ts";
import { IntegrationResult } from "./integration-result.ts";
import { EnrichmentManifest, KbLineage, KbNode, NormalizedRecord } from "./knowledge-node.ts";
import { MaintainTableInput, MaintainTableResult } from "./maintenance.ts";
import { Method } from "./method.ts";
import { Policy } from "./policy.ts";
import { QuarantinePlan } from "./quarantine.ts";
import { PendingSlice, Run, RunFigures, StartRunInput } from "./run.ts";
import { UnitEstimate } from "./run-estimate.ts";
import { RunProbeInput, RunProbeResult } from "./run-probe.ts";
import {
  AskSinkInput,
  AskSinkResult,
  CloseStagingInput,
  RunUnitInput,
  RunUnitResult,
} from "./run-unit.ts";
import { Sink, SinkInput } from "./sink.ts";
import { SourceSystem } from "./source-system.ts";
import { Tenant, TenantInput, TenantPatch } from "./tenant.ts";
import { Transform, TransformInput, TransformTest, TransformTestResult } from "./transform.ts";
import { Unit } from "./unit.ts";
import { UnitConfig, UnitConfigInput } from "./unit-config.ts";
import { Lease, UnitState, UnitStatus } from "./unit-state.ts";

/** What the control plane owns; golden examples exist for each (`schemas/examples/`). */
export const NOUNS = {
  Artifact,
  AuditEntry,
  Budget,
  Checkpoint,
  CheckpointVersion,
  Collection,
  ConnectorManifest: Manifest,
  Dataset,
  DomainEvent,
  Endpoint,
  EndpointInput,
  IntegrationResult,
  KbLineage,
  KbNode,
  Lease,
  Method,
  Policy,
  Probe,
  Problem,
  QuarantinePlan,
  RollbackInput,
  Run,
  Sink,
  SinkInput,
  SourceSystem,
  StartRunInput,
  Tenant,
  TenantInput,
  TenantPatch,
  Transform,
  TransformInput,
  TransformTest,
  TransformTestResult,
  Unit,
  UnitConfig,
  UnitConfigInput,
  UnitEstimate,
  UnitState,
  UnitStatus,
} as const;

/** What the two workers say to each other: generated to pydantic models. */
export const WORKER_CONTRACTS = {
  ArtifactPage,
  AskSinkInput,
  AskSinkResult,
  BrokerAnswer,
  BrokerRequest,
  BudgetBucket,
  CloseStagingInput,
  CollectInput,
  CollectResult,
  CollectedCatalog,
  CredentialGrant,
  ConnectorManifest: Manifest,
  EnrichmentManifest,
  MaintainTableInput,
  MaintainTableResult,
  NormalizedRecord,
  PendingSlice,
  RunProbeInput,
  RunProbeResult,
  RunFigures,
  RunUnitInput,
  RunUnitResult,
} as const;
