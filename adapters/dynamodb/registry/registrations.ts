/**
 * Registrations of connectors: one item for a version, which says who is at work on it. Methods are
 * written before the connector, and the connector together with the word that all is there.
 */
import { deflateSync, inflateSync } from "node:zlib";
import * as z from "zod";
import type { Connector } from "../../../schemas/connector.ts";
import { ConnectorInput, ConnectorRegistration } from "../../../schemas/connector-registration.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { Item, Tables } from "../client.ts";
import { auditWrite } from "../journal/entries.ts";
import { type ConnectorOwner, keys } from "../keys.ts";
import { pendingMark } from "../pending/marks.ts";
import { absent, all, any, isBelow, matches } from "../table/condition.ts";
import { findItem } from "../table/find.ts";
import { transact } from "../table/transact.ts";
import { type ConditionalWrite, check, put, set, writeIf } from "../table/write.ts";
import { usageWrite } from "../tenants/usage.ts";
import { connectorItem } from "./items.ts";

/** A registration, with what its owner asked for. */
export interface StoredRegistration {
  readonly owner: ConnectorOwner;
  /** Who asked: the tenant of an owner that is the platform is that of the person. */
  readonly tenantId: string;
  readonly actor: string;
  /** Names one attempt: another one that took over does not match it. */
  readonly claim: string;
  readonly input: Omit<ConnectorInput, "document" | "methods">;
  readonly shown: ConnectorRegistration;
}

/** Nobody works on one longer; then another request may begin it again. */
const STALE_MS = 15 * 60_000;

const Stored = z.object({
  owner: z.string().nullable(),
  tenantId: z.string(),
  actor: z.string(),
  claim: z.string(),
  input: z.object(ConnectorInput.shape).omit({ document: true, methods: true }),
});

export async function findRegistration(
  tables: Tables,
  owner: ConnectorOwner,
  name: string,
  version: string,
): Promise<StoredRegistration | undefined> {
  const item = await findItem(tables, keys.registration(owner, name, version));
  return item && toRegistration(item);
}

export const toRegistration = (item: Item): StoredRegistration => {
  const shown = inflateSync(item.shown as Uint8Array, { maxOutputLength: 8_000_000 });
  return {
    ...Stored.parse(item),
    shown: ConnectorRegistration.parse(JSON.parse(shown.toString("utf8"))),
  };
};

function registrationItem({ shown, ...stored }: StoredRegistration): Item {
  return {
    ...keys.registration(stored.owner, shown.name, shown.version),
    entity: "connector-registration",
    ...stored,
    name: shown.name,
    version: shown.version,
    status: shown.status,
    beganAt: shown.createdAt,
    shown: deflateSync(JSON.stringify(shown)),
  };
}

/**
 * Takes the version for this attempt. `queued`: the orchestrator is told to go on with it. Throws
 * `CONFLICT` where the version is there, or somebody is at work on it.
 */
export async function beginRegistration(
  tables: Tables,
  registration: StoredRegistration,
  now: Date,
): Promise<void> {
  const { owner, shown } = registration;
  const { name, version } = shown;
  const isQueued = shown.status === "QUEUED";
  const item = {
    ...registrationItem(registration),
    ...(isQueued && pendingMark("connector-registration", now)),
  };
  const stale = new Date(now.getTime() - STALE_MS).toISOString();
  const free = any(
    absent(),
    matches({ status: "FAILED" }),
    all(matches({ status: "READING" }), isBelow("beganAt", stale)),
  );

  const there = () => taken(`Version ${version} of ${name} is registered. Send another version.`);
  const atWork = () =>
    taken(
      `Version ${version} of ${name} is being registered. Ask GET ` +
        `/connectors/${name}/versions/${version}/registration.`,
    );
  await transact(tables, [
    put(tables.control, item, free, (found) => (found?.status === "READY" ? there() : atWork())),
    check(tables.control, keys.connector(owner, name, version), absent(), there),
  ]);
}

const taken = (message: string) => new DomainError("CONFLICT", message);

/** Shows how far it is. False, and nothing is shown, where another attempt took over. */
export function showRegistration(
  tables: Tables,
  registration: StoredRegistration,
): Promise<boolean> {
  const { owner, claim, shown } = registration;
  const { status, shown: packed } = registrationItem(registration);
  return writeIf(
    tables,
    set(
      tables.control,
      keys.registration(owner, shown.name, shown.version),
      { status, shown: packed },
      matches({ claim }),
    ),
  );
}

/**
 * The connector is there, with all of its methods. Throws `QUOTA_EXCEEDED` when the tenant has
 * `limit` connectors, or `CONFLICT` where another attempt took over.
 */
export async function finishRegistration(
  tables: Tables,
  registration: StoredRegistration,
  connector: Connector,
  { limit, at }: { readonly limit: number | undefined; readonly at: string },
): Promise<void> {
  const { owner, tenantId, actor, claim, shown } = registration;
  const { name, version } = shown;
  const overtaken = () => taken(`Another request registers ${name} ${version}. Read it again.`);
  const counted = owner === null ? [] : [usageWrite(tables, owner, "connectors", limit)];
  const own = all(matches({ claim }), matches({ status: "READING" }));

  await transact(tables, [
    put(tables.control, registrationItem(registration), own, overtaken),
    put(tables.control, connectorItem(owner, connector), absent(), overtaken),
    ...counted,
    auditWrite(tables, {
      tenantId,
      at,
      actor,
      action: "connector.register",
      subject: `connector/${name}/${version}`,
      before: null,
      after: connector,
    }),
  ]);
}

/** Gives a version another status. Throws `NOT_FOUND` where the owner has no such version. */
export async function saveConnectorStatus(
  tables: Tables,
  { owner, connector }: { readonly owner: ConnectorOwner; readonly connector: Connector },
  next: Connector["status"],
  by: { readonly tenantId: string; readonly actor: string; readonly at: string },
): Promise<void> {
  const { name, version, status } = connector;
  const gone = () =>
    new DomainError("NOT_FOUND", "There is no such connector. List them with GET /connectors.");
  const change: ConditionalWrite = set(
    tables.control,
    keys.connector(owner, name, version),
    { setStatus: next },
    matches({ name }),
    gone,
  );

  await transact(tables, [
    change,
    auditWrite(tables, {
      ...by,
      action: "connector.status",
      subject: `connector/${name}/${version}`,
      before: { status },
      after: { status: next },
    }),
  ]);
}
