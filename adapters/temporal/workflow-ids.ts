import { createHash } from "node:crypto";
import { encodeTime } from "ulid";

/** Ids of workflows and schedules: the tenant first; nothing of a customer's data, since Temporal keeps them in the clear. */
export const workflowId = {
  run: (tenantId: string, runId: string) => `t/${tenantId}/run/${runId}`,
  collection: (tenantId: string, collectionId: string) => `t/${tenantId}/collection/${collectionId}`,
  probe: (tenantId: string, probeId: string) => `t/${tenantId}/probe/${probeId}`,
  /** Temporal appends `-<scheduled time>` for each tick. */
  scheduledRun: (tenantId: string, endpointId: string, unitId: string) =>
    `${scheduleId(tenantId, endpointId, unitId)}/run`,
};

export const SCHEDULE_PREFIX = "t/";

export function scheduleId(tenantId: string, endpointId: string, unitId: string): string {
  return `${SCHEDULE_PREFIX}${tenantId}/e/${endpointId}/u/${unitId}`;
}

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The run of a scheduled tick: the same workflow is always the same run, and runs sort by their scheduled time. */
export function scheduledRunId(id: string): string {
  const tick = /-(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)$/.exec(id)?.[1];
  const random = createHash("sha256").update(id).digest().subarray(0, 16);
  const suffix = Array.from(random, (byte) => CROCKFORD[byte % 32]).join("");
  return `run_${encodeTime(tick ? Date.parse(tick) : 0)}${suffix}`;
}

/** The unit of a schedule's id; undefined for a schedule that is not ours. */
export function scheduledUnit(id: string): { tenantId: string; endpointId: string; unitId: string } | undefined {
  const [, tenantId, endpointId, unitId] = /^t\/([^/]+)\/e\/([^/]+)\/u\/(.+)$/.exec(id) ?? [];
  return tenantId && endpointId && unitId ? { tenantId, endpointId, unitId } : undefined;
}
