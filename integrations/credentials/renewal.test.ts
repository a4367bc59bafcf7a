import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { readRenewal, takeRenewal } from "../../adapters/dynamodb/credentials/renewal.ts";
import { getEndpoint, updateEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { keys } from "../../adapters/dynamodb/keys.ts";
import { walk } from "../../adapters/dynamodb/table/walk.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { aBroker, aGrant, anOwner, stored } from "../../tests/stage/brokered.ts";
import {
  startTokenServer,
  type TokenServerOptions,
  type TokenVendor,
} from "../../tests/stage/token-server.ts";
import { brokerCredential } from "./broker.ts";
import type { BrokerDeps } from "./deps.ts";

const START = Date.parse("2026-12-01T08:00:00.000Z");
const HOUR_MS = 3_600_000;

let base: BrokerDeps;
beforeAll(async () => {
  base = await aBroker();
});

const vendors: TokenVendor[] = [];
afterEach(async () => {
  await Promise.all(vendors.splice(0).map((vendor) => vendor.close()));
});

/** A vendor, an endpoint that was authorised there, and a clock that both go by. */
async function aConnection(options: TokenServerOptions = {}) {
  const clock = { ms: START };
  const now = () => new Date(clock.ms);
  const vendor = await startTokenServer({ now, ...options });
  vendors.push(vendor);
  const deps = { ...base, now, pluginFor: async () => pluginOf(vendor, options) };
  const tokens = vendor.authorize();
  const endpoint = await anOwner(deps, {
    authType: "oauth2",
    secret: { ...vendor.client, ...tokens, expiresAt: new Date(START + HOUR_MS).toISOString() },
  });
  return { vendor, deps, endpoint, tokens, clock };
}

function pluginOf({ tokenUrl }: TokenVendor, { rotates = true }: TokenServerOptions) {
  const oauth2 = () => ({
    authorizationUrl: tokenUrl,
    tokenUrl,
    clientAuthentication: "client_secret_post" as const,
    rotatesRefreshTokens: rotates,
  });
  return { oauth2 } as never;
}

type Connection = Awaited<ReturnType<typeof aConnection>>;

const read = async ({ deps, endpoint }: Connection, versionSeen: string | null = null) =>
  brokerCredential(deps, { grant: await aGrant(deps, endpoint), versionSeen });

const shown = ({ deps, endpoint }: Connection) =>
  getEndpoint(deps.tables, "acme", endpoint.endpointId);

async function eventsOf({ deps, endpoint }: Connection): Promise<string[]> {
  const day = { table: deps.tables.events, pk: keys.event("acme", "2026-12-01", "").pk };
  const types: string[] = [];
  for await (const { type, data } of walk(deps.tables, day))
    if ((data as { integrationInstanceId?: string }).integrationInstanceId === endpoint.endpointId)
      types.push(String(type));
  return types;
}

describe("an access token", () => {
  it("is given as it is stored while it is good, and renewed before it ends", async () => {
    const it = await aConnection();
    expect(await read(it)).toMatchObject({
      authType: "oauth2",
      secret: { accessToken: it.tokens.accessToken, tokenType: "Bearer" },
      version: it.endpoint.credentialVersion,
    });
    expect(it.vendor.counts.asked).toBe(0);

    it.clock.ms += HOUR_MS - 30_000;
    const renewed = await read(it);
    expect(it.vendor.isGood(renewed.secret.accessToken ?? "")).toBe(true);
    expect(renewed.scopes).toEqual(["read:jira-work", "offline_access"]);
    expect(Object.keys(renewed.secret)).toEqual(["accessToken", "tokenType"]);
    expect(await shown(it)).toMatchObject({
      credentialVersion: renewed.version,
      version: it.endpoint.version,
      connection: { status: "CONNECTED", scopes: ["read:jira-work", "offline_access"] },
    });
  });

  it.each([true, false])("is renewed once for fifty callers (rotating: %s)", async (rotates) => {
    const it = await aConnection({ rotates, latencyMs: 50 });
    for (let round = 1; round <= 3; round++) {
      it.clock.ms += HOUR_MS;
      const answers = await Promise.all(Array.from({ length: 50 }, () => read(it)));
      expect(new Set(answers.map(({ version }) => version)).size).toBe(1);
      expect(answers.every(({ secret }) => it.vendor.isGood(secret.accessToken ?? ""))).toBe(true);
      expect(it.vendor.counts).toMatchObject({ refreshed: round, reused: 0, dead: 0 });
    }
  });

  it("is made anew for whoever was refused the newest, else it is not", async () => {
    const it = await aConnection();
    const first = await read(it);
    const second = await read(it, first.version);
    expect(second.version).not.toBe(first.version);
    expect(await read(it, first.version)).toEqual(second);
    expect(it.vendor.counts.refreshed).toBe(1);

    await expect(read(it, second.version)).rejects.toThrow(/less than a minute/);
    it.clock.ms += 61_000;
    expect((await read(it, second.version)).version).not.toBe(second.version);
    expect(it.vendor.counts.refreshed).toBe(2);
  });
});

describe("a vendor that renews no more", () => {
  it("is asked twice; then the endpoint shows it, an event tells it, and none asks", async () => {
    const it = await aConnection();
    it.vendor.faults.push(...refusals(2));
    it.clock.ms += HOUR_MS;
    await expect(read(it)).rejects.toMatchObject({ code: "AUTH_ERROR" });
    expect(it.vendor.counts.asked).toBe(2);
    expect(await shown(it)).toMatchObject({ connection: { status: "AUTH_ERROR" } });
    expect(await eventsOf(it)).toEqual(["integration.auth.failed"]);

    await expect(read(it)).rejects.toMatchObject({ code: "AUTH_ERROR" });
    expect(it.vendor.counts.asked).toBe(2);
    it.clock.ms += 11 * 60_000;
    expect(it.vendor.isGood((await read(it)).secret.accessToken ?? "")).toBe(true);
    expect(await shown(it)).toMatchObject({ connection: { status: "CONNECTED", error: null } });
  });

  it("is asked with newer credentials, where a person stored some meanwhile", async () => {
    const it = await aConnection();
    it.clock.ms += HOUR_MS;
    const { refreshToken } = it.vendor.authorize();
    const secret = { ...it.vendor.client, refreshToken };
    let asked = 0;
    const meanwhile: BrokerDeps = {
      ...it.deps,
      send: async (...request) => {
        if (asked++ === 0) {
          await store(it, { authType: "oauth2", secret });
          it.vendor.faults.push(...refusals(1));
        }
        return it.deps.send(...request);
      },
    };
    const grant = await aGrant(it.deps, it.endpoint);
    const answer = await brokerCredential(meanwhile, { grant });
    expect(it.vendor.isGood(answer.secret.accessToken ?? "")).toBe(true);
    expect(it.vendor.counts).toMatchObject({ asked: 2, dead: 0, reused: 0 });
    expect(await shown(it)).toMatchObject({ connection: { status: "CONNECTED" } });
  });

  it.each([
    ["GitHub's", 200, { error: "bad_refresh_token" }, "AUTH_ERROR"],
    ["Zoho's", 200, { error: "invalid_code" }, "AUTH_ERROR"],
    ["Atlassian's", 403, { error: "unauthorized_client" }, "AUTH_ERROR"],
    ["a client's", 401, { error: "invalid_client" }, "AUTH_ERROR"],
    ["too many, as Zoho says it", 200, { error: "Access Denied" }, "SOURCE_UNAVAILABLE"],
    ["too many", 429, {}, "SOURCE_UNAVAILABLE"],
    ["a proxy's", 502, "<html>", "SOURCE_UNAVAILABLE"],
    ["a page", 200, "<html>", "UNEXPECTED_RESPONSE"],
    ["no token", 200, { token_type: "Bearer" }, "UNEXPECTED_RESPONSE"],
    ["a redirect", 302, {}, "UNEXPECTED_RESPONSE"],
  ])("%s refusal is understood", async (_, status, body, code) => {
    const it = await aConnection();
    it.vendor.faults.push({ status, body }, { status, body });
    it.clock.ms += HOUR_MS;
    await expect(read(it)).rejects.toMatchObject({ code });
    const { connection } = await shown(it);
    expect(connection.status === "AUTH_ERROR").toBe(code === "AUTH_ERROR");
  });

  it("that pauses is left alone, and what is still good is given", async () => {
    const it = await aConnection({ rotates: false });
    it.vendor.faults.push({ status: 200, body: { error: "Access Denied" } });
    it.clock.ms += HOUR_MS - 30_000;
    expect((await read(it)).secret.accessToken).toBe(it.tokens.accessToken);
    expect((await read(it)).secret.accessToken).toBe(it.tokens.accessToken);
    expect(it.vendor.counts.asked).toBe(1);
    it.clock.ms += 61_000;
    expect((await read(it)).secret.accessToken).not.toBe(it.tokens.accessToken);
  });

  it("that was asked and did not answer is asked again, and said to have been", async () => {
    const it = await aConnection({ leewayMs: 600_000 });
    it.vendor.faults.push("drop");
    it.clock.ms += HOUR_MS;
    await expect(read(it)).rejects.toThrow(/may have renewed/);
    expect(it.vendor.isGood((await read(it)).secret.accessToken ?? "")).toBe(true);
    expect(await shown(it)).toMatchObject({ connection: { status: "CONNECTED" } });
  });
});

describe("a lease holder", () => {
  it("that was overtaken stores nothing, and reads what the other stored", async () => {
    const it = await aConnection({ leewayMs: 600_000 });
    it.clock.ms += HOUR_MS;
    let asked = 0;
    const slow: BrokerDeps = {
      ...it.deps,
      send: async (...request) => {
        const answer = await it.deps.send(...request);
        // Frozen for so long that its lease is over, and another holder has come and gone.
        if (asked++ === 0) {
          it.clock.ms += 60_000;
          await read(it);
        }
        return answer;
      },
    };
    const grant = await aGrant(it.deps, it.endpoint);
    const answer = await brokerCredential(slow, { grant });
    expect(answer).toEqual(await read(it));
    expect(it.vendor.isGood(answer.secret.accessToken ?? "")).toBe(true);
    expect(await shown(it)).toMatchObject({ credentialVersion: answer.version });
  });

  it("that died leaves others waiting, and then going on", async () => {
    const it = await aConnection();
    it.clock.ms += HOUR_MS;
    const owner = { tenantId: "acme", ownerId: it.endpoint.endpointId };
    const seen = await readRenewal(it.deps.tables, owner);
    expect(await takeRenewal(it.deps.tables, owner, seen, it.deps.now())).toBeDefined();
    expect(await takeRenewal(it.deps.tables, owner, seen, it.deps.now())).toBeUndefined();
    const waiting = read(it);
    setTimeout(() => {
      it.clock.ms += 46_000;
    }, 300);
    expect(it.vendor.isGood((await waiting).secret.accessToken ?? "")).toBe(true);
  });
});

describe("an endpoint that is changed while its credential is renewed", () => {
  it("keeps the renewed one, or says that it is another by now", async () => {
    const it = await aConnection();
    const seen = await shown(it);
    it.clock.ms += HOUR_MS;
    const { version } = await read(it);
    const renamed = { ...seen, version: 2, enabled: false };
    await updateEndpoint(it.deps.tables, renamed, seen, "user/anna");
    expect(await shown(it)).toMatchObject({ credentialVersion: version, enabled: false });

    const { version: newer } = await shown(it);
    const dropped = { ...renamed, version: newer + 1, credentialVersion: null, authType: null };
    const replaced = updateEndpoint(it.deps.tables, dropped, { ...seen, version: newer }, "anna");
    await expect(replaced).rejects.toMatchObject({ code: "STALE_VERSION" });
  });
});

const refusals = (count: number) =>
  Array.from({ length: count }, () => ({ status: 400, body: { error: "invalid_grant" } }));

/** As PUT …/credentials does. */
async function store({ deps, endpoint }: Connection, credentials: Parameters<typeof stored>[2]) {
  const seen: Endpoint = await getEndpoint(deps.tables, "acme", endpoint.endpointId);
  const credentialVersion = await stored(deps, endpoint, credentials);
  const next = { ...seen, credentialVersion, version: seen.version + 1 };
  await updateEndpoint(deps.tables, next, seen, "user/anna");
}
