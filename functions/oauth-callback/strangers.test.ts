import { randomBytes } from "node:crypto";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { keys } from "../../adapters/dynamodb/keys.ts";
import {
  ADMIN,
  type Caller,
  STRANGER,
  startControlPlane,
} from "../../tests/stage/control-plane.ts";
import {
  aClientOnly,
  arriveJson,
  begin,
  complete,
  getEndpoint,
  publishJira,
} from "../../tests/stage/oauth-people.ts";
import { type OAuthVendor, startOAuthVendor } from "../../tests/stage/oauth-vendor.ts";

const COLLEAGUE: Caller = { ...ADMIN, subject: "ben" };
const STRANGERS: readonly (readonly [string, Caller])[] = [
  ["a colleague", COLLEAGUE],
  ["a stranger of that name", STRANGER],
  ["another stranger", { ...STRANGER, subject: "eve" }],
];
const INVALID = /^Invalid state parameter\. Begin again/;

let tables: Tables;
let vendor: OAuthVendor;
beforeAll(async () => {
  tables = await startControlPlane();
  process.env.INLET_ALLOW_PRIVATE_NETWORKS = "true";
  await publishJira(tables);
  vendor = await startOAuthVendor();
  vendor.sites = [{ id: "site-1", name: "Acme", url: "https://acme.example" }];
});
afterAll(() => vendor.close());

/** An authorization that somebody has agreed to, and where the vendor sends the browser. */
async function agreedTo(as?: Caller) {
  const endpointId = await aClientOnly(vendor, {}, as);
  const { body, browser } = await begin(endpointId, {}, as);
  const back = await vendor.browse(body.authorizationUrl);
  const code = back.searchParams.get("code") ?? "";
  return { endpointId, state: body.state as string, browser, back, code };
}

async function connectionOf(endpointId: string, as?: Caller): Promise<string> {
  return (await getEndpoint(endpointId, as)).connection.status;
}

describe("another browser", () => {
  it("exchanges nothing; whoever began confirms what it shows, as nobody else can", async () => {
    const { endpointId, state, back, browser } = await agreedTo();
    const other = await begin(await aClientOnly(vendor));
    const asked = vendor.asked.length;
    const shown = await arriveJson(back, other.browser);
    expect(shown).toMatchObject({
      status: 202,
      body: { status: "UNCONFIRMED", confirmation: expect.stringMatching(/^[2-9A-Z]{4}-/) },
    });
    expect([await connectionOf(endpointId), vendor.asked.length]).toEqual(["NOT_CONNECTED", asked]);
    expect(browser).not.toBe(other.browser);

    const { confirmation } = shown.body;
    for (const [, stranger] of STRANGERS) {
      const refused = await complete({ state, confirmation }, stranger);
      expect(refused).toMatchObject({ status: 400, body: { code: "VALIDATION_ERROR" } });
      expect(refused.body.detail).toMatch(INVALID);
    }
    expect(vendor.asked.length).toBe(asked);

    const typed = confirmation.toLowerCase().replace("-", " ");
    expect((await complete({ state, confirmation: typed })).status).toBe(200);
    expect(await connectionOf(endpointId)).toBe("CONNECTED");
    expect((await complete({ state, confirmation })).body.detail).toMatch(INVALID);
  });

  it("guesses five times at most, however many at once", async () => {
    const { endpointId, state, back } = await agreedTo();
    const { confirmation } = (await arriveJson(back)).body;
    const guess = (n: number) => complete({ state, confirmation: `AAAA-${1000 + n}` });
    const first = await Promise.all(Array.from({ length: 20 }, (_, n) => guess(n)));
    for (let n = 20; n < 26; n++) first.push(await guess(n));
    expect(new Set(first.map(({ status }) => status))).toEqual(new Set([400]));
    expect((await complete({ state, confirmation })).body.detail).toMatch(INVALID);
    expect(await connectionOf(endpointId)).toBe("NOT_CONNECTED");
  });

  it("takes no second code in: what waits is the first", async () => {
    const { state, back } = await agreedTo();
    const { confirmation } = (await arriveJson(back)).body;
    const planted = await arriveJson(`/oauth/callback?state=${state}&code=planted`);
    expect(planted).toMatchObject({
      status: 400,
      body: { detail: expect.stringMatching(INVALID) },
    });
    expect((await complete({ state, confirmation })).status).toBe(200);
  });
});

describe("another person", () => {
  it.each(STRANGERS)("%s cannot finish with state and code", async (_, stranger) => {
    const { endpointId, state, code } = await agreedTo();
    const asked = vendor.asked.length;
    const refused = await complete({ state, code }, stranger);
    expect(refused.body).toMatchObject({ code: "VALIDATION_ERROR" });
    const unknown = await complete({ state: "x".repeat(43), code }, stranger);
    expect(refused.body).toEqual(unknown.body);
    expect([await connectionOf(endpointId), vendor.asked.length]).toEqual(["NOT_CONNECTED", asked]);
    expect((await complete({ state, code })).status).toBe(200);
  });

  it("cannot begin at another tenant's endpoint", async () => {
    const endpointId = await aClientOnly(vendor);
    const foreign = await begin(endpointId, {}, STRANGER);
    const unknown = await begin("ep_none", {}, STRANGER);
    expect([foreign.status, unknown.status, foreign.browser]).toEqual([404, 404, ""]);
    expect(foreign.body.detail.replace(endpointId, "ep_none")).toBe(unknown.body.detail);
  });
});

describe("1,000 states that are not one's own", () => {
  it("forged: of 400, none is accepted", async () => {
    const { endpointId, state, browser, code } = await agreedTo();
    const asked = vendor.asked.length;
    const altered = fc
      .tuple(fc.nat(state.length - 1), fc.constantFrom(..."abcdefghijklmnopqrstuvwxyzABCDEF0189-_"))
      .map(([at, letter]) => state.slice(0, at) + letter + state.slice(at + 1));
    const made = fc.constant(null).map(() => randomBytes(32).toString("base64url"));
    const odd = fc.string({ minLength: 1, maxLength: 200, unit: "grapheme" });
    const forged = fc.oneof(altered, made, odd).filter((one) => one !== state);

    const refused = fc.asyncProperty(forged, async (one) => {
      const query = new URLSearchParams({ code, state: one });
      const answer = await arriveJson(`/oauth/callback?${query}`, browser);
      expect(answer).toMatchObject({ status: 400, body: { code: "VALIDATION_ERROR" } });
    });
    await fc.assert(refused, { numRuns: 400 });
    expect([await connectionOf(endpointId), vendor.asked.length]).toEqual(["NOT_CONNECTED", asked]);
  });

  it("replayed: of 200, none is accepted", async () => {
    const { back, browser, state, code } = await agreedTo();
    expect((await arriveJson(back, browser)).status).toBe(200);
    const asked = vendor.asked.length;
    for (let n = 0; n < 100; n++) {
      expect((await arriveJson(back, browser)).body.detail).toMatch(INVALID);
      expect((await complete({ state, code })).body.detail).toMatch(INVALID);
    }
    expect(vendor.asked.length).toBe(asked);
  });

  it("expired: of 200, none is accepted, and each is deleted", async () => {
    const { endpointId, back, browser, state, code } = await agreedTo();
    const asked = vendor.asked.length;
    for (let n = 0; n < 100; n++) {
      const made = await begin(endpointId);
      await age(tables, made.body.state, 10 * 60 + 1 + n * n);
      const query = new URLSearchParams({ code, state: made.body.state });
      const first = await arriveJson(`/oauth/callback?${query}`, made.browser);
      expect(first.body).toMatchObject({ code: "VALIDATION_ERROR" });
      expect(first.body.detail).toMatch(/^OAuth state expired\. Begin again/);
      const second = await complete({ state: made.body.state, code });
      expect(second.body.detail).toMatch(INVALID);
    }
    expect(vendor.asked.length).toBe(asked);

    await age(tables, state, 9 * 60 + 50);
    expect((await arriveJson(back, browser)).status).toBe(200);
  });

  it("of another tenant: of 200, none is accepted", async () => {
    const { endpointId, state, back, code } = await agreedTo(STRANGER);
    const { confirmation } = (await arriveJson(back)).body;
    const asked = vendor.asked.length;
    for (let n = 0; n < 100; n++) {
      expect((await complete({ state, code })).body.detail).toMatch(INVALID);
      expect((await complete({ state, confirmation }, COLLEAGUE)).body.detail).toMatch(INVALID);
    }
    expect(vendor.asked.length).toBe(asked);
    expect(await connectionOf(endpointId, STRANGER)).toBe("NOT_CONNECTED");
    expect((await complete({ state, confirmation }, STRANGER)).status).toBe(200);
  });
});

/** As if it had begun so long ago. */
async function age(tables: Tables, state: string, seconds: number): Promise<void> {
  await tables.client.send(
    new UpdateCommand({
      TableName: tables.hot,
      Key: keys.oauthState(state),
      UpdateExpression: "SET #t = :t",
      ExpressionAttributeNames: { "#t": "timestamp" },
      ExpressionAttributeValues: { ":t": new Date(Date.now() - seconds * 1000).toISOString() },
    }),
  );
}
