import { getEndpoint } from "../../../adapters/dynamodb/endpoints/store.ts";
import {
  findSettings,
  type StoredSettings,
  saveSettings,
} from "../../../adapters/dynamodb/methods/settings.ts";
import { getConnector } from "../../../adapters/dynamodb/registry/connectors.ts";
import { effectiveSettings } from "../../../core/effective-settings.ts";
import type { Endpoint } from "../../../schemas/endpoint.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type {
  GetEndpointSettings,
  PutEndpointSettings,
} from "../../../schemas/operations/methods.ts";
import type {
  EndpointSettings,
  EndpointSettingsInput,
} from "../../../schemas/operations-settings.ts";
import type { Answer } from "../../runtime/answer.ts";
import { requireMatch } from "../../runtime/if-match.ts";
import type { Request } from "../../runtime/request.ts";
import type { MethodsDeps } from "./deps.ts";

type Needs = Pick<MethodsDeps, "tables" | "operations" | "rateLimit">;

/** Of a fallback: it is answered as often as the vendor is away. */
const LARGEST_VALUE = 10_000;

export async function getEndpointSettings(
  { path, query, identity }: Request<typeof GetEndpointSettings>,
  deps: Needs,
): Promise<Answer> {
  const { tenantId } = identity;
  const endpoint = await getEndpoint(deps.tables, tenantId, path.endpointId);
  const stored = await findSettings(deps.tables, tenantId, path.endpointId);
  return answer(await shown(deps, endpoint, stored, query.method));
}

export async function putEndpointSettings(
  { path, body, identity, ifMatch, now }: Request<typeof PutEndpointSettings>,
  deps: Needs,
): Promise<Answer> {
  const { tenantId, subject: actor } = identity;
  const endpoint = await getEndpoint(deps.tables, tenantId, path.endpointId);
  const seen = await findSettings(deps.tables, tenantId, path.endpointId);
  if (seen) requireMatch(ifMatch, seen);
  checkFallbacks(body);

  const version = (seen?.version ?? 0) + 1;
  const next = { settings: body, version, updatedAt: now.toISOString() };
  await saveSettings(deps.tables, endpoint, next, seen, actor);
  return answer(await shown(deps, endpoint, next, undefined));
}

function checkFallbacks({ methods = {} }: EndpointSettingsInput): void {
  for (const [name, { fallback = [] }] of Object.entries(methods)) {
    const large = fallback.some(
      (one) => "value" in one && JSON.stringify(one.value ?? null).length > LARGEST_VALUE,
    );
    if (!large) continue;
    const fault = `must be at most ${LARGEST_VALUE} bytes as JSON`;
    throw new DomainError("CONFIG_INVALID", `A fallback of ${name} ${fault}. Send less.`, {
      errors: [{ path: `body.methods.${name}.fallback`, message: fault }],
    });
  }
}

async function shown(
  { tables, operations, rateLimit }: Needs,
  { tenantId, endpointId, connector, connectorVersion, config }: Endpoint,
  stored: StoredSettings | undefined,
  method: string | undefined,
): Promise<EndpointSettings> {
  const settings = stored?.settings ?? {};
  const effective = effectiveSettings({
    environment: operations,
    rateLimit,
    connector: await getConnector(tables, tenantId, connector, connectorVersion),
    endpointConfig: config,
    endpoint: settings,
    method,
  });

  const { version = 0, updatedAt = null } = stored ?? {};
  return { endpointId, settings, effective, version, updatedAt };
}

const answer = (body: EndpointSettings): Answer => ({
  status: 200,
  body,
  ...(body.version > 0 && { headers: { etag: `"${body.version}"` } }),
});
