/** Which site an endpoint is, where one authorization reaches several (Atlassian). */
import type { Endpoint, VendorSite } from "../../schemas/endpoint.ts";
import { sendOrRefuse } from "../credentials/token-endpoint.ts";
import type { SiteChoice } from "../plugin.ts";
import type { OAuthDeps } from "./deps.ts";
import { siteFailure } from "./refusals.ts";

const TIMEOUT_MS = 8_000;
const MOST_BYTES = 256 * 1024;

export type ChosenSite =
  /** Already in the config, or nothing that has to be chosen. */
  | { readonly chosen: "CONFIGURED" }
  | { readonly chosen: "FOUND"; readonly config: Endpoint["config"] }
  | { readonly chosen: "ASK"; readonly sites: readonly VendorSite[] };

/** Throws `AUTH_ERROR` when the authorization does not reach the configured site, or none. */
export async function chooseSite(
  deps: OAuthDeps,
  { config }: Pick<Endpoint, "config">,
  choice: SiteChoice | undefined,
  accessToken: string,
): Promise<ChosenSite> {
  if (!choice) return { chosen: "CONFIGURED" };
  const sites = await reachedSites(deps, choice, accessToken);
  if (sites.length === 0) throw siteFailure("The account has no site that the app may reach");

  const configured = config[choice.field];
  if (configured !== undefined && configured !== null && configured !== "") {
    if (sites.some(({ id }) => id === configured)) return { chosen: "CONFIGURED" };
    throw siteFailure(`The account does not reach the site of config.${choice.field}`);
  }

  const found = siteAt(sites, config[choice.addressField]) ?? (sites.length === 1 && sites[0]);
  if (!found) return { chosen: "ASK", sites };
  return { chosen: "FOUND", config: { ...config, [choice.field]: found.id } };
}

/** The one site that has the configured address. */
function siteAt(sites: readonly VendorSite[], address: unknown): VendorSite | undefined {
  const origin = originOf(String(address ?? ""));
  const there = sites.filter(({ url }) => origin !== undefined && originOf(url) === origin);
  return there.length === 1 ? there[0] : undefined;
}

const originOf = (url: string) => (URL.canParse(url) ? new URL(url).origin : undefined);

async function reachedSites(
  { send, rules }: OAuthDeps,
  { url, read }: SiteChoice,
  accessToken: string,
): Promise<readonly VendorSite[]> {
  const headers = { accept: "application/json", authorization: `Bearer ${accessToken}` };
  try {
    const { status, body } = await sendOrRefuse(() =>
      send({ method: "GET", url, headers }, { rules, timeoutMs: TIMEOUT_MS, maxBytes: MOST_BYTES }),
    );
    if (status !== 200) throw new Error(`The list of sites was answered with ${status}.`);
    return read(JSON.parse(Buffer.from(body).toString("utf8"))).map(printable);
  } catch {
    throw siteFailure("The vendor's list of the account's sites could not be read");
  }
}

/** Names are people's: they are shown as text, on one line. */
const printable = ({ id, name, url }: VendorSite): VendorSite => ({
  id,
  name: name.replaceAll(/\p{C}/gu, " ").slice(0, 200),
  url,
});
