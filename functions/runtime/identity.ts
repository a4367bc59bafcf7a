import { mayAct } from "../../core/roles.ts";
import { DomainError } from "../../schemas/errors.ts";
import { Identity, type Role } from "../../schemas/tenant.ts";
import type { GatewayEvent } from "./gateway-event.ts";

/** Nobody: only `public` operations see it. */
const NOBODY: Identity = { tenantId: "nobody", subject: "nobody", roles: [] };

/** Who can give a role. */
const REMEDY: Record<Role, string> = {
  viewer: "Ask an admin of your tenant for this role.",
  operator: "Ask an admin of your tenant for this role.",
  admin: "Ask an admin of your tenant for this role.",
  platform: "Ask the operators of this deployment: this role manages tenants and belongs to none.",
};

/**
 * Who asks, as the authorizer passed it on; a token in the request itself is never looked at.
 * Throws `UNAUTHENTICATED` without an identity, `FORBIDDEN` when its roles do not reach.
 */
export function identify(event: GatewayEvent, needed: Role | "public"): Identity {
  if (needed === "public") return NOBODY;
  const passed = event.requestContext.authorizer?.lambda ?? {};
  const roles =
    typeof passed.roles === "string" ? passed.roles.split(",").filter(Boolean) : passed.roles;
  const { tenantId, subject, name } = passed;
  const { success, data: identity } = Identity.safeParse({ tenantId, subject, roles, name });
  if (!success) {
    const remedy = "Send a current id token as Authorization: Bearer.";
    throw new DomainError(
      "UNAUTHENTICATED",
      `The token is missing, expired or not ours. ${remedy}`,
    );
  }

  requireRole(identity, needed);
  return identity;
}

/** Throws `FORBIDDEN` when the roles do not reach. */
export function requireRole(identity: Identity, needed: Role): void {
  if (mayAct(identity.roles, needed)) return;
  throw new DomainError("FORBIDDEN", `This needs the role ${needed}. ${REMEDY[needed]}`);
}
