import { beforeAll, describe, expect, it } from "vitest";
import { readRenewal, takeRenewal } from "../../adapters/dynamodb/credentials/renewal.ts";
import { getEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { keys } from "../../adapters/dynamodb/keys.ts";
import { walk } from "../../adapters/dynamodb/table/walk.ts";
import { newCredentialVersion } from "../../adapters/secrets/credential-store.ts";
import { beginRenewal } from "../../adapters/secrets/renewed-credentials.ts";
import type { BrokerDeps } from "../../integrations/credentials/deps.ts";
import type { OAuth2Config } from "../../integrations/plugin.ts";
import type { Credentials, Endpoint } from "../../schemas/endpoint.ts";
import { aBroker, anOwner } from "../../tests/stage/brokered.ts";
import { startTokenServer, type TokenVendor } from "../../tests/stage/token-server.ts";
import { sweep } from "./sweep.ts";

const START = Date.parse("2026-12-01T08:00:00.000Z");
const DAY_MS = 86_400_000;

let base: BrokerDeps;
beforeAll(async () => {
  base = await aBroker();
});

/** Tables of their own, so that nothing else is due. */
async function aWatch(limits: Partial<OAuth2Config> = {}, leewayMs = 0) {
  const { tables } = await aBroker();
  const clock = { ms: START };
  const now = () => new Date(clock.ms);
  const vendor = await startTokenServer({ now, leewayMs });
  const oauth2 = () => ({
    authorizationUrl: vendor.tokenUrl,
    tokenUrl: vendor.tokenUrl,
    clientAuthentication: "client_secret_post" as const,
    rotatesRefreshTokens: true,
    ...limits,
  });
  const failed: unknown[] = [];
  const tellFailed = (_: unknown, error: unknown) => void failed.push(error);
  const pluginFor = async () => ({ oauth2 }) as never;
  const deps = { ...base, tables, now, pluginFor, tellFailed };
  const own = (credentials: Credentials) => anOwner(deps, credentials);
  const shown = async ({ endpointId }: Endpoint) => getEndpoint(tables, "acme", endpointId);
  return { deps, clock, vendor, own, shown, failed };
}

const authorised = (vendor: TokenVendor): Credentials => ({
  authType: "oauth2",
  secret: { ...vendor.client, ...vendor.authorize() },
});

async function eventsOf({ tables }: BrokerDeps): Promise<string[]> {
  const types: string[] = [];
  for (let day = 0; day < 400; day++) {
    const at = new Date(START + day * DAY_MS).toISOString().slice(0, 10);
    const partition = { table: tables.events, pk: keys.event("acme", at, "").pk };
    for await (const { type } of walk(tables, partition)) types.push(String(type));
  }
  return types;
}

describe("the sweep", () => {
  it("renews what nobody uses, before it dies of that", async () => {
    const { deps, clock, vendor, own, shown } = await aWatch({ idleDays: 90 });
    const endpoint = await own(authorised(vendor));
    expect(await sweep(deps)).toEqual({ GOOD: 1 });
    clock.ms += 44 * DAY_MS;
    expect(await sweep(deps)).toEqual({ GOOD: 1 });
    expect(vendor.counts.refreshed).toBe(0);

    clock.ms += DAY_MS;
    expect(await sweep(deps)).toEqual({ RENEWED: 1 });
    expect(await sweep(deps)).toEqual({});
    expect(vendor.counts).toMatchObject({ refreshed: 1, reused: 0 });
    const { credentialVersion, connection } = await shown(endpoint);
    expect(credentialVersion).not.toBe(endpoint.credentialVersion);
    expect(connection.status).toBe("CONNECTED");
    await vendor.close();
  });

  it("says once that a refresh token comes to its absolute end, renewed or not", async () => {
    const { deps, clock, vendor, own, shown } = await aWatch({ idleDays: 90, absoluteDays: 365 });
    const endpoint = await own(authorised(vendor));
    for (let day = 0; day < 364; day += 7) {
      clock.ms = START + day * DAY_MS;
      await sweep(deps);
    }
    expect(vendor.counts.refreshed).toBeGreaterThan(6);
    expect((await shown(endpoint)).connection).toMatchObject({
      status: "EXPIRING",
      expiresAt: new Date(START + 365 * DAY_MS).toISOString(),
    });
    expect(await eventsOf(deps)).toEqual(["integration.credentials.expiring"]);
    await vendor.close();
  });

  it("says once that an API token ends, as its owner said", async () => {
    const { deps, clock, vendor, own, shown } = await aWatch();
    const expiresAt = new Date(START + 30 * DAY_MS).toISOString();
    const endpoint = await own({ authType: "bearer", secret: { token: "t" }, expiresAt });
    expect(await sweep(deps)).toEqual({ GOOD: 1 });
    expect((await shown(endpoint)).connection).toMatchObject({
      status: "NOT_CONNECTED",
      expiresAt,
    });
    clock.ms += 16 * DAY_MS;
    expect(await sweep(deps)).toEqual({ EXPIRING: 1 });
    clock.ms += 2 * DAY_MS;
    expect(await sweep(deps)).toEqual({});
    expect((await shown(endpoint)).connection).toMatchObject({ status: "EXPIRING", expiresAt });
    expect(await eventsOf(deps)).toEqual(["integration.credentials.expiring"]);
    await vendor.close();
  });

  it.each([
    ["and finds it alive, within the vendor's leeway", 600_000, "RENEWED", "CONNECTED"],
    ["and shows that it is dead, where there is none", 0, "REFUSED", "AUTH_ERROR"],
  ])("ends a renewal that was interrupted, %s", async (_, leewayMs, looked, status) => {
    const { deps, clock, vendor, own, shown } = await aWatch({}, leewayMs);
    const endpoint = await own(authorised(vendor));
    const owner = {
      tenantId: "acme",
      ownerId: endpoint.endpointId,
      versionId: endpoint.credentialVersion ?? "",
    };
    await sweep(deps);
    // A broker asked, was answered, and died.
    const lease = await takeRenewal(
      deps.tables,
      owner,
      await readRenewal(deps.tables, owner),
      deps.now(),
    );
    if (!lease) throw new Error("The lease was not free.");
    await beginRenewal(deps, { owner, lease, nextVersionId: newCredentialVersion() }, deps.now());
    vendor.spendAll();

    clock.ms += 100_000;
    expect(await sweep(deps)).toEqual({ [looked]: 1 });
    expect((await shown(endpoint)).connection.status).toBe(status);
    await vendor.close();
  });

  it("forgets credentials that are gone, and goes on past what fails", async () => {
    const { deps, own, vendor, failed } = await aWatch();
    const endpoint = await own({ authType: "bearer", secret: { token: "t" } });
    await own({ authType: "bearer", secret: { token: "t" } });
    const broken = { ...deps, credentials: { ...deps.credentials, environment: "elsewhere" } };
    expect(await sweep(broken)).toEqual({ LATER: 2 });
    expect(failed).toEqual([]);
    expect(endpoint.authType).toBe("bearer");
    await vendor.close();
  });
});
