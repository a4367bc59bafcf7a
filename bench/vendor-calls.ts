/**
 * `npm run bench -- --vendor-calls`: what a vendor that hangs costs another tenant's calls
 * in the same process, and what the guarded sender costs above a bare request. Runs of both kinds
 * alternate; medians of five.
 */
import { Agent, createServer, request } from "node:http";
import type { Tables } from "../adapters/dynamodb/client.ts";
import type { BreakerRules } from "../core/breaker.ts";
import { sendToVendor } from "../integrations/vendor-http/send.ts";
import { startEmulator, testTables } from "../tests/stage/emulator.ts";
import { type GuardedCall, guardedCall } from "../tests/stage/guarded-call.ts";
import { rawServer } from "../tests/stage/raw-server.ts";
import { useEmulator } from "../tests/stage/use-emulator.ts";

const ROUNDS = 5;
const CALLS = 200;
const NOISY_AT_ONCE = 20;
const LIMITS = { requests: { requestsPerSecond: 1000, burst: 10_000, reservedShare: 0 } };

interface Figures {
  readonly p50: number;
  readonly p99: number;
}

/** Prints both. */
export async function benchVendorCalls(): Promise<void> {
  const emulator = await startEmulator();
  try {
    useEmulator(emulator.url);
    await noisyVendor(await testTables());
    await senderAlone();
  } finally {
    await emulator.stop();
  }
}

async function noisyVendor(tables: Tables): Promise<void> {
  const hanging = await rawServer(() => {});
  const well = await answering();
  const rules: BreakerRules = {
    failures: 5,
    failureShare: 0.5,
    windowMs: 60_000,
    openMs: 1_000,
    longestOpenMs: 8_000,
    probeMs: 6_000,
  };
  const call = { rules, limits: LIMITS, timeoutMs: 500, endpointId: "ep_1" };
  const noisy: GuardedCall = { ...call, tenantId: "noisy", url: `${hanging.url}/` };
  const quiet: GuardedCall = { ...call, tenantId: "quiet", url: well.url };

  const alone: Figures[] = [];
  const beside: Figures[] = [];
  await measured(CALLS, () => guardedCall(tables, quiet));
  for (let round = 0; round < ROUNDS; round += 1) {
    alone.push(await measured(CALLS, () => guardedCall(tables, quiet)));
    const stop = noise(tables, noisy);
    beside.push(await measured(CALLS, () => guardedCall(tables, quiet)));
    const counts = await stop();
    console.log(`round ${round + 1}: ${counts.tried} tries, ${counts.sent} sent to who hangs`);
  }

  console.log("another tenant's calls, ms");
  console.table({ alone: medians(alone), "beside a vendor that hangs": medians(beside) });
  await Promise.all([hanging.close(), well.close()]);
}

/** Callers that try again every 50 ms; each of them waits for its deadline where it is let through. */
function noise(tables: Tables, call: GuardedCall) {
  let isOver = false;
  const counts = { tried: 0, sent: 0 };
  const loops = Array.from({ length: NOISY_AT_ONCE }, async () => {
    while (!isOver) {
      counts.tried += 1;
      if ((await guardedCall(tables, call)) === "TIMEOUT") counts.sent += 1;
      await new Promise((wake) => setTimeout(wake, 50));
    }
  });
  return async () => {
    isOver = true;
    await Promise.all(loops);
    return counts;
  };
}

async function senderAlone(): Promise<void> {
  const well = await answering();
  const agent = new Agent({ keepAlive: true });
  const bare = () =>
    new Promise<void>((resolve, reject) => {
      const asked = request(well.url, { agent }, (answer) => {
        answer.resume();
        answer.once("end", resolve);
      });
      asked.once("error", reject);
      asked.end();
    });
  const options = { rules: { allowPrivateNetworks: true }, timeoutMs: 5_000, maxBytes: 1_000_000 };
  const guarded = () => sendToVendor({ method: "GET", url: well.url, headers: {} }, options);

  const [without, through]: Figures[][] = [[], []];
  await measured(CALLS * 5, guarded);
  await measured(CALLS * 5, bare);
  for (let round = 0; round < ROUNDS; round += 1) {
    without?.push(await measured(CALLS * 5, bare));
    through?.push(await measured(CALLS * 5, guarded));
  }
  console.log("one request on a kept connection, ms");
  console.table({ "node:http": medians(without ?? []), sendToVendor: medians(through ?? []) });
  await well.close();
}

async function answering(): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((_, response) => response.end(JSON.stringify({ ok: true })));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  const close = () =>
    new Promise<void>((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}/`, close };
}

async function measured(times: number, call: () => Promise<unknown>): Promise<Figures> {
  const took: number[] = [];
  for (let made = 0; made < times; made += 1) {
    const begun = performance.now();
    await call();
    took.push(performance.now() - begun);
  }
  took.sort((a, b) => a - b);
  const at = (share: number) => took[Math.floor(share * (took.length - 1))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}

function medians(rounds: readonly Figures[]): Record<string, string> {
  const middle = (of: readonly number[]) => [...of].sort((a, b) => a - b)[of.length >> 1] ?? 0;
  return {
    p50: middle(rounds.map(({ p50 }) => p50)).toFixed(2),
    p99: middle(rounds.map(({ p99 }) => p99)).toFixed(2),
  };
}
