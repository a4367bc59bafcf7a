import type { Tables } from "../../adapters/dynamodb/client.ts";
import { keys, SCHEDULED_PK } from "../../adapters/dynamodb/keys.ts";
import { findMarked, listMarked, type Marked } from "../../adapters/dynamodb/pending/marks.ts";
import { tenantsOnce } from "../../adapters/dynamodb/tenants/store.ts";
import { toUnitConfig } from "../../adapters/dynamodb/units/items.ts";
import {
  forgetLate,
  type Lateness,
  listLate,
  recordLate,
  recordRecovered,
} from "../../adapters/dynamodb/units/lateness.ts";
import { findLastGoodRuns } from "../../adapters/dynamodb/units/state-store.ts";
import {
  dueAt,
  type FreshnessRule,
  minutesOverdue,
  type ReadByTheClock,
} from "../../core/freshness.ts";
import { minutesBetweenMerges } from "../../core/merge-window.ts";
import { appliedPlan } from "../../core/schedule-plan.ts";
import type { Tenant } from "../../schemas/tenant.ts";
import type { UnitAddress } from "../../schemas/unit-address.ts";

export interface SweepDeps {
  readonly tables: Tables;
  readonly rule: FreshnessRule;
  readonly now: () => Date;
  /** A unit that became late, or was read again. */
  readonly tell: (what: "unit late" | "unit recovered", unit: Lateness) => void;
}

export interface Swept {
  /** Units that should be read by the clock now. */
  expected: number;
  late: number;
  /** Of the unit that is most overdue; 0 when none is. */
  mostOverdueMinutes: number;
}

interface Expected extends UnitAddress, ReadByTheClock {}

/** States are read so many at a time; DynamoDB takes as many in one request. */
const AT_ONCE = 100;

/**
 * Walks the units whose schedules are applied, by the sparse index that names them, and reads their
 * states a hundred at a time: what it costs grows with the schedules, not with the table. A unit is
 * reported once when it becomes late and once when it was read again.
 */
export async function sweep(deps: SweepDeps): Promise<Swept> {
  const { tables, now } = deps;
  const recorded = new Map<string, Lateness>();
  for await (const lateness of listLate(tables, now())) recorded.set(unitKey(lateness), lateness);

  const swept: Swept = { expected: 0, late: 0, mostOverdueMinutes: 0 };
  let batch: Expected[] = [];
  for await (const unit of expectedUnits(deps)) {
    batch.push(unit);
    if (batch.length < AT_ONCE) continue;
    await checkBatch(deps, batch, recorded, swept);
    batch = [];
  }
  await checkBatch(deps, batch, recorded, swept);

  for (const lateness of recorded.values()) await forgetUnlessChanging(deps, lateness);
  return swept;
}

/** Removes each of the units from `recorded`: what is left there in the end is not scheduled. */
async function checkBatch(
  deps: SweepDeps,
  units: readonly Expected[],
  recorded: Map<string, Lateness>,
  swept: Swept,
): Promise<void> {
  const { tables, rule, now } = deps;
  const lastGood = await findLastGoodRuns(tables, units);

  for (const [nth, scheduled] of units.entries()) {
    const unit = { ...scheduled, lastGoodAt: lastGood[nth] ?? null };
    const known = recorded.get(unitKey(unit));
    recorded.delete(unitKey(unit));
    swept.expected++;

    if (known && hasRead(unit, known)) await tellRecovered(deps, known, unit.lastGoodAt);

    const since = known && !hasRead(unit, known) ? known : undefined;
    const due = since ? new Date(since.dueAt) : dueAt(unit, rule);
    const overdue = minutesOverdue(due, now());
    if (overdue === 0) continue;

    swept.late++;
    swept.mostOverdueMinutes = Math.max(swept.mostOverdueMinutes, overdue);
    if (!since) await tellLate(deps, unit, due);
  }
}

/** A change of its schedule makes no late unit fresh: only a good run does. */
function hasRead(
  unit: { lastGoodAt: string | null },
  known: Lateness,
): unit is { lastGoodAt: string } {
  return unit.lastGoodAt !== null && unit.lastGoodAt !== known.lastGoodAt;
}

async function tellLate(deps: SweepDeps, unit: Expected, due: Date): Promise<void> {
  const { tenantId, endpointId, unitId, lastGoodAt } = unit;
  const lateness = { tenantId, endpointId, unitId, lastGoodAt, dueAt: due.toISOString() };
  if (await recordLate(deps.tables, lateness, deps.now())) deps.tell("unit late", lateness);
}

async function tellRecovered(deps: SweepDeps, known: Lateness, lastGoodAt: string): Promise<void> {
  if (await recordRecovered(deps.tables, known, lastGoodAt, deps.now()))
    deps.tell("unit recovered", known);
}

/**
 * A config that was changed this moment is named by no schedule until the bridge has applied it.
 */
async function forgetUnlessChanging({ tables }: SweepDeps, lateness: Lateness): Promise<void> {
  const { tenantId, endpointId, unitId } = lateness;
  if (await findMarked(tables, keys.unitConfig(tenantId, endpointId, unitId))) return;
  await forgetLate(tables, lateness);
}

async function* expectedUnits({ tables, now }: SweepDeps): AsyncGenerator<Expected> {
  const tenantOf = tenantsOnce(tables);
  // A unit that is rescheduled during the walk comes twice.
  const seen = new Set<string>();
  for await (const marked of listMarked(tables, SCHEDULED_PK, now())) {
    if (marked.pendingKind === "endpoint") continue;
    const tenantId = String(marked.tenantId);
    const unit = expectedUnit(marked, await tenantOf(tenantId));
    if (!unit || seen.has(unitKey(unit))) continue;
    seen.add(unitKey(unit));
    yield unit;
  }
}

/**
 * The config says what was applied, its endpoint's part in that included; undefined while its
 * schedule is held.
 */
function expectedUnit(marked: Marked, tenant: Tenant | undefined): Expected | undefined {
  const config = toUnitConfig(marked);
  const plan = appliedPlan(config, tenant);
  if (!plan || plan.paused) return undefined;

  const { endpointId, unitId } = config;
  const { pendingAt: scheduledAt, tenantId } = marked;
  const mergedEveryMs = (minutesBetweenMerges(config) ?? 0) * 60_000;
  return {
    tenantId: String(tenantId),
    endpointId,
    unitId,
    everyMs: Math.max(plan.everyMs, mergedEveryMs),
    scheduledAt,
    lastGoodAt: null,
  };
}

const unitKey = ({ tenantId, endpointId, unitId }: UnitAddress) =>
  `${tenantId} ${endpointId} ${unitId}`;
