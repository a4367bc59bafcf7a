/** Whoever holds a grant reads credentials while it is at work, and no longer. */
import { decodeTime } from "ulid";
import { findStoredCollection } from "../../adapters/dynamodb/catalog/collections.ts";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { getAskedProbe, type Offered } from "../../adapters/dynamodb/probes/store.ts";
import { findStoredRun } from "../../adapters/dynamodb/runs/store.ts";
import type { CredentialGrant } from "../../schemas/credential-grant.ts";
import { DomainError } from "../../schemas/errors.ts";

export interface Holder {
  /** Since when it is at work: the same instant at each of its readings. */
  readonly since: string;
  /** What a probe tries in the place of what is stored. */
  readonly offered?: Offered | undefined;
}

/** Throws `FORBIDDEN` when the run, collection or probe has ended, or is not the tenant's. */
export async function getHolder(
  tables: Tables,
  grant: CredentialGrant,
  now: Date,
): Promise<Holder> {
  const found = await WORK[grant.purpose](tables, grant, now);
  if (found && found.finishedAt === null) return found;
  throw new DomainError(
    "FORBIDDEN",
    `The ${grant.purpose} has ended, and may read the credential no more. Start it again.`,
  );
}

type Work = Holder & { readonly finishedAt: string | null };
type Find = (tables: Tables, grant: CredentialGrant, now: Date) => Promise<Work | undefined>;

const WORK: Readonly<Record<CredentialGrant["purpose"], Find>> = {
  run: async (tables, { tenantId, subject }) => {
    const run = await findStoredRun(tables, tenantId, subject);
    return run && { since: run.startedAt ?? run.queuedAt, finishedAt: run.finishedAt };
  },
  collection: async (tables, { tenantId, ownerId, subject }) => {
    const found = await findStoredCollection(tables, tenantId, ownerId, subject);
    return found && { since: found.collection.queuedAt, finishedAt: found.collection.finishedAt };
  },
  probe: async (tables, { tenantId, subject }) => {
    const asked = await findAskedProbe(tables, tenantId, subject);
    const { probe, offered } = asked ?? {};
    return probe && { since: probe.queuedAt, finishedAt: probe.finishedAt, offered };
  },
  // Nothing is stored of them while they work: their grants are short.
  call: async (_, { subject }, now) => ({ since: beginOf(subject, now), finishedAt: null }),
  maintenance: async (_, { subject }, now) => ({ since: beginOf(subject, now), finishedAt: null }),
};

async function findAskedProbe(tables: Tables, tenantId: string, probeId: string) {
  try {
    return await getAskedProbe(tables, tenantId, probeId);
  } catch (error) {
    if (error instanceof DomainError && error.code === "NOT_FOUND") return undefined;
    throw error;
  }
}

const ULID = /[0-9A-HJKMNP-TV-Z]{26}$/;

/** The time in its id; of others the hour, so that much reading makes few audit entries. */
function beginOf(subject: string, now: Date): string {
  const [id] = ULID.exec(subject) ?? [];
  const began = id === undefined ? undefined : new Date(decodeTime(id));
  if (began && began <= now) return began.toISOString();
  return `${now.toISOString().slice(0, 13)}:00:00.000Z`;
}
