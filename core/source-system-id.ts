import { createHash } from "node:crypto";
import type { SourceSystem } from "../schemas/source-system.ts";

/**
 * The id of a site, the same for every endpoint that talks to it: its own id where it has one, else
 * its address.
 */
export function sourceSystemId({ vendor, siteId, baseUrl }: SourceSystem): string {
  const site = siteId ?? baseUrl.replace(/\/+$/, "").toLowerCase();
  return `src_${createHash("sha256").update(`${vendor}\n${site}`).digest("hex").slice(0, 26)}`;
}
