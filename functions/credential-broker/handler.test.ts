import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import { failRun } from "../../adapters/dynamodb/runs/end.ts";
import { NO_STATS } from "../../core/run-stats.ts";
import type { BrokerDeps } from "../../integrations/credentials/deps.ts";
import { aBroker, aGrant, anOwner, stored } from "../../tests/stage/brokered.ts";
import { aRunningPlan } from "../../tests/stage/played-unit.ts";
import { itemsIn } from "../../tests/stage/stored.ts";
import { answer } from "./handler.ts";

const BASIC = { authType: "basic", secret: { user: "anna", password: "canary-password" } };

let deps: BrokerDeps;
beforeAll(async () => {
  deps = await aBroker();
});

const code = async (event: unknown) => {
  const said = await answer(event, deps);
  return "error" in said ? said.error.code : said;
};

describe("the broker", () => {
  it("answers the credential that counts to whoever has a grant", async () => {
    const owner = await anOwner(deps, BASIC);
    const answered = await answer({ grant: await aGrant(deps, owner) }, deps);
    const version = owner.credentialVersion;
    expect(answered).toEqual({
      credential: { ...BASIC, version, expiresAt: null, scopes: null },
    });
  });

  it("answers none without a grant, to another tenant's, and for an unknown owner", async () => {
    const owner = await anOwner(deps, BASIC);
    const foreign = await aGrant(deps, owner, { tenantId: "other" });
    const unknown = await aGrant(deps, owner, { ownerId: "ep_unknown" });
    expect(await code({ grant: "e30.e30.e30" })).toBe("FORBIDDEN");
    expect(await code({ grant: foreign })).toBe("NOT_FOUND");
    expect(await code({ grant: unknown })).toBe("NOT_FOUND");
    expect(await code({ tenantId: "acme", ownerId: owner.endpointId })).toBe("VALIDATION_ERROR");
  });

  it("answers a run until it ends", async () => {
    const owner = await anOwner(deps, BASIC);
    const { unitId, source } = await aRunningPlan(deps.tables, "acme", "run_1");
    const grant = await aGrant(deps, owner, { purpose: "run", subject: "run_1" });
    expect(await code({ grant })).toHaveProperty("credential");
    const error = { code: "CANCELLED", message: "Stopped.", retryable: false } as const;
    const { endpointId } = source;
    const run = { tenantId: "acme", runId: "run_1", endpointId, unitId };
    const ended = { runId: "run_1", cancelled: false, error, stats: NO_STATS, evidence: [] };
    await failRun(deps.tables, { run, ...ended }, deps.now());
    expect(await code({ grant })).toBe("FORBIDDEN");
    const none = await aGrant(deps, owner, { purpose: "run", subject: "run_2" });
    expect(await code({ grant: none })).toBe("FORBIDDEN");
  });

  it("shows what is being tried to a probe alone", async () => {
    const owner = await anOwner(deps, BASIC);
    const versionId = await stored(deps, owner, BASIC);
    const grant = await aGrant(deps, owner);
    expect(await code({ grant, versionId })).toBe("NOT_FOUND");
  });

  it("has nothing newer for credentials that a person stores", async () => {
    const owner = await anOwner(deps, BASIC);
    const grant = await aGrant(deps, owner);
    expect(await code({ grant, versionSeen: owner.credentialVersion })).toBe("AUTH_ERROR");
    expect(await code({ grant, versionSeen: "an-earlier-one" })).toHaveProperty("credential");
  });

  it("audits who was given which version once, and never a value", async () => {
    const owner = await anOwner(deps, BASIC);
    for (let n = 0; n < 3; n++)
      await answer({ grant: await aGrant(deps, owner, { subject: `call_${n % 2}` }) }, deps);
    const kept: string[] = [];
    const { control, events, hot } = deps.tables;
    for await (const { bytes } of itemsIn(new DynamoDBClient({}), [control, events, hot]))
      kept.push(String(bytes));
    const uses = kept.filter((item) => /credential\.use/.test(item));
    expect(uses.filter((item) => item.includes(owner.endpointId))).toHaveLength(2);
    expect(kept.join("")).not.toContain("canary-password");
  });
});
