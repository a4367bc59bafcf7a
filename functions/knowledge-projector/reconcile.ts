/**
 * The net under the projector, every hour: changes that never arrived, nodes of what is gone,
 * nouns older than the graph.
 */
import { Logger } from "@aws-lambda-powertools/logger";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { SCHEDULED_PK } from "../../adapters/dynamodb/keys.ts";
import { listOrphanedScopes, listProjectedKeys } from "../../adapters/dynamodb/knowledge/drift.ts";
import { project } from "../../adapters/dynamodb/knowledge/projection.ts";
import { removeEndpointNodes } from "../../adapters/dynamodb/knowledge/removal.ts";
import { listMarked } from "../../adapters/dynamodb/pending/marks.ts";
import { walkTenantIds } from "../../adapters/dynamodb/tenants/store.ts";
import { errorName } from "../runtime/error-name.ts";
import { inTens } from "../runtime/in-tens.ts";
import { projectorTables } from "./handler.ts";

const logger = new Logger({ serviceName: "kb-reconciler" });

/** A record of the stream is given up after six hours, and the next round may fail too. */
const RUNS_OF_MS = 2 * 86_400_000;
const FAR_AHEAD_MS = 86_400_000;

export interface Reconciled {
  tenants: number;
  written: number;
  removed: number;
  failed: number;
}

export async function handler(): Promise<Reconciled> {
  return reconcile(await projectorTables(), new Date());
}

/** Each tenant by itself; throws at the end when one failed, so that an alarm sees it. */
export async function reconcile(tables: Tables, now: Date): Promise<Reconciled> {
  const report = { tenants: 0, written: 0, removed: 0, failed: 0 };
  for (const tenantId of await knownTenants(tables, now)) {
    report.tenants++;
    try {
      const keys = listProjectedKeys(tables, tenantId, new Date(now.getTime() - RUNS_OF_MS));
      await inTens(keys, async (key) => {
        const written = await project(tables, key);
        report.written += written;
      });
      for (const scope of await listOrphanedScopes(tables, tenantId)) {
        report.removed += await removeEndpointNodes(tables, tenantId, scope);
      }
    } catch (error) {
      report.failed++;
      logger.error("tenant not reconciled", { tenantId, errorName: errorName(error) });
    }
  }

  logger.info("reconciled", { ...report });
  if (report.failed > 0)
    throw new Error(`The knowledge base of ${report.failed} tenants was not reconciled.`);
  return report;
}

/** Registered tenants, and those that nobody registered but whose units have schedules. */
async function knownTenants(tables: Tables, now: Date): Promise<Set<string>> {
  const known = new Set<string>();
  for await (const tenantId of walkTenantIds(tables)) known.add(tenantId);

  const until = new Date(now.getTime() + FAR_AHEAD_MS);
  for await (const { tenantId } of listMarked(tables, SCHEDULED_PK, until))
    known.add(String(tenantId));

  return known;
}
