/** A tenant whose items the knowledge base is told of, and the changes that can happen to them. */
import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { endpointItem } from "../../adapters/dynamodb/endpoints/items.ts";
import { type Key, keys } from "../../adapters/dynamodb/keys.ts";
import { project } from "../../adapters/dynamodb/knowledge/projection.ts";
import { listNodes } from "../../adapters/dynamodb/knowledge/store.ts";
import { publishManifest } from "../../adapters/dynamodb/registry/connectors.ts";
import { artifactItem, runItem, toRun } from "../../adapters/dynamodb/runs/items.ts";
import { sinkItem } from "../../adapters/dynamodb/sinks/items.ts";
import { unitConfigItem } from "../../adapters/dynamodb/units/items.ts";
import { NO_STATS } from "../../core/run-stats.ts";
import type { Run } from "../../schemas/run.ts";
import {
  aConnector,
  aDataset,
  anEndpoint,
  aSink,
  aUnitConfig,
  ENDPOINT,
  UNIT,
} from "../histories/nouns.ts";
import { testTables } from "./emulator.ts";

export const tables = await testTables();
await publishManifest(tables, { workerVersion: "1.0.0", connectors: [aConnector()] });

let tenants = 0;
export const aTenant = () => `kb${++tenants}`;

export const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

/** Parsed, so that what a run has beside this has its defaults. */
export const aRun = (tenantId: string, changes: Partial<Run> = {}): Run =>
  toRun({
    runId: "run_1",
    tenantId,
    endpointId: ENDPOINT,
    unitId: UNIT,
    connector: "jira",
    sinkId: "lake",
    mode: "FULL",
    trigger: "MANUAL",
    status: "COMPLETE",
    waiting: null,
    epoch: 1,
    queuedAt: at(0),
    startedAt: at(1),
    finishedAt: at(2),
    progress: null,
    stats: NO_STATS,
    evidence: [],
    error: null,
    cancelRequested: false,
    ...changes,
  });

export const anArtifact = (n: number) => ({
  artifactId: `art_run_1_${n}`,
  runId: "run_1",
  endpointId: ENDPOINT,
  unitId: UNIT,
  sinkId: "lake",
  location: "lake.jira.issues",
  snapshotId: `${n}`,
  commitId: `run_1/${n}`,
  rows: n,
  bytes: n,
  schemaHash: null,
  createdAt: at(n),
});

/** What can happen to a tenant's items: each puts one, or takes one away. */
export type Change = { key: Key; item: Record<string, unknown> | null };
export const CHANGES: readonly ((tenantId: string, n: number) => Change)[] = [
  (t, n) => put(endpointItem(anEndpoint(t, { name: `Jira ${n}`, updatedAt: at(n) }))),
  (t, n) =>
    put({
      ...keys.dataset(t, ENDPOINT, UNIT),
      entity: "dataset",
      tenantId: t,
      ...aDataset(),
      collectedAt: at(n),
    }),
  (t, n) =>
    put({
      ...keys.dataset(t, ENDPOINT, UNIT),
      entity: "dataset",
      ...aDataset(),
      vanished: n % 2 === 0,
    }),
  (t, n) =>
    put(
      unitConfigItem(
        t,
        aUnitConfig({ sinkId: ["lake", "other", "kb"][n % 3] ?? "kb", updatedAt: at(n) }),
        new Date(0),
      ),
    ),
  (t) => ({ key: keys.unitConfig(t, ENDPOINT, UNIT), item: null }),
  (t, n) => put(sinkItem({ ...aSink(t), name: `Lake ${n}`, updatedAt: at(n) })),
  (t) => ({ key: keys.sink(t, "lake"), item: null }),
  (t, n) => put(runItem(aRun(t, { status: n % 2 ? "COMPLETE" : "FAILED" }))),
  (t, n) => put(artifactItem(t, anArtifact(n % 3))),
  (t, n) => put(unitsItem(t, ...[UNIT, FORM].slice(0, n % 3))),
];

/** A unit of the same dataset that no manifest lists. */
export const FORM = "jira.forms";

/** What a collection stores of the units that it found. */
export function unitsItem(tenantId: string, ...unitIds: string[]): Record<string, unknown> {
  const units = unitIds.flatMap((unitId) =>
    aConnector().units.map((descriptor) => ({ ...descriptor, unitId })),
  );
  const found = { connectorVersion: "1.0.0", units };
  return { ...keys.catalogUnits(tenantId, ENDPOINT), entity: "catalog-units", ...found };
}

export function put(item: Record<string, unknown>): Change {
  return { key: { pk: String(item.pk), sk: String(item.sk) }, item };
}

export async function apply({ key, item }: Change): Promise<void> {
  const TableName = tables.control;
  if (item) await tables.client.send(new PutCommand({ TableName, Item: item }));
  else await tables.client.send(new DeleteCommand({ TableName, Key: { ...key } }));
}

export const all = async (tenantId: string) =>
  (await listNodes(tables, tenantId, {}, { limit: 100 })).items;

/** A whole tenant, each item told of once. */
export async function aKnownTenant(): Promise<string> {
  const tenantId = aTenant();
  for (const n of [0, 1, 3, 5, 7, 8]) {
    const change = CHANGES[n]?.(tenantId, n === 3 ? 0 : 1);
    if (change) await apply(change);
    if (change) await project(tables, change.key);
  }
  return tenantId;
}
