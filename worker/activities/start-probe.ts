import { findDataset } from "../../adapters/dynamodb/catalog/datasets.ts";
import { getEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { finishProbe, markProbeRunning } from "../../adapters/dynamodb/probes/progress.ts";
import { getAskedProbe, type Offered } from "../../adapters/dynamodb/probes/store.ts";
import { getAskedSink } from "../../adapters/dynamodb/sinks/role.ts";
import { probeDeadline } from "../../core/probe-deadline.ts";
import type { Probe } from "../../schemas/collection.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { SourceRef } from "../../schemas/references.ts";
import type { ProbeInput, RunProbeInput, RunProbeResult } from "../../schemas/run-probe.ts";
import { recordCredentialUse } from "./credential-use.ts";
import type { Deps } from "./deps.ts";
import { finishProbe as answerProbe } from "./finish-probe.ts";
import { sinkRef, sourceRef } from "./references.ts";

/** Asks a source that Python reads nothing of; undefined where it is Python that asks. */
export type AskHere = (source: SourceRef) => Promise<RunProbeResult | undefined>;

/**
 * Answers what Python needs for the probe; null when it was answered already or here, or when
 * nobody waits for it any more: then it says so and the source is not asked. Throws `NOT_FOUND`
 * when its subject is gone.
 */
export async function startProbe(
  deps: Deps,
  { tenantId, probeId }: ProbeInput,
  askHere: AskHere = async () => undefined,
): Promise<RunProbeInput | null> {
  const { probe, offered } = await getAskedProbe(deps.tables, tenantId, probeId);
  if (probe.finishedAt !== null) return null;
  const deadline = probeDeadline(probe);
  if (deadline <= deps.now()) {
    await finishProbe(
      deps.tables,
      tenantId,
      probeId,
      { summary: {}, key: null, error: TOO_LATE },
      deps.now(),
    );
    return null;
  }

  const subject = await subjectOf(deps, probe, offered);
  const by = { tenantId, actor: `probe/${probeId}`, at: probe.queuedAt };
  await recordCredentialUse(deps.tables, by, subject.source, subject.sink);

  await markProbeRunning(
    deps.tables,
    { tenantId, probeId },
    subject.source?.credential?.versionId ?? null,
  );

  const { source } = subject;
  const result = source && probe.kind === "TEST_ENDPOINT" ? await askHere(source) : undefined;
  if (result) {
    await answerProbe(deps, { tenantId, probeId, result });
    return null;
  }
  return {
    tenantId,
    probeId,
    kind: probe.kind,
    limit: probe.limit,
    ...subject,
    deadline: deadline.toISOString(),
  };
}

const TOO_LATE = {
  code: "TIMEOUT",
  message: "The data plane was too busy to answer in time, so the source was not asked. Try again.",
  retryable: true,
} as const;

async function subjectOf(
  deps: Deps,
  probe: Probe,
  offered: Offered | undefined,
): Promise<Pick<RunProbeInput, "source" | "sink" | "dataset">> {
  const { tables } = deps;
  const { tenantId, probeId, kind, subject, queuedAt } = probe;
  const tried = offered !== undefined;
  const givenTo = { purpose: "probe", subject: probeId, since: queuedAt, tried } as const;

  if (kind === "TEST_SINK") {
    const asked =
      offered && "sink" in offered ? offered : await getAskedSink(tables, tenantId, subject);
    return { source: null, sink: await sinkRef(deps, asked, givenTo), dataset: null };
  }
  if (kind === "TEST_ENDPOINT") {
    // One that is offered may not be registered yet.
    const endpoint =
      offered && !("sink" in offered) ? offered : await getEndpoint(tables, tenantId, subject);
    return { source: await sourceRef(deps, endpoint, givenTo), sink: null, dataset: null };
  }

  const dataset = await findDataset(tables, tenantId, subject, []);
  if (!dataset)
    throw new DomainError("NOT_FOUND", "The dataset is gone. Collect the endpoint again.");
  const endpoint = await getEndpoint(tables, tenantId, dataset.endpointId);
  return { source: await sourceRef(deps, endpoint, givenTo), sink: null, dataset: dataset.name };
}
