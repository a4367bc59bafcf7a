import { expect, it } from "vitest";
import { ENV } from "../schemas/names.ts";
import { OPERATIONS, QUOTAS, RATE_LIMIT } from "../tests/stage/quotas.ts";
import { readEnv } from "./env.ts";

const complete = {
  [ENV.environment]: "test",
  [ENV.controlTable]: "c",
  [ENV.eventsTable]: "e",
  [ENV.hotTable]: "h",
  [ENV.stagingBucket]: "s",
  [ENV.temporalSecret]: "t",
  [ENV.payloadKey]: "p",
  [ENV.grantSecret]: "g",
  [ENV.defaultQuotas]: JSON.stringify(QUOTAS),
  [ENV.brokerFunction]: "b",
  [ENV.rateLimit]: JSON.stringify(RATE_LIMIT),
  [ENV.operations]: JSON.stringify(OPERATIONS),
  [ENV.allowPrivateNetworks]: "false",
};

it("reads what the service needs", () => {
  expect(readEnv({ ...complete, PATH: "/bin" })).toEqual({
    ...complete,
    [ENV.defaultQuotas]: QUOTAS,
    [ENV.rateLimit]: RATE_LIMIT,
    [ENV.operations]: OPERATIONS,
    [ENV.allowPrivateNetworks]: false,
  });
});

it("names every variable that is missing or empty, and no value", () => {
  const lacking = { ...complete, [ENV.hotTable]: "", [ENV.payloadKey]: undefined };
  expect(() => readEnv(lacking)).toThrow(
    "Set the environment variables INLET_HOT_TABLE, INLET_PAYLOAD_KEY of the worker.",
  );
});
