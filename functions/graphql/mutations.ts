import type * as z from "zod";
import { resetCheckpoint } from "../../adapters/dynamodb/checkpoints/reset.ts";
import { rollbackCheckpoint } from "../../adapters/dynamodb/checkpoints/rollback.ts";
import { requestCancel } from "../../adapters/dynamodb/runs/cancel.ts";
import { jsonFault } from "../../core/plain-json.ts";
import { RollbackInput } from "../../schemas/checkpoint.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { StartRun } from "../../schemas/operations/runs.ts";
import type { Run } from "../../schemas/run.ts";
import type { UnitAddress } from "../../schemas/unit-address.ts";
import { UnitConfigInput } from "../../schemas/unit-config.ts";
import type { UnitStatus } from "../../schemas/unit-state.ts";
import { configureUnit } from "../commands/configure-unit.ts";
import { readUnit } from "../commands/endpoint-units.ts";
import { onFreeUnits } from "../commands/free-units.ts";
import { pauseUnit } from "../commands/pause-unit.ts";
import { readStatus } from "../commands/read-status.ts";
import { startRun } from "../commands/start-run.ts";
import { validationError } from "../runtime/http-errors.ts";
import { idempotentRequest } from "../runtime/idempotency-key.ts";
import { requireRole } from "../runtime/identity.ts";
import { checkMatch } from "../runtime/if-match.ts";
import { type Context, checkId } from "./context.ts";
import { statusOf, toConfig, toStatus } from "./types.ts";

/** One key names one start, whichever door it comes through. */
const START_RUN: (typeof StartRun)["id"] = "startRun";

interface UnitArgs {
  readonly endpointId: string;
  readonly unitId: string;
}

type ConfigArgs = UnitArgs & { readonly expectedVersion?: number | null } & Readonly<
    Record<string, unknown>
  >;

export const mutations = {
  async configureIngestionUnit({ input }: { input: ConfigArgs }, context: Context) {
    const { endpointId, unitId, expectedVersion, ...settings } = input;
    const address = operable({ endpointId, unitId }, context);
    const guard = (seen: { version: number } | undefined) =>
      checkMatch(expectedVersion ?? undefined, seen ?? { version: 0 });
    const command = {
      ...address,
      input: parseSettings(settings),
      actor: context.identity.subject,
      now: context.now,
    };
    const { config } = await configureUnit(context, { ...command, guard });
    return toConfig(config);
  },

  async startIngestion(
    { input }: { input: UnitArgs & { idempotencyKey?: string | null } },
    context: Context,
  ) {
    const address = operable(input, context);
    const { identity, now } = context;
    const body = { endpointId: address.endpointId, unitId: address.unitId };
    // The same key through the other door is the same request.
    const idempotency = idempotentRequest(START_RUN, input.idempotencyKey ?? undefined, {
      path: {},
      body,
    });
    const run = await startRun(context, { ...address, actor: identity.subject, now, idempotency });
    const status = toStatus(await statusAfter(run, context));
    const what = run.status === "QUEUED" ? "is queued" : "reads now, and lands what it has staged";
    return { ok: true, ...body, runId: run.runId, status, message: `Run ${run.runId} ${what}.` };
  },

  async pauseIngestion(args: UnitArgs, context: Context) {
    return setPaused(args, true, context);
  },

  async resumeIngestion(args: UnitArgs, context: Context) {
    return setPaused(args, false, context);
  },

  async resetIngestionCheckpoint(args: UnitArgs, context: Context) {
    const address = operable(args, context);
    await readUnit(context.tables, address);
    const by = { actor: context.identity.subject, replace: false, now: context.now };
    await onFreeUnits(context, { ...address, ...by }, () =>
      resetCheckpoint(context.tables, address, by),
    );
    return done(address, context, { message: "The next run reads from the start." });
  },

  async rollbackIngestionCheckpoint(
    { version, ...unit }: UnitArgs & { version: number },
    context: Context,
  ) {
    const address = operable(unit, context);
    await readUnit(context.tables, address);
    const asked = parseInput(RollbackInput, { version });
    const { tables, now } = context;
    const actor = context.identity.subject;
    await onFreeUnits(context, { ...address, actor, now }, () =>
      rollbackCheckpoint(tables, address, asked.version, actor, now),
    );
    return done(address, context, {
      message: `The next run continues from version ${asked.version}.`,
    });
  },

  async cancelIngestion({ runId }: { runId: string }, context: Context) {
    requireRole(context.identity, "operator");
    const { tenantId, subject } = context.identity;
    const run = await requestCancel(
      context.tables,
      tenantId,
      checkId("runId", runId),
      subject,
      context.now,
    );

    const { endpointId, unitId } = run;
    const status = toStatus(await statusOf({ endpointId, unitId }, context));
    return {
      ok: true,
      endpointId,
      unitId,
      runId,
      status,
      message: "The run stops. What it has committed is kept.",
    };
  },
};

/**
 * A run that was recorded is answered, even if the catalogue lost its unit since, or the endpoint
 * was deleted.
 */
async function statusAfter(run: Run, context: Context): Promise<UnitStatus> {
  try {
    return await statusOf(run, context);
  } catch (error) {
    if (!(error instanceof DomainError && error.code === "NOT_FOUND")) throw error;
  }

  const { endpointId, unitId, runId, status, startedAt, finishedAt, stats, error } = run;
  return {
    endpointId,
    unitId,
    runId,
    status,
    startedAt,
    finishedAt,
    stats,
    error,
    nextRunAt: null,
    paused: false,
  };
}

async function setPaused(args: UnitArgs, paused: boolean, context: Context) {
  const address = operable(args, context);
  await pauseUnit(context, {
    ...address,
    paused,
    actor: context.identity.subject,
    now: context.now,
  });
  return done(address, context, {
    message: paused ? "The schedule is held." : "The schedule goes on.",
  });
}

async function done(
  address: UnitAddress,
  { tables, now }: Context,
  said: { runId?: string; message: string },
) {
  const status = toStatus(await readStatus(tables, address, now));
  return { ok: true, endpointId: address.endpointId, unitId: address.unitId, ...said, status };
}

function operable({ endpointId, unitId }: UnitArgs, context: Context): UnitAddress {
  requireRole(context.identity, "operator");
  const { tenantId } = context.identity;
  return {
    tenantId,
    endpointId: checkId("endpointId", endpointId),
    unitId: checkId("unitId", unitId),
  };
}

/** GraphQL's null is "left out", but for the interval, which it takes away. */
function parseSettings(settings: Record<string, unknown>): UnitConfigInput {
  const fault = jsonFault(settings);
  if (fault) throw new DomainError("VALIDATION_ERROR", `The input ${fault}.`);
  const given = Object.entries(settings).filter(
    ([name, value]) => value !== null || name === "scheduleIntervalMinutes",
  );
  return parseInput(UnitConfigInput, Object.fromEntries(given));
}

function parseInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw validationError("body", parsed.error);
}
