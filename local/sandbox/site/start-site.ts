import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Sandbox } from "./answer.ts";
import { createFaults } from "./faults.ts";
import type { SiteOptions } from "./options.ts";
import { createSiteServer } from "./server.ts";
import type { Vendor } from "./vendor.ts";

export type RunningSite<State> = {
  url: string;
  sandbox: Sandbox<State>;
  stop: () => Promise<void>;
};

/**
 * Generates a vendor's site and serves it on 127.0.0.1; port 0 takes a free one. Rejects if the
 * port is taken.
 */
export async function startSite<State>(
  vendor: Vendor<State>,
  { port, seed, faults }: SiteOptions,
): Promise<RunningSite<State>> {
  const sandbox: Sandbox<State> = {
    ...vendor.generate(),
    faults: createFaults(faults, seed),
    stats: new Map(),
    now: Date.now,
  };
  const reset = () => {
    Object.assign(sandbox, vendor.generate(), { faults: createFaults(faults, seed) });
    sandbox.stats.clear();
  };

  const server = createSiteServer(vendor, sandbox, reset);
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
