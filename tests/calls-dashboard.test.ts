/** A graph of a figure that nobody publishes stays empty for ever: each is held to what calls do. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { executeMethod } from "../integrations/methods/execute-method.ts";
import { aCall, aCallStage, type CallStage } from "./stage/method-calls.ts";
import { ofType, type Resource, resourcesOf } from "./stage/synthesis.ts";

const prod = resourcesOf("prod");
const local = resourcesOf("local");

let stage: CallStage;
beforeAll(async () => {
  stage = await aCallStage();
});
afterAll(() => stage.close());

/** `name dimension,dimension`, as both sides are compared. */
const spelt = (name: string, dimensions: readonly string[]) =>
  `${name} ${[...dimensions].sort().join()}`;

/** What the dashboard's searches look for. */
function shown(resources: readonly Resource[]): string[] {
  const bodies = ofType(resources, "CloudWatch::Dashboard").map(({ Properties }) =>
    JSON.stringify(Properties.DashboardBody),
  );
  const searches = bodies.join().replaceAll("\\", "").matchAll(SEARCH);
  return [...searches].map(([, dimensions = "", name = ""]) => spelt(name, dimensions.split(",")));
}
const SEARCH = /SEARCH\('\{Inlet,([\w,]+)\} MetricName="(\w+)"'/g;

/** Every case that is counted, brought about once. */
async function published(): Promise<string[]> {
  const { deps, shop, measured } = stage;
  const endpoint = await stage.anEndpoint();
  const refused = await stage.anEndpoint({}, "token-that-is-not-taken");

  await executeMethod(deps, aCall(endpoint, "listOrders"));
  await executeMethod(deps, aCall(refused, "listOrders"));
  shop.always = { kind: "status", status: 429, headers: { "retry-after": "77" } };
  await executeMethod(deps, aCall(endpoint, "listOrders"));

  return measured.flatMap(({ figures, dimensions }) =>
    Object.keys(figures).map((name) => spelt(name, Object.keys(dimensions))),
  );
}

it("the dashboard shows document 004's five, as calls publish them, and no tenant", async () => {
  const onDashboard = shown(prod);
  expect([...onDashboard].sort()).toEqual([
    "AuthFailures connector",
    "MethodCalls connector,outcome",
    "MethodDuration connector,outcome",
    "MethodErrors connector,method",
    "RateLimitHits connector",
    "VendorAvailable connector",
  ]);

  const known = new Set(await published());
  expect(onDashboard.filter((metric) => !known.has(metric))).toEqual([]);
});

it("the emulator, which draws no figures, has no dashboard", () => {
  expect(shown(local)).toEqual([]);
});
