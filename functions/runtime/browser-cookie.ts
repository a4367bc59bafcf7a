/**
 * The cookie by which the OAuth callback knows the browser of whoever began. Its name lets no other
 * site of the domain plant one (`__Host-`); the browser sends it along when the vendor leads back.
 */
import type { OAuthDeps } from "../../integrations/oauth/deps.ts";
import type { Request } from "./request.ts";

const MINUTES = 10;

type Redirects = Pick<OAuthDeps, "redirects">;

/** On one machine the API speaks plain HTTP, where browsers take no `__Host-`. */
const isSecure = ({ redirects }: Redirects) => redirects.own.startsWith("https:");
const nameOf = (deps: Redirects) => (isSecure(deps) ? "__Host-inlet-oauth" : "inlet-oauth");

export const browserCookie = (deps: Redirects, browser: string) =>
  cookie(deps, browser, MINUTES * 60);
export const noBrowserCookie = (deps: Redirects) => cookie(deps, "", 0);
export const browserOf = (deps: Redirects, { cookies }: Pick<Request, "cookies">) =>
  cookies?.get(nameOf(deps));

function cookie(deps: Redirects, value: string, seconds: number): Record<string, string> {
  const secure = isSecure(deps) ? "; Secure" : "";
  const attributes = `Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`;
  return { "set-cookie": `${nameOf(deps)}=${value}; ${attributes}` };
}
