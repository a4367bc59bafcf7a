import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Sandbox } from "../site/answer.ts";
import { createFaults } from "../site/faults.ts";
import { createPageTokens } from "../site/page-token.ts";
import { createSandboxServer } from "../site/server.ts";
import { generateSite } from "./generate-site.ts";
import type { Options } from "./options.ts";
import { createIssueRenderer } from "./render-issue.ts";
import { createSearch } from "./search.ts";
import { createZone } from "./time-zone.ts";

export type RunningSandbox = { url: string; sandbox: Sandbox; stop: () => Promise<void> };

/**
 * Generates the site and serves it on 127.0.0.1; port 0 takes a free one. Rejects if the port is
 * taken.
 */
export async function startSandbox({
  port,
  token,
  recipe,
  faults,
}: Options): Promise<RunningSandbox> {
  const zone = createZone(recipe.accountTimezone);
  const sandbox: Sandbox = {
    site: generateSite(recipe),
    zone,
    search: createSearch(),
    tokens: createPageTokens(recipe.seed),
    renderIssue: createIssueRenderer(zone),
    faults: createFaults(faults, recipe.seed),
    stats: new Map(),
    now: Date.now,
  };
  const reset = () => {
    sandbox.site = generateSite(recipe);
    sandbox.renderIssue = createIssueRenderer(zone);
    sandbox.faults = createFaults(faults, recipe.seed);
    sandbox.stats.clear();
  };
  const server = createSandboxServer({ sandbox, reset, user: recipe.user, token });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sandbox,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
