import type { BrokeredCredential } from "../../schemas/credential-grant.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { Method } from "../../schemas/method.ts";
import type { IntegrationPlugin } from "../plugin.ts";

/**
 * Least privilege: throws `SOURCE_FORBIDDEN`, before the vendor is asked, naming the scopes that
 * the method needs and the credential lacks. A credential that does not tell its scopes is tried.
 */
export function checkScopes(
  { name, scopes }: Method,
  credential: BrokeredCredential,
  { covers }: Pick<IntegrationPlugin, "covers">,
): void {
  const granted = credential.scopes;
  if (granted === null) return;
  const isGranted = (needed: string) =>
    granted.some((scope) => scope === needed || covers?.(scope, needed));
  const missing = scopes.filter((scope) => !isGranted(scope));
  if (missing.length === 0) return;

  throw new DomainError(
    "SOURCE_FORBIDDEN",
    `The credential lacks what ${name} needs: ${missing.join(", ")}. Authorize the endpoint ` +
      "again with it.",
    { reason: "SCOPES_MISSING", missing },
  );
}
