/** A renewal that dies between the vendor's answer and our store is never silently dead. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { getEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { brokerCredential } from "../../integrations/credentials/broker.ts";
import type { BrokerDeps } from "../../integrations/credentials/deps.ts";
import { aBroker, aGrant, anOwner } from "../stage/brokered.ts";
import { startTokenServer } from "../stage/token-server.ts";
import type { Crash } from "./crash-caller.ts";
import { rotatingAt } from "./stage.ts";

const POINTS = Array.from({ length: 10 }, (_, point) => point);
const WHEN = ["before", "after"] as const;
const LEASE_AND_MORE_MS = 46_000;
const CALLER = join(import.meta.dirname, "crash-caller.ts");

let base: BrokerDeps;
const ends: Record<string, string> = {};
beforeAll(async () => {
  base = await aBroker();
});

describe.each([
  ["as Atlassian, gives ten minutes of leeway", 600_000],
  ["knows no leeway", 0],
])("at a vendor that %s", (_, leewayMs) => {
  const points = POINTS.flatMap((point) => WHEN.map((when) => [point, when] as const));
  it.each(points)("killed at request %i, %s it", async (point, when) => {
    const { status, good, killed } = await crashAt(point, when, leewayMs);
    ends[`${leewayMs > 0 ? "leeway" : "none"} ${point} ${when}`] = `${killed} ${status}`;
    expect(status).toBe(good ? "CONNECTED" : "AUTH_ERROR");
    if (leewayMs > 0) expect(status).toBe("CONNECTED");
  });
});

it("dies at most points, and is dead only where nothing of the answer was stored", () => {
  const all = Object.entries(ends);
  const killed = all.filter(([, end]) => end.startsWith("SIGKILL"));
  expect(killed.length).toBeGreaterThanOrEqual(20);
  const dead = killed.filter(([, end]) => end.endsWith("AUTH_ERROR")).map(([point]) => point);
  // Requests 0 and 1 make a data key and the secret: before the second is done there is nothing.
  expect(dead).toEqual(["none 0 before", "none 0 after", "none 1 before"]);
});

async function crashAt(point: number, when: Crash["when"], leewayMs: number) {
  const clock = { ms: Date.now() };
  const now = () => new Date(clock.ms);
  const vendor = await startTokenServer({ leewayMs, now });
  vendors.push(vendor.close);
  const deps: BrokerDeps = { ...base, now, pluginFor: async () => rotatingAt(vendor.tokenUrl) };
  const secret = { ...vendor.client, ...vendor.authorize(), expiresAt: now().toISOString() };
  const endpoint = await anOwner(deps, { authType: "oauth2", secret });

  const { control, events, hot } = base.tables;
  const killed = await run({
    tables: { control, events, hot },
    keyId: base.credentials.keyId,
    grantKey: Buffer.from(base.grantKey).toString("base64"),
    tokenUrl: vendor.tokenUrl,
    tenantId: endpoint.tenantId,
    endpointId: endpoint.endpointId,
    nowMs: clock.ms,
    point,
    when,
  });

  clock.ms += LEASE_AND_MORE_MS;
  const good = await readsGood(deps, endpoint, vendor.isGood);
  const { connection } = await getEndpoint(base.tables, endpoint.tenantId, endpoint.endpointId);
  return { killed, good, status: connection.status };
}

async function readsGood(
  deps: BrokerDeps,
  endpoint: Parameters<typeof aGrant>[1],
  isGood: (token: string) => boolean,
): Promise<boolean> {
  try {
    const { secret } = await brokerCredential(deps, { grant: await aGrant(deps, endpoint) });
    return isGood(secret.accessToken ?? "");
  } catch {
    return false;
  }
}

const vendors: (() => Promise<void>)[] = [];
afterAll(async () => {
  await Promise.all(vendors.map((close) => close()));
});

/** How the process ended: `SIGKILL`, or `ended` where the point was never reached. */
function run(crash: Crash): Promise<string> {
  const env = { ...process.env, CRASH: JSON.stringify(crash) };
  const child = spawn(process.execPath, [CALLER], { env, stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal ?? "ended")));
}
