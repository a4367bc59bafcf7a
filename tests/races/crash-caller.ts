/**
 * A reader that ends itself, by SIGKILL, somewhere between the vendor's answer and its own: before
 * or after the Nth request to our infrastructure that follows the answer.
 */
import { brokerCredential } from "../../integrations/credentials/broker.ts";
import { signGrant } from "../../integrations/credentials/grants.ts";
import { brokerOf, type RaceSettings } from "./stage.ts";

export interface Crash extends RaceSettings {
  readonly nowMs: number;
  readonly point: number;
  readonly when: "before" | "after";
}

const crash: Crash = JSON.parse(process.env.CRASH ?? "{}");
const now = new Date(crash.nowMs);
const broker = brokerOf(crash, () => now);
let answered = false;
let requests = 0;

const deps = {
  ...broker,
  send: async (...asked: Parameters<typeof broker.send>) => {
    const answer = await broker.send(...asked);
    answered = true;
    return answer;
  },
};

for (const client of [broker.tables.client, broker.credentials.secrets, broker.credentials.kms]) {
  // Of each client as of every other: what is sent over the wire.
  const stack = client.middlewareStack as typeof broker.tables.client.middlewareStack;
  stack.add(
    (next) => async (args) => {
      if (!answered) return next(args);
      const mine = requests++ === crash.point;
      if (mine && crash.when === "before") process.kill(process.pid, "SIGKILL");
      const result = await next(args);
      if (mine && crash.when === "after") process.kill(process.pid, "SIGKILL");
      return result;
    },
    { step: "finalizeRequest", name: "crash" },
  );
}

const { tenantId, endpointId: ownerId, grantKey, nowMs } = crash;
const exp = Math.floor(nowMs / 1000) + 60;
const claims = { tenantId, ownerId, purpose: "call", subject: "crash", exp } as const;
await brokerCredential(deps, { grant: await signGrant(Buffer.from(grantKey, "base64"), claims) });
console.log(`SURVIVED ${requests}`);
