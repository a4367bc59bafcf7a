import { BatchWriteCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { slugOf } from "../../core/slug.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { UnitConfig } from "../../schemas/unit-config.ts";
import type { UnitState } from "../../schemas/unit-state.ts";
import type { Tables } from "./client.ts";
import { endpointAudit } from "./endpoint-store.ts";
import { unitConfigItem } from "./items.ts";
import { auditWrite } from "./journal.ts";
import { endpointChildrenPk, keys } from "./keys.ts";
import { usageReturned } from "./tenant-usage.ts";
import { type ConditionalWrite, transact } from "./transact.ts";
import { listUnitConfigs } from "./unit-config-store.ts";
import { listUnitStates } from "./unit-state-store.ts";
import { atVersion, staleVersion } from "./version-guard.ts";

/** Writes a transaction takes at most (100), less the endpoint, its two names, the usage and the audit entry. */
const GUARDED = 95;

/**
 * Removes the version `seen` of an endpoint with all that hangs on it. Its configs stay as tombstones (`deleted`, with the
 * mark) until the bridge has removed their schedules. Throws `RUN_ACTIVE` while a run of it is active, or `STALE_VERSION`.
 */
export async function removeEndpoint(tables: Tables, seen: Endpoint, actor: string, now: Date): Promise<void> {
  const { tenantId, endpointId } = seen;
  const states = await listUnitStates(tables, tenantId, endpointId);
  for (const { lease } of states) if (lease.state !== "FREE") throw runActive(lease.runId);
  const configs = await listUnitConfigs(tables, tenantId, endpointId);
  const groups = [
    ...states.map((state) => [stillFree(tables, tenantId, state)]),
    ...configs.map((config) => tombstone(tables, tenantId, config, actor, now)),
  ];
  const together = groups.slice(0, fitting(groups));
  const Key = keys.endpoint(tenantId, endpointId);
  const slugs = [...new Set([seen.slug, slugOf(seen.name)])];
  await transact(tables, [
    { write: { Delete: { TableName: tables.control, Key, ...atVersion(seen.version) } }, otherwise: staleVersion },
    ...slugs.map((slug) => ({
      write: { Delete: { TableName: tables.control, Key: keys.endpointSlug(tenantId, slug) } },
    })),
    usageReturned(tables, tenantId, configs.length),
    ...together.flat(),
    endpointAudit(tables, "endpoint.delete", seen, undefined, actor, now.toISOString()),
  ]);
  for (const group of groups.slice(together.length)) await transact(tables, group);
  await removeChildren(tables, tenantId, endpointId);
}

const runActive = (runId: string) =>
  new DomainError("RUN_ACTIVE", `Run ${runId} of this endpoint is active. Cancel it, or wait for it.`, { runId });

function stillFree(tables: Tables, tenantId: string, { endpointId, unitId, epoch }: UnitState): ConditionalWrite {
  const ConditionCheck = {
    TableName: tables.control,
    Key: keys.unitState(tenantId, endpointId, unitId),
    ConditionExpression: "epoch = :epoch",
    ExpressionAttributeValues: { ":epoch": epoch },
  };
  const taken = (found: Record<string, unknown> | undefined) =>
    runActive(String((found?.lease as { runId?: string } | undefined)?.runId));
  return { write: { ConditionCheck }, otherwise: taken };
}

function tombstone(tables: Tables, tenantId: string, config: UnitConfig, actor: string, now: Date): ConditionalWrite[] {
  const Item = { ...unitConfigItem(tenantId, { ...config, enabled: false }, now), deleted: true };
  const subject = `unit/${config.endpointId}/${config.unitId}`;
  const entry = {
    tenantId,
    at: now.toISOString(),
    actor,
    action: "config.delete",
    subject,
    before: config,
    after: null,
  };
  return [{ write: { Put: { TableName: tables.control, Item } } }, auditWrite(tables, entry)];
}

/** How many of the groups, from the first, one transaction takes. */
function fitting(groups: readonly ConditionalWrite[][]): number {
  let writes = 0;
  for (const [at, group] of groups.entries()) {
    writes += group.length;
    if (writes > GUARDED) return at;
  }
  return groups.length;
}

/** After the endpoint itself: what a crash leaves here belongs to nobody and is never shown. */
async function removeChildren(tables: Tables, tenantId: string, endpointId: string): Promise<void> {
  for (;;) {
    const { Items = [], LastEvaluatedKey } = await tables.client.send(
      new QueryCommand({
        TableName: tables.control,
        KeyConditionExpression: "pk = :pk",
        FilterExpression: "entity <> :config",
        ProjectionExpression: "pk, sk",
        ExpressionAttributeValues: { ":pk": endpointChildrenPk(tenantId, endpointId), ":config": "unit-config" },
        ConsistentRead: true,
      }),
    );
    for (let at = 0; at < Items.length; at += 25) {
      let left = Items.slice(at, at + 25).map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } }));
      while (left.length > 0) {
        const batch = new BatchWriteCommand({ RequestItems: { [tables.control]: left } });
        left = ((await tables.client.send(batch)).UnprocessedItems?.[tables.control] ?? []) as typeof left;
      }
    }
    if (LastEvaluatedKey === undefined) return;
  }
}
