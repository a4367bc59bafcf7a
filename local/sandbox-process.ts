/** The built-in Jira site: synthetic, the same on every machine. */
import { join } from "node:path";
import { root } from "./paths.ts";
import { isTaken, type Ports } from "./ports.ts";
import type { ProcessSpec } from "./processes.ts";
import { waitUntil } from "./wait.ts";

export function sandboxSpec(ports: Ports, baseEnvironment: Record<string, string>): ProcessSpec {
  return {
    name: "sandbox",
    command: join(root, "node_modules/.bin/node"),
    args: [join(root, "local/sandbox/jira/main.ts"), "--port", String(ports.sandbox)],
    env: baseEnvironment,
  };
}

export function waitForSite(ports: Ports): Promise<void> {
  return waitUntil("the Jira sandbox", 60, () => isTaken(ports.sandbox));
}
