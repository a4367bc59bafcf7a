import { findMethod, type RegisteredMethod } from "../../adapters/dynamodb/registry/methods.ts";
import { TtlMap } from "../../core/ttl-map.ts";
import type { MethodDeps } from "./call.ts";
import { notFound } from "./call-failed.ts";
import type { Instance } from "./instance.ts";

/** Of a version that was published nothing changes but by publishing it anew. */
const KNOWN_MS = 30_000;
const MOST = 2000;
const known = new WeakMap<object, TtlMap<RegisteredMethod>>();

/** The method of that name, as the registry has it. Throws `Method not found: …`. */
export async function loadMethod(
  { tables, now }: MethodDeps,
  { endpoint }: Instance,
  name: string,
): Promise<RegisteredMethod> {
  const { tenantId, connector, connectorVersion } = endpoint;
  const methods =
    known.get(tables) ?? new TtlMap<RegisteredMethod>({ ttlMs: KNOWN_MS, most: MOST });
  known.set(tables, methods);
  const id = [tenantId, connector, connectorVersion, name].join(" ");
  const nowMs = now().getTime();

  const found =
    methods.get(id, nowMs) ??
    (await findMethod(tables, tenantId, connector, connectorVersion, name));
  if (!found) throw notFound("Method", name);
  methods.set(id, found, nowMs);
  return found;
}
