/**
 * A process of callers: reads rounds from its input, a line each, and has all of its callers read
 * the credential at once. Answers a line for each round.
 */
import { createInterface } from "node:readline";
import { brokerCredential } from "../../integrations/credentials/broker.ts";
import { signGrant } from "../../integrations/credentials/grants.ts";
import type { Round, RoundAnswer } from "./processes.ts";
import { brokerOf, type RaceSettings } from "./stage.ts";

const settings: RaceSettings = JSON.parse(process.env.RACE ?? "{}");
const clock = { ms: 0 };
const deps = brokerOf(settings, () => new Date(clock.ms));

for await (const line of createInterface({ input: process.stdin })) {
  const { nowMs, callers }: Round = JSON.parse(line);
  clock.ms = nowMs;
  const answers = await Promise.all(Array.from({ length: callers }, read));
  console.log(JSON.stringify(answers));
}

async function read(): Promise<RoundAnswer> {
  const { tenantId, endpointId: ownerId } = settings;
  const subject = `caller-${process.pid}`;
  const exp = Math.floor(clock.ms / 1000) + 60;
  const grant = await signGrant(deps.grantKey, {
    tenantId,
    ownerId,
    purpose: "call",
    subject,
    exp,
  });
  try {
    const { version, secret } = await brokerCredential(deps, { grant });
    return { version, token: secret.accessToken ?? "" };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
