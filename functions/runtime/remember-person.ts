import type { Tables } from "../../adapters/dynamodb/client.ts";
import { putPerson } from "../../adapters/dynamodb/tenants/people.ts";
import type { Identity } from "../../schemas/tenant.ts";
import { logUnexpected } from "./telemetry.ts";

/** How long an instance relies on the name that it wrote. */
const WRITTEN_MS = 86_400_000;
const MOST_WRITTEN = 10_000;

const written = new Map<
  string,
  { readonly name: string; readonly at: number; readonly tables: Tables }
>();

/**
 * Keeps what the person is called, for lists that show who did what. A name that cannot be kept
 * holds nobody up.
 */
export async function rememberPerson(tables: Tables, identity: Identity, now: Date): Promise<void> {
  const { tenantId, subject, name } = identity;
  if (name === undefined) return;
  const key = `${tenantId}#${subject}`;
  const known = written.get(key);
  const isFresh =
    known !== undefined && known.name === name && now.getTime() - known.at < WRITTEN_MS;
  if (isFresh && known.tables === tables) return;

  if (written.size >= MOST_WRITTEN) written.clear();
  written.set(key, { name, at: now.getTime(), tables });
  await putPerson(tables, tenantId, { subject, name }, now).catch((error) => {
    written.delete(key);
    logUnexpected("people", error);
  });
}
