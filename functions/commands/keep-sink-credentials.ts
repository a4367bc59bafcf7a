import { getConnector } from "../../adapters/dynamodb/registry/connectors.ts";
import { unlessSinkDeleted } from "../../adapters/dynamodb/sinks/references.ts";
import { sinkRoleWrite } from "../../adapters/dynamodb/sinks/role.ts";
import { saveSink } from "../../adapters/dynamodb/sinks/store.ts";
import { throughOf } from "../../core/common-data.ts";
import { checkSinkCredentials, roleOf } from "../../core/sink-credentials.ts";
import type { Credentials } from "../../schemas/endpoint.ts";
import type { Sink } from "../../schemas/sink.ts";
import type { Deps } from "../runtime/deps.ts";
import type { ProbeDeps } from "./ask-probe.ts";
import { giveUpCredentials, keepCredentials } from "./endpoint-changes.ts";
import { trySink } from "./try-sink.ts";

interface Change {
  readonly seen: Sink;
  readonly next: Sink;
  /** The role of the credentials that count now. */
  readonly roleArn: string | null;
}

/**
 * Stores a sink whose config or credentials have changed, once it was tried with both; `undefined`
 * keeps the credentials that it has. What is refused changes nothing. Throws `CONFIG_INVALID`
 * naming the field, or `STALE_VERSION`.
 */
export async function keepSinkCredentials(
  deps: ProbeDeps & Pick<Deps, "credentials" | "platform">,
  { seen, next, roleArn }: Change,
  credentials: Credentials | undefined,
  {
    subject,
    now,
    action,
  }: { readonly subject: string; readonly now: Date; readonly action?: string },
): Promise<Sink> {
  const { tables } = deps;
  const owner = { tenantId: next.tenantId, ownerId: next.sinkId };
  const type = await getConnector(tables, next.tenantId, next.type, next.typeVersion);
  if (credentials || seen.credentialVersion === null) {
    checkSinkCredentials(type, next.config, credentials, deps.platform);
  }

  const kept = credentials && (await keepCredentials(deps, type, owner, credentials, now));
  const credentialVersion = kept?.credentialVersion ?? next.credentialVersion;
  const role = credentials ? roleOf(credentials) : roleArn;

  try {
    const sink = await trySink(deps, { sink: { ...next, credentialVersion }, roleArn: role }, now);
    const through = throughOf(sink);
    const beside = [
      ...(kept ? [sinkRoleWrite(tables, sink, role)] : []),
      ...(through ? [unlessSinkDeleted(tables, { tenantId: sink.tenantId, sinkId: through })] : []),
    ];
    await saveSink(tables, sink, seen, subject, {
      beside,
      ...(action !== undefined && { action }),
    });
    return sink;
  } catch (error) {
    if (kept) await giveUpCredentials(deps, owner, kept, now);
    throw error;
  }
}
