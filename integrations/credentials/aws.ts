/** Amazon Web Services: a role of the tenant's own account, or keys of it. */
import type { IntegrationPlugin } from "../plugin.ts";
import type { VendorDeps } from "./deps.ts";
import type { Kind, Obtained, Secret } from "./kind.ts";
import type { OwnerEndpoint } from "./owner.ts";
import { TokenRefused } from "./token-refused.ts";

const SESSION_SECONDS = 3600;
const ACTION = /^[a-z0-9-]{2,40}:[A-Za-z]{1,64}$/;

/**
 * The role trusts our account with an external id that is made of the tenant, never of what
 * somebody sent: no tenant has a role assumed that trusts another (core/sink-trust.ts).
 */
export const awsRole: Kind = { given: () => undefined, spends: false, obtain };

async function obtain(deps: VendorDeps, stored: Secret, of: OwnerEndpoint): Promise<Obtained> {
  const { environment, assumeRole, pluginFor, now } = deps;
  const { roleArn = "", externalId: said } = stored;
  const externalId = `inlet/${environment}/${of.tenantId}`;
  if (said && said !== externalId) throw new TokenRefused("CLIENT");
  const policy = sessionPolicy(await pluginFor(of));

  const session = await assumed(() =>
    assumeRole({
      roleArn,
      externalId,
      sessionName: `inlet-${of.endpointId}`.replaceAll(/[^\w+=,.@-]/g, "-").slice(0, 64),
      policy,
      durationSeconds: SESSION_SECONDS,
    }),
  );

  if (session === "REFUSED") throw new TokenRefused("GRANT");
  const { expiresAt, ...secret } = session;
  return { secret, expiresAt, obtainedAt: now(), scopes: policy.Statement[0]?.Action ?? null };
}

/** What the connector's methods say they need, and nothing else. */
export function sessionPolicy(plugin: Pick<IntegrationPlugin, "methods"> | undefined) {
  const scopes = plugin?.methods.flatMap(({ method }) => method.scopes) ?? [];
  const Action = [...new Set(scopes.filter((scope) => ACTION.test(scope)))].toSorted();
  if (Action.length === 0) throw new TokenRefused("UNEXPECTED");
  return { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource: "*" }] };
}

async function assumed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new TokenRefused("UNAVAILABLE", { cause });
  }
}
