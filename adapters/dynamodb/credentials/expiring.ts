import type { Endpoint } from "../../../schemas/endpoint.ts";
import type { Tables } from "../client.ts";
import { connectionValues } from "../endpoints/items.ts";
import { eventWrite } from "../journal/entries.ts";
import { keys } from "../keys.ts";
import { absent, all, any, exists, isAbove, isBelow, matches } from "../table/condition.ts";
import { findItem } from "../table/find.ts";
import { overtaken, transactUnlessOvertaken } from "../table/transact.ts";
import { set, writeIf } from "../table/write.ts";
import { watchAgain } from "./watch.ts";

/**
 * Shows that somebody must renew the endpoint's credentials by then, and tells it by one event for
 * each end. False when that was told, or when the endpoint has other credentials by now.
 */
export function recordExpiring(
  tables: Tables,
  { tenantId, endpointId, credentialVersion, authType, connection }: Endpoint,
  endsAt: Date,
  { now, lookAgainAt }: { readonly now: Date; readonly lookAgainAt: Date },
): Promise<boolean> {
  const owner = { tenantId, ownerId: endpointId };
  const expiresAt = endsAt.toISOString();
  // What is refused is worse off than what ends soon.
  const status = connection.status === "AUTH_ERROR" ? {} : { status: "EXPIRING" as const };
  const shown = connectionValues({ ...status, expiresAt });
  const untold = any(
    all(exists(), absent("warnedFor")),
    isBelow("warnedFor", expiresAt),
    isAbove("warnedFor", expiresAt),
  );
  const data = { integrationInstanceId: endpointId, authType: authType ?? "", expiresAt };

  return transactUnlessOvertaken(tables, [
    {
      ...watchAgain(tables, owner, lookAgainAt, { warnedFor: expiresAt }, untold),
      otherwise: overtaken,
    },
    set(
      tables.control,
      keys.endpoint(tenantId, endpointId),
      shown,
      matches({ credentialVersion }),
      overtaken,
    ),
    eventWrite(tables, {
      tenantId,
      type: "integration.credentials.expiring",
      occurredAt: now.toISOString(),
      data,
    }),
  ]);
}

/** Shows until when they are good, which is not soon. */
export async function showExpiry(
  tables: Tables,
  { tenantId, endpointId, credentialVersion }: Endpoint,
  endsAt: Date | null,
): Promise<void> {
  const shown = connectionValues({ expiresAt: endsAt?.toISOString() ?? null });
  const key = keys.endpoint(tenantId, endpointId);
  await writeIf(tables, set(tables.control, key, shown, all(matches({ credentialVersion }))));
}

/** When a person gave the endpoint its credentials: no renewal changes that. */
export async function findCredentialsAt(
  tables: Tables,
  { tenantId, endpointId, createdAt }: Endpoint,
): Promise<Date> {
  const item = await findItem(tables, keys.endpoint(tenantId, endpointId));
  const at = item?.credentialsAt;
  return new Date(typeof at === "string" ? at : createdAt);
}
