import { findMethod, type RegisteredMethod } from "../../adapters/dynamodb/registry/methods.ts";
import { ttlMaps } from "../../core/ttl-map.ts";
import type { MethodDeps } from "./call.ts";
import { notFound } from "./call-failed.ts";
import type { Instance } from "./instance.ts";

/** Of a version that was published nothing changes but by publishing it anew. */
const KNOWN_MS = 30_000;
const methodsOf = ttlMaps<RegisteredMethod>({ ttlMs: KNOWN_MS, most: 2000 });

/** The method of that name, as the registry has it. Throws `Method not found: …`. */
export async function loadMethod(
  { tables, now }: MethodDeps,
  { endpoint }: Instance,
  name: string,
): Promise<RegisteredMethod> {
  const { tenantId, connector, connectorVersion } = endpoint;
  const id = [tenantId, connector, connectorVersion, name].join(" ");

  const found = await methodsOf(tables).through(id, now().getTime(), () =>
    findMethod(tables, tenantId, connector, connectorVersion, name),
  );
  if (!found) throw notFound("Method", name);
  return found;
}
