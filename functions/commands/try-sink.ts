import type { OfferedSink } from "../../adapters/dynamodb/probes/store.ts";
import { getAskedSink } from "../../adapters/dynamodb/sinks/role.ts";
import { throughOf } from "../../core/common-data.ts";
import { isOurLake } from "../../core/sink-credentials.ts";
import type { Probe } from "../../schemas/collection.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { Sink } from "../../schemas/sink.ts";
import { askProbe, type ProbeDeps } from "./ask-probe.ts";

/** Faults of ours: they say nothing about the sink. */
const OURS: readonly string[] = ["INTERNAL", "TIMEOUT", "OUT_OF_MEMORY", "STAGING_CORRUPT"];
const LONGEST = 500;

/**
 * Has the data plane write to a sink of the tenant's own before it is stored; answers it with
 * `testedAt`. One that cannot be asked in time refuses nothing: `testedAt` is null then, and says
 * so. Throws `CONFIG_INVALID` naming the field.
 */
export async function trySink(deps: ProbeDeps, offered: OfferedSink, now: Date): Promise<Sink> {
  const { sink } = offered;
  if (isOurLake(sink.config)) return { ...sink, testedAt: null };
  const { tenantId, sinkId } = sink;
  const question = { tenantId, kind: "TEST_SINK", subject: sinkId, limit: null } as const;
  const asked = { ...offered, ...(await writtenThrough(deps, sink)) };
  const { status, error, result } = await askUnlessBusy(deps, question, now, asked);

  if (error && !OURS.includes(error.code)) {
    const path = typeof result?.field === "string" ? result.field : "config";
    const errors = [{ path, message: error.message.slice(0, LONGEST) }];
    const said = `Nothing was stored, since the sink cannot be written to. ${error.message}`;
    throw new DomainError("CONFIG_INVALID", said, { errors });
  }
  return { ...sink, testedAt: status === "COMPLETE" ? now.toISOString() : null };
}

/** The sink that it is written through, with the role of its own. */
async function writtenThrough({ tables }: ProbeDeps, sink: Sink): Promise<Partial<OfferedSink>> {
  const through = throughOf(sink);
  return through === undefined
    ? {}
    : { through: await getAskedSink(tables, sink.tenantId, through) };
}

/**
 * A tenant that has too many probes at work is not kept from storing: the sink is tried with its
 * next test.
 */
async function askUnlessBusy(
  ...asked: Parameters<typeof askProbe>
): Promise<Pick<Probe, "status" | "error" | "result">> {
  try {
    return await askProbe(...asked);
  } catch (error) {
    if (!(error instanceof DomainError && error.code === "RATE_LIMITED")) throw error;
    return { status: "QUEUED", error: null, result: null };
  }
}
