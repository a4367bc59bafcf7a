import { createHash } from "node:crypto";
import { encodeTime } from "ulid";

/**
 * Ids of workflows and schedules: the tenant first; nothing of a customer's data, since Temporal
 * keeps them in the clear.
 */
export const workflowId = {
  run: (tenantId: string, runId: string) => `t/${tenantId}/run/${runId}`,
  collection: (tenantId: string, collectionId: string) =>
    `t/${tenantId}/collection/${collectionId}`,
  probe: (tenantId: string, probeId: string) => `t/${tenantId}/probe/${probeId}`,
  call: (tenantId: string, callId: string) => `t/${tenantId}/call/${callId}`,
  /** By its attempt: a connector's name is the customer's. */
  connector: (tenantId: string, claim: string) => `${registrationPrefix(tenantId)}${claim}`,
  /** Temporal appends `-<scheduled time>` for each tick. */
  scheduledRun: (tenantId: string, endpointId: string, unitId: string) =>
    `${scheduleId(tenantId, endpointId, unitId)}/run`,
  /** Not under the prefix of what it stops. */
  endpointDeletion: (tenantId: string, endpointId: string) =>
    `deletion/${endpointPrefix(tenantId, endpointId)}`,
  tenantDeletion: (tenantId: string) => `deletion/${tenantPrefix(tenantId)}`,
  scheduledCollection: (tenantId: string, endpointId: string) =>
    `${collectionScheduleId(tenantId, endpointId)}/run`,
};

export const SCHEDULE_PREFIX = "t/";
/** Every schedule and workflow of the tenant begins with it, but its deletion. */
export const tenantPrefix = (tenantId: string) => `${SCHEDULE_PREFIX}${tenantId}/`;
/** Every registration of a connector that the tenant asked for. */
export const registrationPrefix = (tenantId: string) => `${tenantPrefix(tenantId)}connector/`;
/** Every schedule of the endpoint, and what they start. */
export const endpointPrefix = (tenantId: string, endpointId: string) =>
  `${tenantPrefix(tenantId)}e/${endpointId}/`;

export function scheduleId(tenantId: string, endpointId: string, unitId: string): string {
  return `${SCHEDULE_PREFIX}${tenantId}/e/${endpointId}/u/${unitId}`;
}

/** Of an endpoint's collections. */
export function collectionScheduleId(tenantId: string, endpointId: string): string {
  return `${SCHEDULE_PREFIX}${tenantId}/e/${endpointId}/collect`;
}

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/**
 * The run of a scheduled tick: the same workflow is always the same run, and runs sort by their
 * scheduled time.
 */
export const scheduledRunId = (id: string) => `run_${tickId(id)}`;
export const scheduledCollectionId = (id: string) => `col_${tickId(id)}`;

/**
 * The scheduled time of a tick's workflow, without its jitter; undefined for a workflow that no
 * schedule started.
 */
export function tickOf(id: string): Date | undefined {
  const tick = /-(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)$/.exec(id)?.[1];
  return tick === undefined ? undefined : new Date(tick);
}

function tickId(id: string): string {
  const random = createHash("sha256").update(id).digest().subarray(0, 16);
  const suffix = Array.from(random, (byte) => CROCKFORD[byte % 32]).join("");
  return `${encodeTime(tickOf(id)?.getTime() ?? 0)}${suffix}`;
}

/**
 * What a schedule starts: the runs of a unit, or the collections of an endpoint (`unitId` null).
 */
export interface Scheduled {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly unitId: string | null;
}

/** What a schedule of this id starts; undefined for a schedule that is not ours. */
export function scheduledOf(id: string): Scheduled | undefined {
  const [, tenantId, endpointId, unitId = null] =
    /^t\/([^/]+)\/e\/([^/]+)\/(?:u\/(.+)|collect)$/.exec(id) ?? [];
  return tenantId && endpointId ? { tenantId, endpointId, unitId } : undefined;
}

export function scheduleIdOf({ tenantId, endpointId, unitId }: Scheduled): string {
  return unitId === null
    ? collectionScheduleId(tenantId, endpointId)
    : scheduleId(tenantId, endpointId, unitId);
}
