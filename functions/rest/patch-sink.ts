import { getConnector } from "../../adapters/dynamodb/connector-store.ts";
import { getSink, listAllSinks, saveSink } from "../../adapters/dynamodb/sink-store.ts";
import { canonicalJson } from "../../core/canonical-json.ts";
import { checkSinkConfig } from "../../core/sink-config.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { PatchSink } from "../../schemas/operations/sinks.ts";
import { type Answer, versioned } from "../runtime/answer.ts";
import type { Deps } from "../runtime/deps.ts";
import { requireMatch } from "../runtime/if-match.ts";
import type { Request } from "../runtime/request.ts";
import { refuseTakenName } from "./sink-names.ts";

export async function patchSink(
  { path, body, identity, ifMatch, now }: Request<typeof PatchSink>,
  { tables, surroundings }: Pick<Deps, "tables" | "surroundings">,
): Promise<Answer> {
  const { tenantId, subject } = identity;
  const seen = await getSink(tables, tenantId, path.sinkId);
  requireMatch(ifMatch, seen);
  if (body.config) {
    checkSinkConfig(await getConnector(tables, seen.type, seen.typeVersion), body.config, surroundings);
  }
  if (body.name !== undefined && body.name !== seen.name) {
    refuseTakenName(await listAllSinks(tables, tenantId), body.name);
  }
  if (body.isDefault === false && seen.isDefault) throw needsDefault();
  const { name = seen.name, config = seen.config, isDefault = seen.isDefault } = body;
  if (canonicalJson({ ...seen, name, config, isDefault }) === canonicalJson(seen)) return versioned(seen);
  const next = { ...seen, name, config, isDefault, version: seen.version + 1, updatedAt: now.toISOString() };
  await saveSink(tables, next, seen, subject);
  return versioned(next);
}

function needsDefault(): DomainError {
  const errors = [{ path: "isDefault", message: "must stay true, until another sink takes it over" }];
  const remedy = "Make another sink the default: PATCH /sinks/{sinkId} with isDefault: true.";
  return new DomainError("CONFLICT", `A tenant has one default sink. ${remedy}`, { errors });
}
