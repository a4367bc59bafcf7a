import type { Role } from "../schemas/tenant.ts";

/**
 * Each role may what those before it may; `platform` manages tenants and may nothing inside one.
 */
const LADDER: readonly Role[] = ["viewer", "operator", "admin"];

export function mayAct(roles: readonly Role[], needed: Role): boolean {
  if (needed === "platform") return roles.includes("platform");
  const rank = LADDER.indexOf(needed);
  return roles.some((role) => LADDER.indexOf(role) >= rank);
}
