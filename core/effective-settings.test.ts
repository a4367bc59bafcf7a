import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OperationsSettings } from "../schemas/operations-settings.ts";
import { effectiveSettings, settingValues } from "./effective-settings.ts";

const ENVIRONMENT: OperationsSettings = {
  logLevel: "INFO",
  logDestinations: ["log"],
  attemptSeconds: 5,
  totalSeconds: 20,
  asyncSeconds: 60,
  attempts: 3,
  firstRetrySeconds: 1,
  longestRetrySeconds: 8,
  breakerFailures: 5,
  breakerOpenSeconds: 30,
  cacheSeconds: 0,
};
const RATE = { requestsPerSecond: 1, burst: 1, reservedShare: 0, maxPerRecordCalls: 1 };

type Said = Partial<OperationsSettings>;

const inForce = (connector: Said | null, endpoint: Said, ofMethod: Said) =>
  effectiveSettings({
    environment: ENVIRONMENT,
    rateLimit: RATE,
    connector: { rateLimit: null, operations: connector },
    endpointConfig: {},
    endpoint: { ...endpoint, methods: { getOrder: ofMethod } },
    method: "getOrder",
  });

describe("settings in force", () => {
  it.each([
    [null, {}, {}, 3, "ENVIRONMENT"],
    [{ attempts: 4 }, {}, {}, 4, "CONNECTOR"],
    [{ attempts: 4 }, { attempts: 5 }, {}, 5, "ENDPOINT"],
    [{ attempts: 4 }, { attempts: 5 }, { attempts: 6 }, 6, "METHOD"],
    [{ attempts: 4 }, {}, { attempts: 6 }, 6, "METHOD"],
  ] as const)("environment < connector %j < endpoint %j < method %j: %i of %s", (...row) => {
    const [connector, endpoint, method, value, from] = row;
    expect(inForce(connector, endpoint, method).attempts).toEqual({ value, from });
  });

  it("are each the last level's that says something, whatever the others say", () => {
    const said = fc.record(
      { attempts: fc.integer({ min: 1, max: 10 }), cacheSeconds: fc.integer({ min: 0, max: 9 }) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(said, said, said, (connector, endpoint, method) => {
        const { attempts, cacheSeconds } = settingValues(inForce(connector, endpoint, method));
        const all = { ...ENVIRONMENT, ...connector, ...endpoint, ...method };
        expect({ attempts, cacheSeconds }).toEqual({
          attempts: all.attempts,
          cacheSeconds: all.cacheSeconds,
        });
      }),
    );
  });
});
