/** What the vendor did is answered as done, whatever becomes of our own notes of it. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { saveSettings } from "../../adapters/dynamodb/methods/settings.ts";
import { aCall, aCallStage, type CallStage } from "../../tests/stage/method-calls.ts";
import { executeMethod } from "./execute-method.ts";

let stage: CallStage;
beforeAll(async () => {
  stage = await aCallStage();
});
afterAll(() => stage.close());

/** The tables, of which `hot` is away as soon as the vendor was asked. */
function hotGoesAway({ deps, shop }: CallStage): { tables: Tables; refused: string[] } {
  const refused: string[] = [];
  const { client, hot } = deps.tables;
  const send = (command: { input: object }) => {
    if (shop.seen.length === 0 || !JSON.stringify(command.input).includes(`"${hot}"`))
      return client.send(command as never);
    refused.push(command.constructor.name);
    return Promise.reject(new Error("The table is away."));
  };
  const failing = Object.create(client, { send: { value: send } });
  return { tables: { ...deps.tables, client: failing }, refused };
}

it("a write that the vendor did is answered as done when nothing can be noted in hot", async () => {
  const endpoint = await stage.anEndpoint();
  const kept = { settings: { cacheSeconds: 60 }, version: 1, updatedAt: new Date().toISOString() };
  await saveSettings(stage.deps.tables, endpoint, kept, undefined, "anna");
  const headers = { "x-ratelimit-limit": "100", "x-ratelimit-remaining": "3" };
  const body = JSON.stringify({ id: "1" });
  stage.shop.faults = [{ kind: "status", status: 201, done: true, headers, body }];

  const { tables, refused } = hotGoesAway(stage);
  const call = aCall(endpoint, "placeOrder", { item: "tea" });
  const result = await executeMethod({ ...stage.deps, tables }, call);

  expect(result).toEqual({ status: "SUCCESS", data: { id: "1" } });
  expect(stage.shop.orders.size).toBe(1);
  expect(refused.length).toBeGreaterThan(1);
  const noted = stage.lines.filter(({ level }) => level === "ERROR").map(({ message }) => message);
  expect(noted).toContain("the vendor's limits could not be noted");
  expect(noted).toContain("the answer could not be noted");
});
