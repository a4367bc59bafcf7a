/**
 * A control plane with a real Temporal behind it, in one process: the GraphQL door, the bridge, the
 * workflows with their activities, over one set of tables. Only the data plane is played
 * (`tests/histories/python.ts`).
 */
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { PENDING_PK } from "../../adapters/dynamodb/keys.ts";
import { listMarked } from "../../adapters/dynamodb/pending/marks.ts";
import { publishManifest } from "../../adapters/dynamodb/registry/connectors.ts";
import { handler as graphql } from "../../functions/graphql/handler.ts";
import { passOn } from "../../functions/temporal-bridge/pass-on.ts";
import { aTenantAtWork, openStage, type Stage } from "../histories/stage.ts";
import { ADMIN, caller, startControlPlane } from "../stage/control-plane.ts";
import { aLake } from "../stage/shop.ts";

export interface Orchestrated {
  readonly stage: Stage;
  readonly tables: Tables;
  /** Asks as an admin of the tenant `acme`; throws what the answer holds of errors. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever JSON came.
  readonly ask: (query: string, variables?: Record<string, unknown>) => Promise<any>;
  /** Does what the table's stream would have the bridge do: passes on every mark. */
  readonly bridge: () => Promise<void>;
}

/** The tenant `acme` has one collected endpoint and a lake (`tests/histories/nouns.ts`). */
export async function anOrchestratedTenant(): Promise<Orchestrated> {
  await startControlPlane();
  const stage = await openStage();
  const { tables } = stage;
  Object.assign(process.env, {
    INLET_CONTROL_TABLE: tables.control,
    INLET_EVENTS_TABLE: tables.events,
    INLET_HOT_TABLE: tables.hot,
    INLET_MINIMUM_INTERVAL_MINUTES: "1",
  });

  await aTenantAtWork(tables, ADMIN.tenantId);
  await publishManifest(tables, {
    workerVersion: "1.0.0",
    connectors: [{ ...aLake(), version: "1.0.0" }],
  });
  return { stage, tables, ask, bridge: () => passOnAll(stage) };
}

async function ask(query: string, variables: Record<string, unknown> = {}) {
  const { body } = await caller(graphql)("POST", "/graphql", { body: { query, variables } });
  if (body.errors) throw new Error(JSON.stringify(body.errors));
  return body.data;
}

async function passOnAll({ client, tables }: Stage): Promise<void> {
  const deps = {
    tables,
    temporal: client,
    now: () => new Date(),
    credentials: { secrets: new SecretsManagerClient({}), environment: "local" },
  };
  for await (const { pk, sk } of listMarked(tables, PENDING_PK, new Date()))
    await passOn(deps, { pk, sk });
}
