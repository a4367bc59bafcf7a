import { getConnector } from "../../../adapters/dynamodb/registry/connectors.ts";
import { getAskedSink, sinkRoleWrite } from "../../../adapters/dynamodb/sinks/role.ts";
import { listAllSinks, saveSink } from "../../../adapters/dynamodb/sinks/store.ts";
import { canonicalJson } from "../../../core/canonical-json.ts";
import { ownershipOf, throughFaults } from "../../../core/common-data.ts";
import { throwFaults } from "../../../core/config-faults.ts";
import { samePlaces } from "../../../core/credential-places.ts";
import { checkSinkConfig } from "../../../core/sink-config.ts";
import { isOurLake } from "../../../core/sink-credentials.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { PatchSink } from "../../../schemas/operations/sinks.ts";
import type { Sink } from "../../../schemas/sink.ts";
import type { ProbeDeps } from "../../commands/ask-probe.ts";
import { keepSinkCredentials } from "../../commands/keep-sink-credentials.ts";
import type { Answer } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import { requireMatch } from "../../runtime/if-match.ts";
import type { Request } from "../../runtime/request.ts";
import { shownSink } from "./shown-sink.ts";
import { refuseTakenName } from "./sink-names.ts";

export async function patchSink(
  { path, body, identity, ifMatch, now }: Request<typeof PatchSink>,
  deps: ProbeDeps & Pick<Deps, "credentials" | "surroundings" | "platform">,
): Promise<Answer> {
  const { tables } = deps;
  const { tenantId, subject } = identity;
  const { sink: seen, roleArn } = await getAskedSink(tables, tenantId, path.sinkId);
  requireMatch(ifMatch, seen);
  await checkPatch(deps, seen, body);

  const { name = seen.name, config = seen.config, isDefault = seen.isDefault } = body;
  const changed = { ...seen, name, config, isDefault };
  const moved = canonicalJson(config) !== canonicalJson(seen.config);
  if (!body.credentials && canonicalJson(changed) === canonicalJson(seen))
    return shownSink(deps, seen);

  const others = await listAllSinks(tables, tenantId);
  throwFaults("The sink cannot be written so", throughFaults(changed, others));
  const ownership = ownershipOf(changed, others);
  const next: Sink = {
    ...changed,
    ownership,
    version: seen.version + 1,
    updatedAt: now.toISOString(),
  };
  if (!moved && !body.credentials) {
    await saveSink(tables, next, seen, subject);
    return shownSink(deps, next);
  }
  if (isOurLake(config)) {
    const ours: Sink = { ...next, credentialVersion: null, testedAt: null };
    await saveSink(tables, ours, seen, subject, { beside: [sinkRoleWrite(tables, ours, null)] });
    return shownSink(deps, ours);
  }
  return shownSink(
    deps,
    await keepSinkCredentials(deps, { seen, next, roleArn }, body.credentials, { subject, now }),
  );
}

type Patch = Request<typeof PatchSink>["body"];

/** Throws what is wrong with the patch by itself, before anything is tried or written. */
async function checkPatch(
  deps: Pick<Deps, "tables" | "surroundings" | "platform">,
  seen: Sink,
  { config, name, isDefault, credentials }: Patch,
): Promise<void> {
  if (credentials && isOurLake(config ?? seen.config)) {
    const message = "must be left out: the environment's own lake takes no credentials";
    throwFaults("The credentials do not fit the sink", [{ path: "credentials", message }]);
  }

  if (config) {
    const type = await getConnector(deps.tables, seen.tenantId, seen.type, seen.typeVersion);
    checkSinkConfig(type, config, deps.surroundings);
    const moved = !isOurLake(config) && !samePlaces(type, seen.config, type, config);
    const again = moved && !credentials && seen.credentialVersion !== null;
    const message = "are required again: what receives them has changed";
    throwFaults(
      "The credentials do not fit the sink",
      again ? [{ path: "credentials", message }] : [],
    );
  }

  if (name !== undefined && name !== seen.name)
    refuseTakenName(await listAllSinks(deps.tables, seen.tenantId), name);
  if (isDefault === false && seen.isDefault) throw needsDefault();
}

function needsDefault(): DomainError {
  const errors = [
    { path: "isDefault", message: "must stay true, until another sink takes it over" },
  ];
  const remedy = "Make another sink the default: PATCH /sinks/{sinkId} with isDefault: true.";
  return new DomainError("CONFLICT", `A tenant has one default sink. ${remedy}`, { errors });
}
