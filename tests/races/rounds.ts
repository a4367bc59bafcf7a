/**
 * Rounds of a race: the token is over, and fifty callers in three processes ask at once. Two
 * processes have brokers of their own; the third is Python, and invokes one over HTTP as it invokes
 * Lambda.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { answer } from "../../functions/credential-broker/handler.ts";
import { signGrant } from "../../integrations/credentials/grants.ts";
import { aBroker, anOwner } from "../stage/brokered.ts";
import { startTokenServer } from "../stage/token-server.ts";
import { python, type RoundAnswer, typescript } from "./processes.ts";
import { brokerOf, type RaceSettings } from "./stage.ts";

export interface RaceResult {
  readonly rounds: number;
  readonly answers: number;
  readonly refreshes: number;
  /** Refresh tokens that were sent after they were spent. */
  readonly reused: number;
  readonly faults: readonly string[];
  /** Rounds whose callers did not all have the same token, and one that the vendor takes. */
  readonly split: number;
}

const LIFE_SECONDS = 3600;
const CALLERS = [17, 17, 16] as const;

export async function race(rounds: number): Promise<RaceResult> {
  const vendor = await startTokenServer({ lifeSeconds: LIFE_SECONDS, leewayMs: 0 });
  const clock = { ms: Date.now() };
  const now = () => new Date(clock.ms);
  const first = await aBroker({ now });
  const secret = { ...vendor.client, ...vendor.authorize(), expiresAt: now().toISOString() };
  const { tenantId, endpointId } = await anOwner(first, { authType: "oauth2", secret });
  const { control, events, hot } = first.tables;
  const settings: RaceSettings = {
    tables: { control, events, hot },
    keyId: first.credentials.keyId,
    grantKey: Buffer.from(first.grantKey).toString("base64"),
    tokenUrl: vendor.tokenUrl,
    tenantId,
    endpointId,
  };

  const broker = await serveBroker(settings, now);
  const processes = await Promise.all([
    typescript(settings),
    typescript(settings),
    python(broker.url, CALLERS[2]),
  ]);
  const result = { answers: 0, faults: new Set<string>(), split: 0 };
  try {
    for (let round = 0; round < rounds; round++) {
      clock.ms += LIFE_SECONDS * 1000;
      const reference = await referenceFor(first.grantKey, settings, now());
      const told = await Promise.all(
        processes.map((one, n) =>
          one.ask({ nowMs: clock.ms, callers: CALLERS[n] ?? 0, reference }),
        ),
      );
      const answers = told.flat();
      result.answers += answers.length;
      for (const one of answers) if ("error" in one) result.faults.add(one.error);
      if (!isOne(answers, vendor.isGood)) result.split++;
    }
  } finally {
    for (const one of processes) one.end();
    await broker.close();
    await vendor.close();
  }

  const { refreshed: refreshes, reused } = vendor.counts;
  return { ...result, rounds, refreshes, reused, faults: [...result.faults] };
}

function isOne(answers: readonly RoundAnswer[], isGood: (token: string) => boolean): boolean {
  const tokens = new Set(answers.map((one) => ("token" in one ? one.token : "")));
  return tokens.size === 1 && [...tokens].every(isGood);
}

/** As a run's plan carries it. */
async function referenceFor(grantKey: Uint8Array, settings: RaceSettings, now: Date) {
  const { tenantId, endpointId: ownerId } = settings;
  const exp = Math.floor(now.getTime() / 1000) + 60;
  const claims = { tenantId, ownerId, purpose: "call", subject: "caller-python", exp } as const;
  const grant = await signGrant(grantKey, claims);
  return { secretId: "inlet/local", versionId: "any", tenantId, ownerId, grant };
}

/** The broker's own entry behind Lambda's path, in this process. */
async function serveBroker(settings: RaceSettings, now: () => Date) {
  const deps = brokerOf(settings, now);
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const piece of request) text += piece;
    const body = JSON.stringify(await answer(JSON.parse(text), deps));
    response.writeHead(200, { "content-type": "application/json" }).end(body);
  });

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { url: `http://127.0.0.1:${port}`, close };
}
